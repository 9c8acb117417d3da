"""Plans of one connection, with a clock that is turned by hand."""

import heapq
import itertools

from hypothesis import given
from hypothesis import strategies as st

from volttools.faults.actions import Close, Hold, NodeDown, Reset, Send, SendSlowly, Stall, Wait
from volttools.faults.delivery import Delivery


class Turn:
    def __init__(self, action):
        self.action = action

    def cancel(self):
        self.action = None


class Socket:
    """An outlet that notes what happens, and when."""

    def __init__(self):
        self.now = 0.0
        self.noted = []
        self.settled_count = 0
        self._turns = []
        self._order = itertools.count()
        self.delivery = Delivery(self)

    def write(self, data):
        self.noted.append((round(self.now, 6), data))

    def close(self):
        self.noted.append((round(self.now, 6), "close"))

    def reset(self):
        self.noted.append((round(self.now, 6), "reset"))

    def stall(self):
        self.noted.append((round(self.now, 6), "stall"))

    def node_down(self, for_s):
        self.noted.append((round(self.now, 6), ("down", for_s)))

    def later(self, seconds, action):
        turn = Turn(action)
        heapq.heappush(self._turns, (self.now + seconds, next(self._order), turn))
        return turn

    def settled(self):
        self.settled_count += 1

    def run(self, until=float("inf")):
        while self._turns and self._turns[0][0] <= until:
            self.now, _, turn = heapq.heappop(self._turns)
            if turn.action is not None:
                turn.action()
        return self.noted


def delivered(*plans):
    socket = Socket()
    for plan in plans:
        socket.delivery.deliver(plan)
    return socket


def test_what_waits_does_not_hold_up_others():
    socket = delivered((Wait(2), Send(b"late")), (Wait(0), Send(b"at once")))
    assert (socket.delivery.pending, socket.delivery.pending_bytes) == (1, 4)
    assert socket.run() == [(0, b"at once"), (2, b"late")]
    assert (socket.delivery.pending, socket.delivery.pending_bytes, socket.settled_count) == (0, 0, 1)


def test_what_is_sent_slowly_is_not_mixed_with_others():
    slow = (SendSlowly(b"abcde", 2, 1), Send(b"!"))
    socket = delivered(slow, (Send(b"next"),), slow)
    socket.delivery.send(b"plain")
    assert socket.run() == [
        (0, b"ab"), (1, b"cd"), (2, b"e"), (2, b"!"), (2, b"next"),
        (2, b"ab"), (3, b"cd"), (4, b"e"), (4, b"!"), (4, b"plain"),
    ]  # fmt: skip


def test_what_is_held_comes_behind_so_many_others_or_in_time():
    socket = delivered((Hold(b"first", 2, 9),))
    for data in (b"second", b"third", b"fourth"):
        socket.delivery.send(data)
    assert socket.run() == [(0, b"second"), (0, b"third"), (0, b"first"), (0, b"fourth")]
    assert delivered((Hold(b"alone", 2, 9), Send(b"!"))).run() == [(9, b"alone"), (9, b"!")]


def test_what_is_held_waits_also_for_what_is_sent_slowly():
    socket = delivered((Hold(b"held", 1, 9),), (SendSlowly(b"ab", 1, 1),))
    assert socket.run() == [(0, b"a"), (1, b"b"), (1, b"held")]


def test_nothing_is_sent_behind_an_end():
    for end, noted in (
        (Close(), "close"),
        (Reset(), "reset"),
        (Stall(), "stall"),
        (NodeDown(3), ("down", 3)),
    ):
        socket = delivered((Wait(5), Send(b"too late")), (Send(b"a"), end, Send(b"never")), (Send(b"no"),))
        socket.delivery.send(b"no")
        assert socket.run() == [(0, b"a"), (0, noted)]
        assert (socket.delivery.pending, socket.delivery.is_over) == (0, True)


def test_a_close_waits_for_what_is_sent_slowly_and_a_reset_does_not():
    assert delivered((SendSlowly(b"ab", 1, 1),), (Close(),)).run() == [(0, b"a"), (1, b"b"), (1, "close")]
    assert delivered((SendSlowly(b"ab", 1, 1),), (Reset(),)).run() == [(0, b"a"), (0, "reset")]


def test_an_end_from_outside_cancels_all():
    socket = delivered((Wait(1), Send(b"a")), (Hold(b"b", 1, 1),), (SendSlowly(b"cd", 1, 1),))
    socket.delivery.end()
    assert socket.run() == [(0, b"c")]
    assert (socket.delivery.pending, socket.delivery.pending_bytes) == (0, 0)


_sending = st.binary(min_size=1, max_size=6).flatmap(
    lambda data: st.sampled_from([Send(data), SendSlowly(data, 2, 0.5), Hold(data, 2, 3.0)])
)
_plan = st.lists(st.one_of(_sending, st.builds(Wait, st.sampled_from([0.0, 0.25, 1.0]))), max_size=4).map(
    tuple
)


@given(st.lists(_plan, max_size=6))
def test_every_plan_comes_to_its_end_and_every_message_in_one_piece(plans):
    socket = delivered(*plans)
    socket.run()
    assert (socket.delivery.pending, socket.delivery.pending_bytes) == (0, 0)
    sent = b"".join(data for _, data in socket.noted)
    messages = [action.data for plan in plans for action in plan if not isinstance(action, Wait)]
    assert len(sent) == sum(map(len, messages))
    assert all(message in sent for message in messages)
