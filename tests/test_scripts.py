"""Users' Python files: what they define, and where they are wrong."""

import pytest

from volttools.errors import UsageError
from volttools.scripts import MODULE, run_script


def test_a_script_gives_its_names(tmp_path):
    path = tmp_path / "s.py"
    path.write_text("import os\nfile = __file__\ndef f(): return 5\n")
    names = run_script(str(path))
    assert names["f"]() == 5
    assert names["file"] == str(path)
    assert names["f"].__module__ == MODULE


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a = 1\nb = (", ", line 2: SyntaxError: '(' was never closed"),
        ("def f(): 1 / 0\nf()", ", line 1: ZeroDivisionError: division by zero"),
        ("a = 1\nraise SystemExit(7)", ", line 2: SystemExit: 7"),
        ("\0", ": SyntaxError: source code string cannot contain null bytes"),
    ],
)
def test_an_error_has_its_line(tmp_path, text, error):
    path = tmp_path / "s.py"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        run_script(str(path))
    assert str(raised.value) == f"{path}{error}"


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(UsageError, match=r"^nowhere\.py: No such file or directory$"):
        run_script("nowhere.py")
