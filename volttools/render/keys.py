"""Keys as they are pressed, one by one, from a terminal that is given back as it was.

On Windows only letters and signs come; where standard input is no terminal, none do.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

_NAMED: Final = {
    b"\x1b[A": "up", b"\x1bOA": "up", b"\x1b[B": "down", b"\x1bOB": "down",
    b"\x1b[C": "right", b"\x1bOC": "right", b"\x1b[D": "left", b"\x1bOD": "left",
    b"\x1b[5~": "page up", b"\x1b[6~": "page down",
    b"\x1b[H": "home", b"\x1bOH": "home", b"\x1b[1~": "home",
    b"\x1b": "escape", b"\r": "enter", b"\n": "enter", b"\t": "tab", b"\x7f": "backspace", b"\x08": "backspace",
}  # fmt: skip
_ONE_KEY: Final = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[@-~]|[\xc0-\xff][\x80-\xbf]+|.", re.DOTALL)


def keys_of(data: bytes) -> list[str]:
    r"""The names of keys in what a terminal sent; those that nobody knows are left out.

    >>> keys_of(b"q\x1b[A\x1b[15~\xc3\xa9\t")
    ['q', 'up', 'é', 'tab']
    """
    found = []
    for piece in _ONE_KEY.findall(data):
        if piece in _NAMED:
            found.append(_NAMED[piece])
        elif not piece.startswith(b"\x1b"):
            text = piece.decode(errors="ignore")
            if text.isprintable() and text:
                found.append(text)
    return found


class Keys:
    """Reads keys until it is left; also woken from other threads, by a new size, and by signals that end.

    stop, start   called before Ctrl-Z stops the program, and when it goes on: the screen's
    """

    def __init__(
        self, stop: Callable[[], None] = lambda: None, start: Callable[[], None] = lambda: None
    ) -> None:
        self._stop = stop
        self._start = start
        self._stdin = _terminal()
        self._saved: Any = None
        self._before: dict[int, Any] = {}
        self._reader, self._writer = os.pipe()
        if sys.platform != "win32":  # there nothing waits for it
            os.set_blocking(self._writer, False)
            os.set_blocking(self._reader, False)
        self._is_suspend_asked = False
        self.is_ended = False

    @property
    def are_there(self) -> bool:
        """Whether keys can come."""
        return self._stdin is not None

    def __enter__(self) -> Self:
        self._take_terminal()
        for name, handler in (
            ("SIGWINCH", self._on_size), ("SIGTSTP", self._on_suspend),
            ("SIGTERM", self._on_end), ("SIGHUP", self._on_end),
        ):  # fmt: skip
            number = getattr(signal, name, None)
            if number is not None and threading.current_thread() is threading.main_thread():
                self._before[number] = signal.signal(number, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_terminal_back()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._writer)
        os.close(self._reader)

    def wake(self) -> None:
        """Let `read` return. For other threads, and for signals."""
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.write(self._writer, b"!")

    def read(self, timeout_s: float) -> list[str]:
        """Wait for keys, at most so long; none where it was woken, or the time is over."""
        if sys.platform == "win32":
            return _read_windows(min(timeout_s, 0.25))
        waited_for = [self._reader] + ([] if self._stdin is None else [self._stdin])
        ready, _, _ = select.select(waited_for, [], [], timeout_s)
        if self._reader in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._reader, 4096)
        if self._is_suspend_asked:
            self._suspend()
        if self._stdin is None or self._stdin not in ready:
            return []
        try:
            data = os.read(self._stdin, 1024)
        except OSError:
            data = b""
        self.is_ended = self.is_ended or not data  # the terminal is gone
        return keys_of(data)

    # ---------------------------------------------------------- terminal

    def _take_terminal(self) -> None:
        """Have keys at once, and not shown; Ctrl-C and Ctrl-Z stay signals."""
        if self._stdin is None or sys.platform == "win32":
            return
        import termios
        import tty

        self._saved = termios.tcgetattr(self._stdin)
        tty.setcbreak(self._stdin)

    def _give_terminal_back(self) -> None:
        if self._saved is not None and self._stdin is not None and sys.platform != "win32":
            import termios

            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._stdin, termios.TCSADRAIN, self._saved)
            self._saved = None

    def _on_size(self, number: int, frame: FrameType | None) -> None:
        self.wake()

    def _on_end(self, number: int, frame: FrameType | None) -> None:
        self.is_ended = True
        self.wake()

    def _on_suspend(self, number: int, frame: FrameType | None) -> None:
        self._is_suspend_asked = True
        self.wake()

    def _suspend(self) -> None:
        """Give everything back, stop, and take it again when the program goes on."""
        self._is_suspend_asked = False
        self._stop()
        self._give_terminal_back()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)
        self._take_terminal()
        self._start()


def _terminal() -> int | None:
    """The file descriptor of standard input, if that is a terminal."""
    try:
        return sys.stdin.fileno() if sys.stdin.isatty() else None
    except (AttributeError, OSError, ValueError):
        return None


def _read_windows(timeout_s: float) -> list[str]:  # pragma: no cover
    import msvcrt

    console: Any = msvcrt
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if console.kbhit():
            return keys_of(str(console.getwch()).encode())
        time.sleep(0.05)
    return []
