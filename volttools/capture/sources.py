"""Where the bytes of captures come from: files, standard input, open binary files.

A `Source` knows its name, its kind by its first bytes, and how far it has been read. What it
is decided from is read again by its reader, so a pipe loses nothing.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Final, Literal, cast

from volttools.capture.packets import detect
from volttools.capture.window import Window
from volttools.errors import CaptureError
from volttools.formats.frame import PREFIX_BYTES

Kind = Literal["packets", "dump_file", "json lines"]
PathLike = str | os.PathLike[str] | IO[bytes]

STDIN: Final = "-"
LOOK_BYTES: Final = 4096
"""So much is read ahead to tell a dump_file; a capture of packets tells itself in four bytes."""

COMPRESSED: Final = {
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\x04\x22\x4d\x18": "lz4",
    b"PK\x03\x04": "zip",
}
"""How files begin that are compressed in a way other than gzip."""

REMEDY: Final = (
    "give a pcap or pcapng file (tcpdump -w, Wireshark), also compressed with gzip,"
    " a dump_file of the official Python client, or the JSON lines of volttools decode --json"
)


WRITE_ONLY: Final = (".frames", ".hex")
"""Names of bare frames, which `convert` writes: who sent them can't be told from them any more."""

LINES_REMEDY: Final = (
    'give JSON lines, as volttools decode --json writes them, or such as {"procedure": "Vote", "params": [5]}'
)


class Source:
    """One input. `open` may be called again, unless it is a stream."""

    def __init__(self, path: PathLike) -> None:
        self._stream: IO[bytes] | None = None
        self._is_used = False
        self._is_pipe = False
        self._kept: IO[bytes] | None = None
        if isinstance(path, (str, os.PathLike)):
            self.path = os.fspath(path)
            self.name = "standard input" if self.path == STDIN else self.path
        else:
            self.path = STDIN
            self._stream = path
            self.name = str(getattr(path, "name", "stream"))
        self.size = self._size()
        self.done = 0

    @property
    def is_stream(self) -> bool:
        """Whether it can be read only once: standard input, a file object, a named pipe, what <(...) of a shell is."""
        return self.path == STDIN or self._is_pipe

    @property
    def is_kept(self) -> bool:
        """Whether what came from a stream is kept, see `make_repeatable`."""
        return self._kept is not None

    def open(
        self, on_bytes: Callable[[], None] | None = None, *, only_lines: bool = False
    ) -> tuple[Kind, IO[bytes]]:
        """What kind of capture it is, and its content from the beginning, decompressed.

        on_bytes    called whenever `done` has changed
        only_lines  JSON lines are wanted: what is told of a file that is none at all
        Raises CaptureError if it can't be read, or is no capture.
        """
        raw = _Counted(self._open_raw(), self, on_bytes)
        try:
            window = Window(cast(IO[bytes], raw))
            kind = self._kind(window, LINES_REMEDY if only_lines else REMEDY)
        except CaptureError:
            raw.close()
            raise
        return kind, cast(IO[bytes], _Rest(window, raw))

    def make_repeatable(self) -> None:
        """Keep what comes from a stream, so that it can be opened again."""
        if not self.is_stream or self._kept is not None:
            return
        raw = self._open_raw()
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115  # `forget` closes it
        try:
            shutil.copyfileobj(raw, self._kept)
        except OSError as error:
            raise CaptureError(f"can't be read on: {error.strerror}", file=self.name) from None
        finally:
            if self.path != STDIN:
                raw.close()

    def forget(self) -> None:
        """Drop what was kept of a stream."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def _open_raw(self) -> IO[bytes]:
        if self._kept is not None:
            self._kept.seek(0)
            return self._kept
        if self.is_stream and self._is_used:
            raise CaptureError("a stream can be read only once", file=self.name)
        self._is_used = True
        if self.path == STDIN:
            return self._stream if self._stream is not None else sys.stdin.buffer
        try:
            return open(self.path, "rb", buffering=0)
        except OSError as error:
            raise CaptureError(f"can't be opened: {error.strerror}", file=self.name) from None

    def _size(self) -> int | None:
        """Its length, if it has one; CaptureError if it can't be a capture."""
        if self.path == STDIN:
            return None
        try:
            status = os.stat(self.path)
        except OSError as error:
            raise CaptureError(f"can't be opened: {error.strerror}", file=self.name) from None
        if stat.S_ISDIR(status.st_mode):
            raise CaptureError(f"a directory: {REMEDY}", file=self.name)
        self._is_pipe = not stat.S_ISREG(status.st_mode)
        return None if self._is_pipe else status.st_size

    def _kind(self, window: Window, remedy: str) -> Kind:
        window.need(PREFIX_BYTES)
        if detect(window.data[:PREFIX_BYTES]) in ("pcap", "pcapng"):
            return "packets"
        # What reads these takes long to import, and most captures are packets.
        from volttools.capture.dumpfile import looks_like_dump_file
        from volttools.capture.jsonlines_file import looks_like_json_lines

        if looks_like_json_lines(window.data):
            return "json lines"
        window.look(LOOK_BYTES)
        first = window.data[:LOOK_BYTES]
        if looks_like_json_lines(first):
            return "json lines"
        if looks_like_dump_file(first):
            return "dump_file"
        if window.failure is not None:
            raise window.failure.with_place(file=self.name)
        if not first:
            return "dump_file"  # to which nothing was written yet
        for magic, name in COMPRESSED.items():
            if first.startswith(magic):
                raise CaptureError(f"compressed with {name}: unpack it first", file=self.name)
        if self.name.lower().endswith(WRITE_ONLY):
            raise CaptureError(
                "bare frames don't tell who sent them, so they are written and not read:"
                " keep pcapng or JSON lines beside them",
                file=self.name,
            )
        what = "JSON lines" if remedy is LINES_REMEDY else "a capture"
        raise CaptureError(f"not {what}, it begins with {shown(first)}: {remedy}", file=self.name)


def shown(first: bytes) -> str:
    """The first bytes of a file; its first line if that is text."""
    line = first[:16].partition(b"\n")[0]
    if line and line.isascii() and line.decode("ascii").isprintable():
        return repr(line.decode("ascii"))
    return first[:8].hex(" ")


class _Counted:
    """A raw file that tells its source how much was read."""

    def __init__(self, raw: IO[bytes], source: Source, on_bytes: Callable[[], None] | None) -> None:
        self._raw = raw
        self._read: Callable[[int], bytes | None] = getattr(raw, "read1", raw.read)
        self._source = source
        self._on_bytes = on_bytes
        source.done = 0

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`. Raises CaptureError."""
        try:
            data = self._read(count) or b""
        except OSError as error:
            raise CaptureError(f"can't be read on: {error.strerror}", file=self._source.name) from None
        self._source.done += len(data)
        if self._on_bytes is not None:
            self._on_bytes()
        return data

    def close(self) -> None:
        """Close a file; standard input stays open, and so does what is kept to be read again."""
        if self._source.path != STDIN and not self._source.is_kept:
            self._raw.close()


class _Rest(io.RawIOBase):
    """What a window holds and has not read yet, as a stream."""

    def __init__(self, window: Window, raw: _Counted) -> None:
        self._window = window
        self._raw = raw

    def readable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        window = self._window
        if not window.need(1):
            failure, window.failure = window.failure, None
            if failure is not None:
                raise failure
            return b""
        end = len(window.data) if count < 0 else window.at + count
        data = window.data[window.at : end]
        window.at += len(data)
        return data

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()
