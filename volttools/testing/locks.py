"""One at a time records a cassette, among all processes of this machine.

The lock is a file of its own in the directory for temporary files, so that nothing appears beside the
cassette; it ends with its process, however that ends. In it stands which run of the tests wrote the cassette
last: with record mode `all`, tests that share a cassette replace that of an earlier run, not each other's.
"""

from __future__ import annotations

import contextlib
import errno
import getpass
import hashlib
import os
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from volttools.errors import UsageError

WAIT_S = 60.0
_PAUSE_S = 0.02

_held: set[Path] = set()


class RecordingLock:
    """Held while a cassette is read, recorded and written.

    last_run  which run wrote the cassette last, by that run's own words; "" where nobody knows
    """

    def __init__(self, cassette: Path, *, wait_s: float = WAIT_S) -> None:
        self._cassette = cassette
        self._path = cassette.resolve()
        self._wait_s = wait_s
        self._file: IO[bytes] | None = None
        self.last_run = ""

    def __enter__(self) -> Self:
        if self._path in _held:
            raise UsageError(
                f"{self._cassette} is being recorded by this test already: one server records a cassette at a time"
            )
        file = _lock_file(self._path).open("a+b")
        give_up_at = time.monotonic() + self._wait_s
        while not _try_lock(file):
            if time.monotonic() > give_up_at:
                file.close()
                raise UsageError(
                    f"{self._cassette} has been recorded by another process for {self._wait_s:g} s: let tests "
                    "that share a cassette run in one (pytest -n 0), or give each its own"
                )
            time.sleep(_PAUSE_S)
        file.seek(0)
        self.last_run = file.read().decode(errors="replace")
        self._file = file
        _held.add(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            _held.discard(self._path)
            self._file.close()
            self._file = None

    def wrote(self, run: str) -> None:
        """Note which run wrote the cassette."""
        assert self._file is not None
        self._file.seek(0)
        self._file.truncate()
        self._file.write(run.encode())
        self._file.flush()


def _lock_file(path: Path) -> Path:
    directory = Path(tempfile.gettempdir()) / f"volttools-locks-of-{_user()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory / hashlib.sha256(os.fsencode(path)).hexdigest()


def _user() -> str:
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "somebody"


try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        file.seek(2**30)  # far behind what is read and written: there a lock keeps others from reading
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
else:

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            raise
        return True
