"""The general way of a capture's packets alone, without the short one of plain packets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from volttools.capture import reader
from volttools.capture.pcap_file import PcapFile
from volttools.capture.pcapng_file import PcapngFile
from volttools.protocol import framing


@contextmanager
def the_long_way() -> Iterator[None]:
    """Nothing is taken for plain."""
    with ExitStack() as stack:
        for kind in (PcapFile, PcapngFile):
            stack.enter_context(patch.object(kind, "_plain_packets", lambda self: iter(())))
        stack.enter_context(patch.object(reader, "plain_segment", lambda packet: None))
        for name in ("add_calls", "add_answers"):
            stack.enter_context(patch.object(framing, name, lambda *arguments: 0))
        yield
