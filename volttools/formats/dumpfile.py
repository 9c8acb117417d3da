"""The dump_file of the official Python client: frames of both directions, one after another.

A frame is written with its length and a newline behind it. There is no direction, no
time and no escaping. What goes wrong is part of the format:
- a time-out or a broken connection inside a response leaves its bare length, without a
  newline, directly before the next frame sent;
- a killed client leaves the file cut anywhere.
A dump_file holds every log-in as it was sent: enough to log in again.

Source: FastSerializer (read_bytes, flush, bufferForRead) of the official client 16.1;
recordings dump-*.dump.
"""

from __future__ import annotations

from construct import Const, GreedyBytes

from volttools.formats.frame import PREFIX
from volttools.formats.notation import Record, Sized, field, record

NEWLINE = b"\n"


@record
class DumpedFrame(Record):
    """One frame in a dump_file."""

    body: bytes = field(Sized(PREFIX, GreedyBytes), "the message, as in any frame")
    newline: bytes = field(Const(NEWLINE), "0A", default=NEWLINE)
