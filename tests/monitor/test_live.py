import io
import os
import sys
import threading
from dataclasses import replace

import pytest
from rich.console import Console

from tests.monitor.answers import handle_statistics, profile, table
from volttools.client import connect
from volttools.errors import CannotConnect, LoginRefused
from volttools.mock import MockServer
from volttools.monitor.asking import Asker, Trouble
from volttools.monitor.counters import Calls, TableSize
from volttools.monitor.differences import Sample
from volttools.monitor.live import Polling, Viewer, show_live
from volttools.monitor.view import Choices
from volttools.render.live import LiveLines


def live(width=80, height=24):
    return LiveLines(
        Console(file=io.StringIO(), force_terminal=True, width=width, height=height, _environ={})
    )


def sample(at_s, calls=10):
    procedures = {"Vote": Calls(calls, 1000, 1000, 0, 0)}
    return Sample(
        at_ns=at_s * 10**9,
        address="db1",
        version="11",
        started_ms=None,
        procedures=(at_s * 10**9, procedures),
    )


def drawn(viewer, screen):
    screen.console.file.seek(0)
    screen.console.file.truncate()
    viewer.draw()
    return screen.console.file.getvalue()


def test_while_it_is_paused_the_screen_stays_and_the_counting_goes_on():
    screen, choices = live(), Choices()
    viewer = Viewer(choices, screen, "db1")
    with screen:
        viewer.take(sample(1, 100))
        viewer.take(sample(2, 300))
        assert "200/s" in drawn(viewer, screen)
        viewer.press("p")
        viewer.take(sample(3, 1300))
        assert "200/s" in drawn(viewer, screen)
        viewer.press("p")
        viewer.take(sample(4, 1350))
        assert "50.0/s" in drawn(viewer, screen)


def test_a_view_that_is_new_while_it_is_paused_is_shown():
    screen = live()
    viewer = Viewer(Choices(), screen, "db1")
    with screen:
        viewer.take(sample(1))
        viewer.press("p")
        viewer.press("2")
        assert "asking ..." in drawn(viewer, screen)
        viewer.take(replace(sample(2), tables=(2, {"VOTES": TableSize("", 5, 6, 1, False)})))
        assert "VOTES" in drawn(viewer, screen)


def test_trouble_is_shown_until_the_next_answer():
    screen = live()
    viewer = Viewer(Choices(), screen, "db1")
    with screen:
        viewer.take(sample(1))
        viewer.take(Trouble("db1: lost", 4.0))
        shown = drawn(viewer, screen)
        assert "db1: lost; again in 4 s" in shown
        assert "Vote" in shown
        viewer.take(sample(2))
        assert "lost" not in drawn(viewer, screen)


def test_another_view_or_interval_asks_at_once_and_no_other_key():
    viewer = Viewer(Choices(), live(), "db1")
    assert [viewer.press(key) for key in "2+ap?"] == [True, True, False, False, False]


def test_it_is_over_after_so_many_intervals():
    choices = Choices()
    viewer = Viewer(choices, live(), "db1", count=2)
    for at_s in (1, 2):
        viewer.take(sample(at_s))
    assert not choices.is_over
    viewer.take(sample(3))
    assert choices.is_over


def test_polling_asks_at_once_what_is_wanted_now_and_ends():
    class Asked:
        def __init__(self):
            self.wanted = []
            self.closed = threading.Event()

        def ask(self, wanted):
            self.wanted.append(tuple(wanted))
            return sample(len(self.wanted))

        def close(self):
            self.closed.set()

    asker, choices, woken = Asked(), Choices(interval_s=3600), threading.Semaphore(0)
    polling = Polling(asker, choices, woken.release)
    polling.start()
    assert woken.acquire(timeout=30)
    choices.press("2")
    polling.ask_now()
    assert woken.acquire(timeout=30)
    polling.end()
    assert asker.wanted[:2] == [(), ("TABLE",)]
    assert asker.closed.is_set()
    assert isinstance(polling.found.get(), Sample)


def test_a_server_that_is_silent_is_not_waited_for_at_the_end():
    """Closing its connection would wait for the answer, too."""
    asked, answered = threading.Event(), threading.Event()
    closed = []

    class Silent:
        def ask(self, wanted):
            asked.set()
            answered.wait(60)
            return sample(1)

        def close(self):
            closed.append(True)

    woken = []
    polling = Polling(Silent(), Choices(), lambda: woken.append(True))
    polling.start()
    assert asked.wait(30)
    polling.end()
    assert (closed, woken) == ([], [])
    answered.set()
    assert isinstance(polling.found.get(timeout=30), Sample)
    assert woken == []


def test_what_is_no_trouble_with_the_server_is_raised():
    class Broken:
        def ask(self, wanted):
            raise ZeroDivisionError

        def close(self):
            pass

    with pytest.raises(ZeroDivisionError):
        show_live(Broken(), Choices(), live(), address="db1")


@pytest.mark.skipif(sys.platform == "win32", reason="terminals are other ones there")
@pytest.mark.parametrize("error", [CannotConnect, LoginRefused])
def test_a_viewer_sees_the_screen_and_quits_by_key(monkeypatch, error):
    """From the terminal to the server and back, also where the server is gone for a while."""
    outside, inside = os.openpty()
    tries = []

    def connecting():
        tries.append(1)
        if len(tries) == 1:
            raise error("not yet")
        return connect(server.address, signatures=False)

    screen = live()
    draw = screen.draw
    seen = []

    def watching(lines):
        draw(lines)
        text = "\n".join("".join(piece for piece, _ in line) for line in lines)
        seen.append(text)
        if "CONTESTANTS" in text:
            os.write(outside, b"q")
        elif "Vote" in text:
            os.write(outside, b"2")

    monkeypatch.setattr(screen, "draw", watching)
    monkeypatch.setattr("volttools.monitor.asking.FIRST_PAUSE_S", 0.01)
    with MockServer() as server, open(inside, encoding="utf-8", closefd=False) as stdin:
        handle_statistics(server, PROCEDUREPROFILE=table("PROCEDUREPROFILE", profile("Vote", 5)))
        monkeypatch.setattr(sys, "stdin", stdin)
        show_live(Asker(connecting), Choices(interval_s=0.5), screen, address="db1")
    os.close(inside)
    os.close(outside)
    assert seen[0] == "db1\nasking ..."
    assert any("not yet; again in 0.01 s" in text for text in seen)
    assert "CONTESTANTS" in seen[-1]
