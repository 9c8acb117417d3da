"""Files that are written while something must not wait for them.

`RecordedFile.write` takes bytes and never waits nor raises. A thread writes what was taken at
most `FLUSH_S` ago, with one call of the system, so that it outlives this process whatever becomes
of it. Where writing fails - the disk is full - what was taken is kept, up to `MOST_WAITING_BYTES`,
and tried again; that is told once, and when it works again. `has_room` says whether there is room
for more; who writes in spite of that loses it.

With `writes_at_once` there is no thread: `write` is back when the system has the bytes.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from volttools.capture.writers import STDOUT
from volttools.errors import CaptureError, UsageError

FLUSH_S: Final = 0.03
RETRY_S: Final = 0.5
WRITE_BYTES: Final = 2**20
"""So many bytes are written without waiting for more."""

MOST_WAITING_BYTES: Final = 2**26


class Disk:
    """Writes files. `on_trouble` gets sentences, also from another thread.

    waiting_bytes   not written yet
    bytes_written   so far
    """

    def __init__(self, *, writes_at_once: bool = False, on_trouble: Callable[[str], None]) -> None:
        self._at_once = writes_at_once
        self._on_trouble = on_trouble
        self._lock = threading.Condition()  # held for moments: what waits
        self._writing = threading.Lock()  # held as long as it takes
        self._dirty: dict[RecordedFile, None] = {}
        self.waiting_bytes = 0
        self._is_closing = False
        self._failing: str | None = None  # what was said of it
        self._failed_at = 0.0
        self._thread: threading.Thread | None = None
        self.bytes_written = 0

    def has_room(self) -> bool:
        """Whether what is written now will be kept."""
        if self._at_once and self._is_time_to_retry:
            self._write_waiting()
        return self.waiting_bytes < MOST_WAITING_BYTES

    @property
    def _is_time_to_retry(self) -> bool:
        return self._failing is not None and time.monotonic() - self._failed_at >= RETRY_S

    def open(self, path: str, *, overwrite: bool) -> RecordedFile:
        """A file, which is there from now on. Raises UsageError for one that is there already."""
        if path != STDOUT and os.path.isfile(path) and not overwrite:
            raise UsageError(f"{path} is there already: give another name, or --overwrite")
        file = self.open_later(path)
        try:
            file._open()
        except OSError as error:
            raise CaptureError(f"can't be written: {error.strerror}", file=path) from None
        return file

    def open_later(self, path: str) -> RecordedFile:
        """A file that is made with what is first written to it; it takes the place of one that is there."""
        return RecordedFile(self, path)

    def close(self) -> None:
        """Write what waits, as far as that works."""
        with self._lock:
            self._is_closing = True
            self._lock.notify()
        if self._thread is not None:
            self._thread.join()
        self._write_waiting()
        if self.waiting_bytes:
            self._on_trouble(f"{self.waiting_bytes:,} bytes could not be written in the end: {self._failing}")

    def _take(self, file: RecordedFile, data: bytes) -> None:
        """Keep bytes until they are written; or write them."""
        with self._lock:
            file._waiting.append(data)
            self.waiting_bytes += len(data)
            was_idle = not self._dirty
            self._dirty[file] = None
            if not self._at_once and (was_idle or self.waiting_bytes >= WRITE_BYTES):
                self._lock.notify()
        if self._at_once:
            if self._failing is None or self._is_time_to_retry:
                self._write_waiting()
        elif self._thread is None:
            self._thread = threading.Thread(target=self._run, name="volttools recording", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """The thread."""
        lock = self._lock
        while True:
            with lock:
                lock.wait_for(lambda: self._dirty or self._is_closing)
                if self._is_closing:
                    return
                if self._failing is not None:
                    lock.wait_for(lambda: self._is_closing, RETRY_S)
                elif self.waiting_bytes < WRITE_BYTES:
                    lock.wait_for(lambda: self._is_closing or self.waiting_bytes >= WRITE_BYTES, FLUSH_S)
            self._write_waiting()

    def _write_waiting(self) -> None:
        """Write what was taken, until nothing is left or something fails."""
        with self._writing:
            while (file := self._next()) is not None:
                try:
                    self._write_file(file)
                except OSError as error:
                    self._fail(file, error)
                    return
            if self._failing is not None:
                self._failing = None
                self._on_trouble("the recording is written again")

    def _next(self) -> RecordedFile | None:
        with self._lock:
            return next(iter(self._dirty), None)

    def _write_file(self, file: RecordedFile) -> None:
        """Write what waits for a file; what could not be written waits on."""
        with self._lock:
            taken = b"".join(file._waiting)
            file._waiting.clear()
            is_last = file._is_closing
        done = 0
        try:
            while done < len(taken):
                done += file._write(taken[done:] if done else taken)
        finally:
            with self._lock:
                if done < len(taken):
                    file._waiting.appendleft(taken[done:])
                elif not file._waiting:
                    self._dirty.pop(file, None)
                self.waiting_bytes -= done
                self.bytes_written += done
        if is_last:
            file._close()

    def _fail(self, file: RecordedFile, error: OSError) -> None:
        self._failed_at = time.monotonic()
        if self._failing is None:
            self._failing = error.strerror or str(error)
            self._on_trouble(
                f"{file.name} can't be written: {self._failing}; all is passed on nevertheless, and kept for later"
                f" up to {MOST_WAITING_BYTES >> 20} MiB"
            )


class RecordedFile:
    """One file. `write` and `close` come back at once.

    bytes_taken   how long it will be
    on_closed     called when it is closed, by whoever does it
    """

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self.path = path
        self._fd: int | None = None
        self._waiting: deque[bytes] = deque()
        self._is_closing = False
        self.bytes_taken = 0
        self.on_closed: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "standard output" if self.path == STDOUT else self.path

    def write(self, data: bytes) -> int:
        """Take bytes for the end of the file."""
        self.bytes_taken += len(data)
        self._disk._take(self, data)
        return len(data)

    def close(self) -> None:
        """Close it when all is written."""
        self._is_closing = True
        self._disk._take(self, b"")

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        self._fd = sys.stdout.fileno() if self.path == STDOUT else os.open(self.path, flags, 0o666)
        return self._fd

    def _write(self, data: bytes) -> int:
        return os.write(self._open() if self._fd is None else self._fd, data)

    def _close(self) -> None:
        if self._fd is not None and self.path != STDOUT:
            os.close(self._fd)
            self._fd = None
        if self.on_closed is not None:
            self.on_closed()
