"""Which file comes next, where one FILE that is followed stands for several.

A FILE that is followed is

- a name: the file of that name, and each new one that is put in its place; also those with a
  number behind the name, which tcpdump writes next to it with -C, and in its place with -W;
- a shell pattern, such as 'ring_*.pcapng': all files that match, one after the other.

What is there at the start is read in the order in which it was last written; of a name, what
was written after that file, as others are left from earlier. Then a file that is new, or written anew, comes next once it has
any content: whoever writes has left the one before by then. A file that was left is read
again only if it was written anew, as in a ring of files. What is no capture is passed over,
and so are compressed ones: tcpdump -z makes them of files that were read. Only of the name
itself more is expected: whoever reads it says what is wrong.
"""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from dataclasses import dataclass
from typing import Final

from volttools.capture.dumpshapes import looks_like_dump_file
from volttools.capture.jsonlines_file import looks_like_json_lines
from volttools.capture.packets import detect

HEAD_BYTES: Final = 1024
"""The first bytes of a file, with the time of its first packet: whether it was written anew."""

_NUMBER: Final = re.compile(r"(\d+)")

Identity = tuple[int, int]  # device and inode


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was when it was last looked at."""

    path: str
    identity: Identity
    size: int
    written_ns: int

    @property
    def order(self) -> tuple[int, list[tuple[int, str]]]:
        """By the time of the last write, then by name with numbers as numbers."""
        parts = _NUMBER.split(self.path)
        return self.written_ns, [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


class Trail:
    """The files of one FILE. `take_next` begins one, `leave` or `forget` ends it.

    is_pattern   whether FILE is a pattern
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_pattern = glob.has_magic(name) and not os.path.exists(name)
        self._known: dict[str, _Seen] | None = None  # as of the last look
        self._queue: list[str] = []
        self._current: Identity | None = None
        # Files that were read to their end -> how they began, and that end.
        self._left: dict[Identity, tuple[bytes, int]] = {}
        self._outgrown: list[str] = []

    def has_next(self) -> bool:
        """Look whether another file is to be read."""
        self._look()
        return bool(self._queue)

    def take_next(self) -> str | None:
        """The path of the file to be read now, if there is one. It may be gone when it is opened."""
        self._look()
        return self._queue.pop(0) if self._queue else None

    def begin(self, identity: Identity) -> None:
        """Note which file is being read."""
        self._current = identity

    def leave(self, head: bytes, size: int) -> None:
        """Note that the file is read to its end, and how it began."""
        assert self._current is not None
        self._left[self._current] = (head, size)
        self._current = None

    def forget(self, path: str) -> None:
        """Note that the file was emptied or written anew while it was read."""
        self._current = None
        if self._known is not None:
            self._known.pop(path, None)

    def take_outgrown(self) -> list[str]:
        """Files that grew after they had been left: what came to them is not read."""
        found, self._outgrown = self._outgrown, []
        return found

    # -- looking ------------------------------------------------------------------------------

    def _look(self) -> None:
        """Put what is new at the end of the queue."""
        found = self._find()
        known = self._known
        fresh = sorted(
            (seen for seen in found.values() if known is None or seen != known.get(seen.path)),
            key=lambda seen: seen.order,
        )
        if known is None and not self.is_pattern:
            fresh = self._without_leftovers(fresh)
        for seen in fresh:
            before = known.get(seen.path) if known else None
            if seen.identity == self._current or not self._is_wanted(seen):
                continue
            if seen.path in self._queue:
                if before and before.identity == seen.identity and before.size <= seen.size:
                    continue  # it only grew
                self._queue.remove(seen.path)
            if seen.size:
                self._queue.append(seen.path)
        identities = {seen.identity for seen in found.values()}
        self._left = {identity: left for identity, left in self._left.items() if identity in identities}
        self._known = found

    def _without_leftovers(self, found: list[_Seen]) -> list[_Seen]:
        """Of a name and numbers behind it, by time, those that belong to what is being written."""
        numbers = [seen.path[len(self.name) :] for seen in found]
        if "" in numbers:
            return found[numbers.index("") :]
        # Only a ring of tcpdump -W begins at 0, and has no file without a number.
        return found if any(not number.strip("0") for number in numbers) else []

    def _find(self) -> dict[str, _Seen]:
        """The files that there are, by path."""
        pattern = self.name if self.is_pattern else glob.escape(self.name) + "*"
        found: dict[str, _Seen] = {}
        for path in glob.glob(pattern):
            suffix = path[len(self.name) :]
            if not self.is_pattern and suffix and not suffix.isdecimal():
                continue
            try:
                status = os.stat(path)
            except OSError:
                continue  # deleted since
            if stat.S_ISREG(status.st_mode):
                identity = (status.st_dev, status.st_ino)
                found[path] = _Seen(path, identity, status.st_size, status.st_mtime_ns)
        return found

    def _is_wanted(self, seen: _Seen) -> bool:
        """Whether a file is a capture that was not read yet."""
        try:
            with open(seen.path, "rb") as file:
                head = file.read(HEAD_BYTES)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # whoever reads it says why it can't be read
        if seen.path != self.name and not _is_capture(head):
            return False
        left_head, left_size = self._left.get(seen.identity, (b"", 0))
        if not left_size or not head.startswith(left_head):
            return True
        if seen.size > left_size:
            if left_size < HEAD_BYTES:
                return True  # too little to tell it from one that is written anew
            self._outgrown.append(seen.path)
            self._left[seen.identity] = (left_head, sys.maxsize)  # it is told once
        return False


def _is_capture(head: bytes) -> bool:
    """Whether a file that begins so can be followed."""
    return detect(head) in ("pcap", "pcapng") or looks_like_dump_file(head) or looks_like_json_lines(head)
