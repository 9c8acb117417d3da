import pytest

from tests.protocol.wire import LOGIN, answer, call
from volttools.errors import UsageError
from volttools.formats.login import LoginRequest
from volttools.formats.response import Response
from volttools.hooks import Script
from volttools.protocol.events import Connection, Direction, Exchange, Frame, Push
from volttools.record import Message


@pytest.fixture
def said():
    return []


@pytest.fixture
def load(tmp_path, said):
    """Make a script."""

    def made(text):
        path = tmp_path / "my.py"
        path.write_text(text)
        return Script(str(path), said.append)

    return made


EXCHANGE = Exchange(connection=Connection(number=1), procedure="Vote", status=1)
RESPONSE = Message(client="c:1", direction=Direction.SERVER, kind=Response, procedure="Vote", body=answer(1))


def test_exchanges_are_given_and_other_events_are_not(load, said):
    script = load(
        "seen = []\ndef on_exchange(exchange):\n    seen.append(exchange.procedure)\n    assert seen == ['Vote']\n"
    )
    frame = Frame(direction=Direction.SERVER, body=answer(-2), length=1, offset=0)
    script.event(Push(connection=EXCHANGE.connection, frame=frame, client_handle=-2))
    script.event(EXCHANGE)
    assert not said
    assert not script.rewrites


def test_a_message_can_be_changed(load, said):
    script = load(
        "def rewrite(message):\n"
        "    if message.procedure == 'Vote':\n"
        "        return message.value.replace(status=-2, status_string='not today')\n"
    )
    assert script.rewrites
    found = script.rewrite(RESPONSE)
    assert (found.status, found.status_string) == (-2, "not today")
    login = Message(client="c:1", direction=Direction.CLIENT, kind=LoginRequest, procedure=None, body=LOGIN)
    assert script.rewrite(login) is None
    assert not said


def test_a_script_can_not_end_the_program(load, said):
    script = load("def on_exchange(exchange):\n    exit(3)\ndef rewrite(message):\n    raise SystemExit\n")
    script.event(EXCHANGE)
    assert script.rewrite(RESPONSE) is None
    assert [text.partition(", line ")[2].partition(":")[0] for text in said] == ["2", "4"]


def test_errors_are_told_once_with_their_line(load, said):
    script = load(
        "def on_exchange(exchange):\n    x = 1\n    1 / 0\ndef rewrite(message):\n    return 'text'\n"
    )
    for _ in range(3):
        script.event(EXCHANGE)
        assert script.rewrite(RESPONSE) is None
    assert [sentence.partition("my.py")[2] for sentence in said] == [
        ", line 3: ZeroDivisionError: division by zero",
        ": TypeError: rewrite gave str in the place of Response; it may give message.value.replace(...), or None",
    ]


def test_asking_for_what_can_not_be_read_changes_nothing(load, said):
    script = load("def rewrite(message):\n    return message.value.replace(status=1)\n")
    broken = Message(
        client="c:1", direction=Direction.SERVER, kind=Response, procedure="Vote", body=call()[:5]
    )
    assert script.rewrite(broken) is None
    assert not said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", ", line 1: SyntaxError: '(' was never closed"),
        (
            "import nothing_of_that_name",
            ", line 1: ModuleNotFoundError: No module named 'nothing_of_that_name'",
        ),
        ("on_exchange = 5", " defines neither on_exchange(exchange) nor rewrite(message)"),
    ],
)
def test_a_file_that_is_no_script_is_refused(load, text, message):
    with pytest.raises(UsageError) as caught:
        load(text)
    assert str(caught.value).endswith("my.py" + message)


def test_a_script_that_is_not_there_is_said(said):
    with pytest.raises(UsageError) as caught:
        Script("/no/script.py", said.append)
    assert str(caught.value) == "/no/script.py: No such file or directory"
