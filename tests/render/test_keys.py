import contextlib
import io
import os
import signal
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.render.keys import Keys, keys_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals are other ones there")


@pytest.fixture
def terminal(monkeypatch):
    """Both ends of a pseudo terminal; ours is standard input."""
    outside, inside = os.openpty()
    with open(inside, encoding="utf-8", closefd=False) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield outside, inside
    os.close(inside)
    os.close(outside)


def settings(inside):
    import termios

    return termios.tcgetattr(inside)


def is_raw(inside):
    import termios

    return not settings(inside)[3] & (termios.ICANON | termios.ECHO)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"q", ["q"]),
        (b"\x1b", ["escape"]),
        (b"\x1b[A\x1b[B\x1bOA", ["up", "down", "up"]),
        (b"\x1b[5~\x1b[6~\x1b[H", ["page up", "page down", "home"]),
        (b"\x1b[1;5C\x1b[200~x", ["x"]),
        ("é漢".encode(), ["é", "漢"]),
        (b"\r\n\t\x7f", ["enter", "enter", "tab", "backspace"]),
        (b"\x00\x01\xff", []),
    ],
)
def test_keys_have_names(data, keys):
    assert keys_of(data) == keys


@given(st.binary())
def test_whatever_comes_is_no_error(data):
    assert all(key.isprintable() for key in keys_of(data))


def test_keys_come_at_once_and_the_terminal_is_given_back(terminal):
    outside, inside = terminal
    before = settings(inside)
    with contextlib.suppress(KeyboardInterrupt), Keys() as keys:
        assert keys.are_there
        assert is_raw(inside)
        os.write(outside, b"2\x1b[A")
        assert keys.read(30) == ["2", "up"]
        raise KeyboardInterrupt
    assert settings(inside) == before


def test_it_is_woken_by_another_thread_and_by_a_new_size(terminal):
    with Keys() as keys:
        threading.Thread(target=keys.wake).start()
        assert keys.read(30) == []
        os.kill(os.getpid(), signal.SIGWINCH)
        assert keys.read(30) == []
        assert not keys.is_ended


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_end_it_and_have_their_handlers_back(terminal, number):
    before = signal.getsignal(number)
    with Keys() as keys:
        os.kill(os.getpid(), number)
        keys.read(30)
        assert keys.is_ended
    assert signal.getsignal(number) is before


def test_ctrl_z_gives_the_terminal_back_before_the_program_stops(terminal, monkeypatch):
    _, inside = terminal
    seen = []
    with Keys(lambda: seen.append("screen off"), lambda: seen.append("screen on")) as keys:
        os.kill(os.getpid(), signal.SIGTSTP)
        monkeypatch.setattr(os, "kill", lambda pid, number: seen.append((number, is_raw(inside))))
        keys.read(30)
        assert is_raw(inside)
    assert seen == ["screen off", (signal.SIGTSTP, False), "screen on"]


def test_a_terminal_that_is_gone_ends_it(terminal, monkeypatch):
    outside, _ = terminal
    with Keys() as keys:
        os.write(outside, b"x")
        monkeypatch.setattr(os, "read", lambda fd, most: b"")
        assert keys.read(30) == []
        assert keys.is_ended


def test_without_a_terminal_there_are_no_keys(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("q"))
    with Keys() as keys:
        assert not keys.are_there
        assert keys.read(0) == []
        assert not keys.is_ended
