import pytest

from volttools.errors import EncodeError
from volttools.jsonlines.members import Members

LINE = {
    "text": "x",
    "number": 3,
    "flag": True,
    "list": [{"a": 1}],
    "object": {"deep": "y"},
    "hex": "00ff",
    "null": None,
}


def test_members_come_with_their_types():
    line = Members(LINE)
    assert (line.text("text"), line.number("number"), line.flag("flag")) == ("x", 3, True)
    assert line.items("list") == [{"a": 1}]
    assert line.object("object").text("deep") == "y"
    assert line.bytes("hex") == b"\x00\xff"
    assert line.choice("text", {"x": 7}) == 7
    assert [found.number("a") for found in line.objects("list")] == [1]


def test_what_is_not_there_has_its_default():
    line = Members(LINE)
    assert (line.text("other", "z"), line.number("other"), line.flag("other")) == ("z", None, False)
    assert line.required_number("null", 5) == line.required_number("other", 5) == 5
    assert (line.items("other"), line.object("other"), line.bytes("null")) == (None, None, None)
    assert "text" in line
    assert "other" not in line


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: m.text("number"), "number: expected text or null, got 3"),
        (lambda m: m.number("text"), "text: expected a whole number, got 'x'"),
        (lambda m: m.number("flag"), "flag: expected a whole number, got True"),
        (lambda m: m.flag("number"), "number: expected true or false, got 3"),
        (lambda m: m.items("text"), "text: expected a list, got 'x'"),
        (lambda m: m.object("text"), "text: expected an object, got 'x'"),
        (lambda m: m.bytes("text"), "text: expected bytes in hex, two digits each, got 'x'"),
        (lambda m: m.choice("text", {"y": 1, "z": 2}), "text: expected one of y, z, got 'x'"),
        (lambda m: m.choice("other", {"y": 1}), "other: expected one of y, it is missing"),
        (lambda m: m.object("object").number("deep"), "object.deep: expected a whole number, got 'y'"),
        (lambda m: next(m.objects("list")).text("a"), "list[0].a: expected text or null, got 1"),
        (lambda m: m.choice("text", {"xx": 1}), "text: there is no 'x'; did you mean 'xx'?"),
        (
            lambda m: m.only_or_within("answer", ["text"], "a"),
            "'text' stands within 'answer': {\"answer\": {\"text\": ...}}",
        ),
        (lambda m: m.only("texts", "lists"), "no member is called 'text'; did you mean 'texts'?"),
        (lambda m: m.object("object").only("qqq"), "object: no member is called 'deep'; there are qqq"),
        (lambda m: Members([1]), "expected an object, got [1]"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(ask, message):
    with pytest.raises(EncodeError) as caught:
        ask(Members(LINE))
    assert str(caught.value) == message
