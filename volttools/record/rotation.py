"""A recording in several files, one after the other: when the next one begins, what it is called, and
which old ones go.

Names hold the time at which a file was begun, so they sort: "out-20260105T101112Z-0001.pcapng". Files
that are whole are compressed on the side, by a thread; those beyond the number to keep are deleted,
the oldest first, also those that an earlier run left, and nothing else than files of such names.
"""

from __future__ import annotations

import calendar
import contextlib
import gzip
import os
import queue
import re
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

COMPRESSED: Final = ".gz"
_PART: Final = ".part"
_TIME: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When the next file begins.

    max_bytes   when this one is so long
    max_ns      when so much time has passed since it was begun
    keep        how many files stay, the one that is written included; None: all
    compress    whether files that are whole are compressed
    """

    max_bytes: int | None = None
    max_ns: int | None = None
    keep: int | None = None
    compress: bool = False

    def is_due(self, size: int, age_ns: int) -> bool:
        """Whether a file of that length and age is to be the last but one."""
        return (self.max_bytes is not None and size >= self.max_bytes) or (
            self.max_ns is not None and age_ns >= self.max_ns
        )


class Series:
    """The files of one recording, by the name that was asked for. `on_trouble` gets sentences."""

    def __init__(self, output: str, rotation: Rotation, on_trouble: Callable[[str], None]) -> None:
        self._stem, self._suffix = os.path.splitext(output)
        self._rotation = rotation
        self._on_trouble = on_trouble
        self._last_s = self._number = 0
        self._whole: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        folder, stem = os.path.split(self._stem)
        self._folder = folder or "."
        self._pattern = re.compile(
            rf"{re.escape(stem)}-(\d{{8}}T\d{{6}}Z)-(\d{{4,}}){re.escape(self._suffix)}(?:{re.escape(COMPRESSED)})?"
        )
        self._clean_up()
        self._go_on_behind(self._ours())

    def next_name(self, now_ns: int) -> str:
        """The name of the file that begins now."""
        self._number += 1
        self._last_s = max(self._last_s, now_ns // 10**9)  # clocks are set back, names are not
        time_text = time.strftime(_TIME, time.gmtime(self._last_s))
        return f"{self._stem}-{time_text}-{self._number:04}{self._suffix}"

    def finished(self, path: str) -> None:
        """Take that a file is whole."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="volttools rotation", daemon=True)
            self._thread.start()
        self._whole.put(path)

    def close(self) -> None:
        """Wait until the files are compressed."""
        if self._thread is not None:
            self._whole.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (path := self._whole.get()) is not None:
            try:
                self._delete_old()
                if self._rotation.compress and os.path.exists(path):
                    _compress(path)
            except OSError as error:
                self._on_trouble(f"{error.filename or path}: {error.strerror}")

    def _clean_up(self) -> None:
        """Delete what an earlier run was killed over: half a compressed file, or one that is there both ways."""
        if not self._rotation.compress or not os.path.isdir(self._folder):
            return
        for name in os.listdir(self._folder):
            if not self._pattern.fullmatch(name.removesuffix(_PART)):
                continue
            if name.endswith(_PART):
                _remove(os.path.join(self._folder, name))
            elif name.endswith(COMPRESSED):
                _remove(os.path.join(self._folder, name.removesuffix(COMPRESSED)))

    def _ours(self) -> list[str]:
        """The names of files of this series, the oldest first."""
        if not os.path.isdir(self._folder):
            return []
        return sorted(name for name in os.listdir(self._folder) if self._pattern.fullmatch(name))

    def _go_on_behind(self, names: list[str]) -> None:
        """Let what is written now sort behind what an earlier run left."""
        last = self._pattern.fullmatch(names[-1]) if names else None
        if last is not None:
            with contextlib.suppress(ValueError):  # a time like 99999999T999999Z
                self._last_s = calendar.timegm(time.strptime(last[1], _TIME))
                self._number = int(last[2])

    def _delete_old(self) -> None:
        if self._rotation.keep is not None:
            for name in self._ours()[: -self._rotation.keep]:
                os.remove(os.path.join(self._folder, name))


def _compress(path: str) -> None:
    """Put a compressed file in the place of a file. Until it is whole, the old one is there."""
    part = path + COMPRESSED + _PART
    try:
        with open(path, "rb") as source, gzip.open(part, "wb", compresslevel=6) as target:
            shutil.copyfileobj(source, target, 2**20)
    except OSError:
        _remove(part)  # the disk may be full
        raise
    os.replace(part, path + COMPRESSED)
    os.remove(path)


def _remove(path: str) -> None:
    """Delete a file, if that can be."""
    with contextlib.suppress(OSError):
        os.remove(path)
