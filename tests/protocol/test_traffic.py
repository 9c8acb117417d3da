"""What was sent comes out step by step: every frame once, holes where they were."""

from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, Conversation, answer, call, framed
from volttools.protocol.observer import Observer
from volttools.protocol.recognition import Recognizer
from volttools.protocol.traffic import Ended, Hole, Opened, Sent


class LoggedConversation(Conversation):
    """A conversation whose steps are collected."""

    def __init__(self, *, at_start=True):
        super().__init__(at_start=at_start)
        recognizer = Recognizer(client_side=CLIENT if at_start else None, server_side=SERVER)
        self.observer = Observer(recognizer, self._connect, at_start=(at_start, at_start), logs_traffic=True)
        self.steps = []

    def bytes(self, side, data):
        found = super().bytes(side, data)
        self.steps += self.observer.steps()
        return found

    def loses(self, side, length, reason="missing"):
        found = super().loses(side, length, reason)
        self.steps += self.observer.steps()
        return found

    def closes(self, side, kind="fin"):
        found = super().closes(side, kind)
        self.steps += self.observer.steps()
        return found


def told(steps):
    """Steps in short."""
    words = []
    for step in steps:
        if isinstance(step, Opened):
            words.append(("opened", step.is_whole))
        elif isinstance(step, Sent):
            words.append((step.frame.direction.value, step.frame.number, step.procedure))
        elif isinstance(step, Hole):
            words.append(("hole", step.direction.value, step.length))
        else:
            assert isinstance(step, Ended)
            words.append(("ended", step.direction.value, step.how))
    return words


def test_a_conversation_comes_out_as_it_was_spoken():
    talk = LoggedConversation().logs_in()
    talk.sends(CLIENT, call("A", 1), call("B", 2))
    talk.sends(SERVER, answer(2), answer(1))
    talk.ends("fin")
    assert told(talk.steps) == [
        ("opened", True),
        ("client", 1, None),
        ("server", 2, None),
        ("client", 3, None),
        ("client", 4, None),
        ("server", 5, "B"),
        ("server", 6, "A"),
        ("ended", "client", "fin"),
        ("ended", "server", "fin"),
    ]
    assert [step.is_login for step in talk.steps if isinstance(step, Sent)] == [True, True] + [False] * 4


def test_nothing_is_collected_unless_it_is_asked_for():
    talk = Conversation().logs_in()
    assert talk.observer.steps() == []


def test_a_hole_stands_where_bytes_are_missing():
    talk = LoggedConversation().logs_in()
    talk.sends(CLIENT, call("A", 1))
    talk.loses(SERVER, 99)
    talk.sends(CLIENT, call("B", 1))
    talk.sends(SERVER, answer(1))
    assert told(talk.steps)[3:] == [
        ("client", 3, None),
        ("hole", "server", 99),
        ("client", 4, None),
        ("server", 5, "B"),
    ]


def test_a_hole_inside_a_frame_is_the_frames_own():
    talk = LoggedConversation().logs_in()
    talk.sends(CLIENT, call("A", 1))
    data = framed(answer(1, rows=30))
    talk.bytes(SERVER, data[:60])
    talk.loses(SERVER, 40)
    talk.bytes(SERVER, data[100:])
    (step,) = [step for step in talk.steps if isinstance(step, Sent) and step.frame.missing]
    assert step.frame.missing == [(56, 96)]
    assert not [step for step in talk.steps if isinstance(step, Hole)]


def test_what_lies_before_the_first_frame_is_no_hole():
    talk = LoggedConversation(at_start=False)
    talk.bytes(SERVER, framed(answer(1))[20:])
    talk.sends(CLIENT, call("A", 1))
    talk.sends(SERVER, answer(1))
    talk.sends(CLIENT, call("B", 1))
    talk.ends()
    assert told(talk.steps)[0] == ("opened", False)
    assert not [step for step in talk.steps if isinstance(step, Hole)]


def test_a_frame_that_never_ended_comes_with_what_came_of_it():
    talk = LoggedConversation().logs_in()
    talk.sends(CLIENT, call("A", 1))
    talk.bytes(SERVER, framed(answer(1))[:50])
    talk.ends("rst")
    (cut,) = [step for step in talk.steps if isinstance(step, Sent) and not step.frame.is_whole]
    assert (len(cut.frame.body), cut.frame.closed_by, cut.procedure) == (46, "rst", "A")


def test_the_byte_of_a_server_that_is_full_is_a_step():
    talk = LoggedConversation()
    talk.sends(CLIENT, LOGIN)
    talk.bytes(SERVER, b"\x01")
    talk.ends("fin")
    (full,) = [step for step in talk.steps if isinstance(step, Sent) and step.is_full]
    assert full.frame.body == b"\x01"


@given(st.data())
def test_however_bytes_are_cut_the_frames_are_the_same(data):
    sent = b"".join(map(framed, [LOGIN, call("A", 1), call("B", 2)]))
    received = b"".join(map(framed, [ACCEPTED, answer(2), answer(1)]))
    talk = LoggedConversation()
    for side, stream in ((CLIENT, sent), (SERVER, received)):
        cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=5)))
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            talk.bytes(side, stream[start:stop])
    talk.ends()
    frames = [step.frame for step in talk.steps if isinstance(step, Sent)]
    for side, stream in (("client", sent), ("server", received)):
        assert b"".join(f.with_prefix() for f in frames if f.direction.value == side) == stream


def test_a_call_that_is_found_late_comes_before_its_response():
    talk = LoggedConversation().logs_in()
    talk.sends(CLIENT, call("A", 1))
    talk.sends(SERVER, answer(1))
    talk.bytes(CLIENT, b"\x00\x01\x00\x00" + framed(call("B", 2))[4:])  # a wrong length
    talk.sends(CLIENT, call("C", 3))
    talk.sends(SERVER, answer(2), answer(3))
    talk.sends(CLIENT, call("D", 4), call("E", 5))
    assert told(talk.steps)[4:] == [
        ("server", 4, "A"),
        ("hole", "client", len(framed(call("B", 2)))),
        ("client", 7, None),
        ("server", 5, None),
        ("server", 6, "C"),
        ("client", 8, None),
        ("client", 9, None),
    ]


def test_what_can_not_be_read_at_the_end_is_a_hole_before_the_responses_that_waited_for_it():
    talk = LoggedConversation().logs_in()
    talk.sends(CLIENT, call("A", 1))
    talk.sends(SERVER, answer(1))
    talk.bytes(CLIENT, b"\xff" * 40)
    talk.sends(SERVER, answer(2))
    talk.ends("fin")
    assert told(talk.steps)[5:] == [
        ("hole", "client", 40),
        ("server", 5, None),
        ("ended", "client", "fin"),
        ("ended", "server", "fin"),
    ]


def test_a_side_of_which_nothing_was_captured_has_a_hole_before_its_end():
    talk = LoggedConversation()
    talk.sends(CLIENT, LOGIN, call("A", 1))
    talk.ends()
    assert told(talk.steps)[3:] == [
        ("ended", "client", "end of capture"),
        ("hole", "server", 1),
        ("ended", "server", "end of capture"),
    ]
    silent = LoggedConversation()
    silent.sends(CLIENT, LOGIN, call("A", 1))
    silent.ends("fin")
    assert not [step for step in silent.steps if isinstance(step, Hole)]
