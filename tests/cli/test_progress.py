import sys

from volttools.cli.progress import Progress


class Terminal:
    """A terminal that remembers."""

    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def drawn(monkeypatch, *, shares_screen=False, **settings):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    clock = iter(range(100))
    monkeypatch.setattr("volttools.cli.progress.time.monotonic", lambda: float(next(clock)))
    return terminal, Progress(is_wanted=True, shares_screen=shares_screen, **settings)


def test_it_shows_share_rate_and_what_is_left(monkeypatch):
    terminal, progress = drawn(monkeypatch)
    progress.update(50_000_000, 100_000_000)
    assert terminal.text == "\r\x1b[K50 % of 100 MB, 50.0 MB/s, 1.00 s left"


def test_without_a_total_it_shows_what_was_read(monkeypatch):
    terminal, progress = drawn(monkeypatch)
    progress.update(3_000_000)
    assert terminal.text.endswith("3.00 MB read, 3.00 MB/s")


def test_it_makes_room_for_output_on_the_same_screen_only(monkeypatch):
    terminal, progress = drawn(monkeypatch, shares_screen=True)
    progress.update(1, 2)
    progress.before_output()
    assert terminal.text.endswith("\r\x1b[K")
    terminal, progress = drawn(monkeypatch)
    progress.update(1, 2)
    before = terminal.text
    progress.before_output()
    assert terminal.text == before
    progress.clear()
    assert terminal.text == before + "\r\x1b[K"


def test_it_says_nothing_where_stderr_is_no_terminal(capsys):
    progress = Progress(is_wanted=True, shares_screen=False)
    progress.AFTER_S = 0
    progress.update(1, 2)
    progress.clear()
    assert capsys.readouterr().err == ""


def test_it_says_nothing_for_what_is_over_in_a_moment(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(is_wanted=True, shares_screen=False)
    progress.update(1, 2)
    progress.clear()
    assert terminal.text == ""
