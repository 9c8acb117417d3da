import pytest

from tests.stats.samples import exchange
from volttools.errors import UsageError
from volttools.stats.keys import NOTHING, UNKNOWN_PROCEDURE, key_of


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("procedure", "Vote"),
        ("connection", "3 10.0.0.1:3 ann"),
        ("minute", "2023-11-14 22:13"),
        ("status", "USER_ABORT"),
        ("param:0", "7"),
        ("param:1", '"x"'),
        ("param:9", NOTHING),
        ("params[0]", "7"),
        ("user", "ann"),
        ("row_count", "2"),
        ("late", "no"),
        ("latency > 5ms", "no"),
        ("latency", "1.00 ms"),
        ("tables[0].columns[0]", "ID"),
    ],
)
def test_a_call_has_its_group(by, expected):
    call = exchange("Vote", 7, "x", connection=3, status=-1, rows=2)
    assert key_of(by).of(call) == expected


def test_an_empty_text_is_told_as_one():
    assert key_of("status_string").of(exchange("Vote")) == NOTHING
    call = exchange("Vote")
    call.connection.user = ""
    assert key_of("user").of(call) == '""'


def test_a_name_of_a_value_is_told_as_its_name():
    assert key_of("params[0].type").of(exchange("Vote", 7)) == "INTEGER"
    assert key_of("status").of(exchange(latency_ms=None)) == "no answer"


def test_sql_is_told_by_its_fingerprint():
    assert key_of("procedure").of(exchange("@AdHoc", "select 1")) == "@AdHoc SELECT ?"


def test_what_is_not_there_has_a_group_too():
    lost = exchange()
    lost.procedure = lost.request_frame = None
    assert key_of("procedure").of(lost) == UNKNOWN_PROCEDURE
    assert key_of("param:0").of(lost) == NOTHING
    assert key_of("minute").of(exchange(sent_ms=None)) == NOTHING


def test_a_long_value_is_cut():
    assert len(key_of("param:0").of(exchange("Vote", "x" * 5000))) < 120


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("foo", "can't count by 'foo': column 1: no field is called 'foo'"),
        ("latency >", "expected a field or a value"),
        ("params[*]", "it has many values; name one, with a position such as [0]"),
        ("params", "it is a list"),
        ("login", "it is a group; name one of its fields, such as login.version"),
        ("", "the expression is empty"),
    ],
)
def test_what_is_no_key_is_refused(by, said):
    with pytest.raises(UsageError) as caught:
        key_of(by)
    assert said in str(caught.value)
