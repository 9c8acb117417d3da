"""Handlers of a file: which names become procedures, and what they are given."""

import json

import pytest

from tests.mock.wire import Wire
from volttools.errors import UsageError
from volttools.mock import MockServer
from volttools.mock.handler_file import read_handlers, use_handlers

TEXT = """
from json import dumps
class Other: pass
def _helper(): return 1
def Add(a: int, b: int = _helper()): return a + b
def All(*values): return len(values)
def Who(call): return [(call.connection.user,)]
async def Later(a): return a
def insert(a): return a
HANDLERS = {"VOTES.insert": insert, "Always": [(1, "a")]}
"""


def written(tmp_path, text):
    path = tmp_path / "handlers.py"
    path.write_text(text)
    return str(path)


def test_procedures_that_only_read_are_so_in_the_catalog(tmp_path):
    handlers = read_handlers(written(tmp_path, TEXT + 'READ_ONLY = ["Add", "Always"]'))
    with MockServer() as server, Wire(server) as wire:
        use_handlers(server, handlers)
        wire.log_in()
        table = wire.call("@SystemCatalog", "PROCEDURES").tables[0]
    names = [column.name for column in table.columns]
    name, remarks = names.index("PROCEDURE_NAME"), names.index("REMARKS")
    found = {row[name]: json.loads(row[remarks]).get("readOnly") for row in table.rows}
    assert {name for name in handlers.answers if found[name]} == {"Add", "Always"}


def test_own_functions_answer_by_their_names(tmp_path):
    handlers = read_handlers(written(tmp_path, TEXT))
    assert set(handlers.answers) == {"Add", "All", "Who", "Later", "VOTES.insert", "Always"}
    with MockServer() as server, Wire(server) as wire:
        use_handlers(server, handlers)
        wire.log_in(user="ann")

        def rows(*call):
            return wire.call(*call).tables[0].rows

        assert rows("Add", 1, 2) == [(3,)]
        assert rows("Add", 1) == [(2,)]
        assert rows("All", 1, 2, 3) == [(3,)]
        assert rows("Who") == [("ann",)]
        assert rows("Later", 5) == [(5,)]
        assert rows("VOTES.insert", 6) == [(6,)]
        assert rows("Always") == [(1, "a")]
        wrong = wire.call("Add", 1, 2, 3)
    assert wrong.status == -2
    assert wrong.status_string == "VOLTDB ERROR: PROCEDURE Add EXPECTS 2 PARAMS, BUT RECEIVED 3"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import json\n", " defines no function, and no HANDLERS: nothing would be answered by it"),
        ("HANDLERS = 5", ": HANDLERS is 5; it is a dict of handlers by the names of procedures"),
        ("HANDLERS = {1: 2}", ": HANDLERS is {1: 2}; it is a dict of handlers by the names of procedures"),
        ("def f(): ...\nREAD_ONLY = 'f'", ": READ_ONLY is 'f'; it is a list of the names of procedures"),
        ("def f(): ...\nREAD_ONLY = ['g']", ": READ_ONLY has 'g', which nothing in the file answers"),
        ("def f(): ...\nREAD_ONLY = [['f']]", ": READ_ONLY has ['f'], which nothing in the file answers"),
        ("class A: ...\ndef f(a: A): ...", ": f: no wire type for parameter a: "),
        ("x = (", ", line 1: SyntaxError: '(' was never closed"),
    ],
)
def test_a_file_without_handlers_is_refused(tmp_path, text, error):
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        read_handlers(path)
    assert str(raised.value).startswith(path + error)
