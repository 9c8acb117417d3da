import contextlib
import io

from rich.console import Console

from volttools.render.live import LiveLines

ALTERNATE = "\x1b[?1049h", "\x1b[?1049l"


def console():
    return Console(file=io.StringIO(), force_terminal=True, width=40, height=10, _environ={})


def test_lines_are_drawn_and_wiped():
    screen = console()
    with LiveLines(screen) as live:
        live.draw([[("one", "header")], [("two", "plain")]])
        assert "two" in screen.file.getvalue()
    assert screen.file.getvalue().endswith("\x1b[2K")
    assert ALTERNATE[0] not in screen.file.getvalue()


def test_a_whole_screen_is_left_and_the_cursor_is_back_whatever_happens():
    screen = console()
    with contextlib.suppress(KeyboardInterrupt), LiveLines(screen, whole_screen=True) as live:
        live.draw([[("one", "plain")]])
        raise KeyboardInterrupt
    text = screen.file.getvalue()
    assert text.count(ALTERNATE[0]) == text.count(ALTERNATE[1]) == 1
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")


def test_it_can_begin_again():
    screen = console()
    live = LiveLines(screen, whole_screen=True)
    for _ in range(2):
        live.start()
        live.draw([[("one", "plain")]])
        live.stop()
    text = screen.file.getvalue()
    assert text.count(ALTERNATE[0]) == text.count(ALTERNATE[1]) == 2
