"""Captures read as a whole, beside dpkt and the official client on the same file; and what memory that takes.

Captures are made by `traffic`: small ones for `make bench`, one of 1 GB for `make bench-full`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dpkt

import volttools
from benchmarks import processes
from benchmarks.bench import Row, Scale, Spent, Work, beside
from benchmarks.codec import peer_reader
from benchmarks.figure import Unit
from benchmarks.traffic import write_capture
from volttools.formats.frame import PREFIX_BYTES
from volttools.render.summary import Tally

_PACKETS_BYTES = 2_000_000
_SUMMARY_BYTES = 5_000_000
_MEMORY_BYTES = 20_000_000
_FULL_BYTES = 1_000_000_000
_SERVER_PORT = 21212
_CHANGED_EVERY = 999


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("capture: pcapng to exchanges", lambda scale: _to_exchanges(_with_ethernet(scale), _frames)),
        Row(
            "capture: the same without Ethernet",
            lambda scale: _to_exchanges(capture_of(scale, _PACKETS_BYTES), dpkt_packets),
        ),
        Row("capture: decode to summary", _to_summary, most_repeats=3, most_repeats_full=1),
        Row("capture: decode, all lines", _all_lines, is_full_only=True, most_repeats=3),
        Row("memory: capture decoded", lambda scale: _memory(scale, "decode"), most_repeats=1),
        Row("memory: capture digested", lambda scale: _memory(scale, "stats"), most_repeats=1),
        Row("memory: captures compared", _memory_of_compare, most_repeats=1),
    ]


def capture_of(scale: Scale, size: int, *, changed_every: int = 0) -> Path:
    """A capture of so many bytes, made once a run."""
    path = scale.folder / f"{size}-{changed_every}.pcapng"
    if not path.exists():
        write_capture(path, size=size, changed_every=changed_every)
    return path


def _with_ethernet(scale: Scale) -> Path:
    """A capture as tcpdump and dumpcap write it, on loopback as well."""
    path = scale.folder / f"{_PACKETS_BYTES}-ethernet.pcapng"
    if not path.exists():
        with capture_of(scale, _PACKETS_BYTES).open("rb") as read, path.open("wb") as written:
            writer = dpkt.pcapng.Writer(written, linktype=dpkt.pcap.DLT_EN10MB)
            for at, data in dpkt.pcapng.Reader(read):
                writer.writepkt(bytes(dpkt.ethernet.Ethernet(data=data, type=dpkt.ethernet.ETH_TYPE_IP)), at)
    return path


def _frames(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for _, data in dpkt.pcapng.Reader(file):
            yield dpkt.ethernet.Ethernet(data)


def _to_exchanges(path: Path, packets: Callable[[Path], Iterator[Any]]) -> Work:
    """Packets a second, against dpkt's bare decode: its objects for each layer, and nothing done with them."""

    def theirs() -> int:
        return sum(1 for _ in packets(path))

    def ours() -> int:
        capture = volttools.open(path)
        for _ in capture.events():
            pass
        return capture.summary.packets

    return beside("dpkt", theirs, ours)


def _to_summary(scale: Scale) -> Work:
    """All that a summary knows, as the command counts it, against what one would write with dpkt and the official client."""
    small, size = capture_of(scale, _SUMMARY_BYTES), scale.of(_SUMMARY_BYTES, _FULL_BYTES)
    path = capture_of(scale, size)

    def check() -> None:
        """Of the small one: the peer takes minutes for the large one."""
        tally = _tally(small)
        assert tally.statuses.total() == responses_by_dpkt(small).total()
        assert not tally.is_damaged

    found = beside("dpkt and VoltResponse", lambda: responses_by_dpkt(path).total(), lambda: _tally(path))
    return replace(found, check=check, warm=lambda: _tally(small), note=_size(size))


def _tally(path: Path) -> Tally:
    """What `decode --summary-only` does."""
    tally = Tally()
    tally.add_all(volttools.open(path).events())
    return tally


def _all_lines(scale: Scale) -> Work:
    """The command, with a line for each call, against tshark's own list of packets."""
    path = str(capture_of(scale, _MEMORY_BYTES))
    words = ["tshark", "-r", path]
    return Work(
        lambda: processes.run(processes.volttools("decode", path)),
        Unit.TIMES,
        "tshark" if shutil.which("tshark") else "python -c pass",
        lambda: processes.run(words if shutil.which("tshark") else processes.NOTHING),
        note=_size(_MEMORY_BYTES),
    )


def _memory(scale: Scale, command: str) -> Work:
    size = scale.of(_MEMORY_BYTES, _FULL_BYTES)
    words = processes.volttools(command, str(capture_of(scale, size)))
    return Work(lambda: processes.run(words), Unit.MEGABYTES, note=_size(size))


def _memory_of_compare(scale: Scale) -> Work:
    size = scale.of(_MEMORY_BYTES, _FULL_BYTES)
    paths = [capture_of(scale, size), capture_of(scale, size, changed_every=_CHANGED_EVERY)]
    words = processes.volttools("compare", *map(str, paths))

    def run() -> Spent:
        return processes.run(words, statuses=(1,))  # every 999th answer differs

    return Work(run, Unit.MEGABYTES, note=f"2 x {_size(size)}")


def _size(size: int) -> str:
    return f"{size / 1e9:g} GB" if size >= 1e9 else f"{size / 1e6:g} MB"


def dpkt_packets(path: Path) -> Iterator[Any]:
    """The IP packets of a capture, by dpkt."""
    with path.open("rb") as file:
        for _, data in dpkt.pcapng.Reader(file):
            yield dpkt.ip.IP(data)


def responses_by_dpkt(path: Path) -> Counter[int]:
    """Responses by status: packets by dpkt, streams and frames by hand, responses by the official client.

    Streams are taken as they come: nothing is missing in these captures, or out of order."""
    read, statuses = peer_reader(), Counter[int]()
    streams: dict[tuple[bytes, int], bytearray] = {}
    logged_in = set()
    for ip in dpkt_packets(path):
        tcp = ip.data
        if tcp.sport != _SERVER_PORT or not tcp.data:
            continue
        key = (ip.dst, tcp.dport)
        stream = streams.setdefault(key, bytearray())
        stream += tcp.data
        while len(stream) >= PREFIX_BYTES:
            stop = PREFIX_BYTES + int.from_bytes(stream[:PREFIX_BYTES], "big")
            if len(stream) < stop:
                break
            if key in logged_in:
                statuses[read(bytes(stream[PREFIX_BYTES:stop])).status] += 1
            logged_in.add(key)
            del stream[:stop]
    return statuses
