"""A mutation fuzzer: that broken input never crashes, hangs, or takes much.

    python -m tests.fuzz --seconds 60 [--seed 1]     fuzz; exit status 1 with a finding
    python -m tests.fuzz --seed 1 --only 1234        that one input again

It breaks messages and whole capture files: recorded ones (captures/, ../shared/captures)
and the samples of the tests. For a message it holds that

- parse, spans and construct agree: on a value, or that there is none;
- what is parsed builds the same bytes again;
- a response's tables are the same in columns as in rows;
- nothing but DecodeError comes out, with a place inside the bytes;
- what is checked quickly can be read; heads and common rows are those that parsing gives;
- no input of up to 1 kB takes more than 50 ms or 50 MB.

For a file: nothing but VoltToolsError comes out, it ends, and everything can be looked at.

For the packets of recordings, lost, late, torn and under other headers: each fast way gives what its slow one
gives - plain packets, summaries, digests by parts of connections, comparisons whose calls wait on disk.

Input number N depends on the seed and N only, so any finding can be had again. What it
finds becomes a row in a table of samples.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import resource
import signal
import sys
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tests.capture.scrambling import Piece, pieces_of, scrambled
from tests.codec.agreement import check_agreement
from tests.codec.column_agreement import check_columns
from tests.fast_ways import (
    check_common_rows,
    check_heads,
    check_overflow,
    check_parts,
    check_quick_check,
    check_short_way,
    check_summary,
)
from tests.formats.message_samples import MESSAGE_SAMPLES
from tests.formats.type_samples import TYPE_SAMPLES
from tests.requirements import ROOT, SHARED_CAPTURES
from volttools.capture.packets import PacketReader
from volttools.codec import parse, spans
from volttools.codec.spans import Span
from volttools.errors import DecodeError, VoltToolsError
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Record
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table

SMALL_BYTES = 1024
SMALL_SECONDS = 0.050
SMALL_MEMORY = 50 * 1024 * 1024
SECONDS_A_FILE = 30
LARGEST_FRAME = 20_000
LARGEST_FILE = 150_000
SHARED_FILES = 30
CAPTURE_EVERY = 50
PACKETS_EVERY = 100
MEMORY_EVERY = 10

CAPTURE_SUFFIXES = (".pcap", ".pcapng", ".dump", ".gz")


@dataclass(frozen=True)
class Seed:
    """What is mutated: the bytes of a message, or of a capture file (kind None)."""

    kind: type[Record] | None
    data: bytes
    name: str

    def __str__(self) -> str:
        return f"{self.kind.__name__ if self.kind else 'capture'} from {self.name}"


class FindingError(Exception):
    """The input breaks a promise."""


# ---------------------------------------------------------------- seeds


def capture_files(rng: random.Random, *, shared: bool = True) -> list[Path]:
    """Recordings in the repository, and some of those beside it."""
    own = sorted(path for path in (ROOT / "captures").glob("*") if path.suffix in CAPTURE_SUFFIXES)
    if not shared:
        return own
    others = sorted(path for path in SHARED_CAPTURES.glob("*/*") if path.suffix in CAPTURE_SUFFIXES)
    small = [path for path in others if path.stat().st_size <= LARGEST_FILE]
    return own + rng.sample(small, min(SHARED_FILES, len(small)))


def recorded_frames(path: Path) -> Iterator[tuple[type[Record], bytes]]:
    """The bodies of the whole frames in a capture, each with what it is."""
    from volttools.capture.reader import open as open_capture
    from volttools.protocol.events import Exchange, Login, Push

    for event in open_capture(path).events():
        pairs: list[tuple[type[Record], Any]] = []
        if isinstance(event, Exchange):
            pairs = [(Invocation, event.request_frame), (Response, event.response_frame)]
        elif isinstance(event, Login):
            pairs = [(LoginRequest, event.request_frame), (LoginResponse, event.response_frame)]
        elif isinstance(event, Push):
            pairs = [(Response, event.frame)]
        yield from ((kind, frame.body) for kind, frame in pairs if frame is not None and frame.is_whole)


def seeds(rng: random.Random) -> tuple[list[Seed], list[Seed]]:
    """Messages and files to begin with."""
    messages = [Seed(sample.kind, sample.data, str(sample)) for sample in MESSAGE_SAMPLES]
    for sample in TYPE_SAMPLES:
        messages.append(Seed(Parameter, bytes([sample.type.code]) + sample.data, str(sample)))
    files = []
    for path in capture_files(rng):
        files.append(Seed(None, path.read_bytes(), path.name))
        try:
            bodies = list(dict.fromkeys(recorded_frames(path)))
        except VoltToolsError:
            continue
        small = [(kind, body) for kind, body in bodies if len(body) <= LARGEST_FRAME]
        messages += [Seed(kind, body, path.name) for kind, body in small[:40]]
    return messages, files


def packet_sources(files: Sequence[Seed]) -> list[list[Piece]]:
    """The TCP segments of those captures that have some."""
    sources = []
    for seed in files:
        with contextlib.suppress(VoltToolsError):
            sources.append(pieces_of(PacketReader(io.BytesIO(seed.data))))
    return [pieces for pieces in sources if pieces]


# ---------------------------------------------------------------- mutations

INTERESTING = (
    0,
    1,
    2,
    3,
    4,
    8,
    127,
    128,
    255,
    256,
    360,
    1024,
    32767,
    32768,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
)


def numbers_in(seed: Seed) -> list[tuple[int, int]]:
    """(offset, width) of the lengths, counts and other integers of a message."""
    if seed.kind is None:
        return []
    try:
        tree = spans(seed.kind, seed.data)
    except DecodeError as error:
        tree = error.partial
    return list(_numbers(tree))


def _numbers(span: Span) -> Iterator[tuple[int, int]]:
    for child in span.children:
        yield from _numbers(child)
    width = span.end - span.start
    if span.is_leaf and width in (1, 2, 4, 8):
        yield span.start, width
    if span.label in ("str", "bytes") and width >= 4:
        yield span.start, 4


class Mutator:
    """Changes bytes in all the ways that have ever broken a decoder."""

    def __init__(self, rng: random.Random, others: Sequence[Seed]) -> None:
        self.rng = rng
        self.others = others

    def mutate(self, seed: Seed) -> bytes:
        """The seed's bytes with a few changes."""
        data = bytearray(seed.data)
        numbers = numbers_in(seed)
        for _ in range(self.rng.choice((1, 1, 1, 2, 3, 6))):
            change = self.rng.choice(
                (
                    self.flip,
                    self.overwrite,
                    self.number,
                    self.number,
                    self.cut,
                    self.remove,
                    self.splice,
                    self.repeat,
                )
            )
            change(data, numbers)
        return bytes(data)

    def _place(self, data: bytearray) -> int:
        return self.rng.randrange(len(data)) if data else 0

    def flip(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """One bit."""
        if data:
            data[self._place(data)] ^= 1 << self.rng.randrange(8)

    def overwrite(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """Some bytes, or a sentinel."""
        at = self._place(data)
        new = self.rng.choice(
            (b"\0", b"\xff", b"\x80", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xc3", b"\x15", b"\x9d")
        )
        data[at : at + len(new)] = new

    def number(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """A length or count: a little beside what it was, or far away."""
        if not numbers:
            return self.overwrite(data, numbers)
        at, width = self.rng.choice(numbers)
        old = int.from_bytes(data[at : at + width], "big")
        if self.rng.random() < 0.5:
            new = old + self.rng.choice((-8, -4, -2, -1, 1, 2, 4, 8))
        else:
            new = self.rng.choice(INTERESTING)
        data[at : at + width] = (new % 256**width).to_bytes(width, "big")

    def cut(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """The end."""
        del data[self._place(data) :]

    def remove(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """Some bytes in the middle."""
        at = self._place(data)
        del data[at : at + self.rng.choice((1, 2, 4, 8, 60))]

    def splice(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """Bytes of another seed, or random ones."""
        other = self.rng.choice(self.others).data if self.rng.random() < 0.7 else self.rng.randbytes(64)
        start = self.rng.randrange(len(other) + 1)
        piece = other[start : start + self.rng.choice((1, 4, 16, 64, 400))]
        at = self._place(data)
        data[at : at + self.rng.choice((0, len(piece)))] = piece

    def repeat(self, data: bytearray, numbers: list[tuple[int, int]]) -> None:
        """A piece, many times: nesting, long lists."""
        at = self._place(data)
        piece = bytes(data[at : at + self.rng.choice((1, 5, 12, 16, 24))])
        data[at:at] = piece * self.rng.choice((1, 2, 10, 40))


# ---------------------------------------------------------------- promises


def check_message(kind: type[Record], data: bytes, before: bytes, *, with_memory: bool) -> str:
    """Hold the promises for a message, which was `before`; gives what came out, for the summary."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = _seconds(lambda: _parsed(kind, data))
    if len(data) <= SMALL_BYTES and seconds > SMALL_SECONDS:
        seconds = min(_seconds(lambda: _parsed(kind, data)) for _ in range(3))  # not the machine's fault?
        if seconds > SMALL_SECONDS:
            raise FindingError(f"{len(data)} bytes took {seconds * 1000:.0f} ms")
    found = check_agreement(kind, data)
    check_quick_check(kind, data)
    if kind is Response:
        check_columns(data)
        check_common_rows(before, data)
    if kind in (Response, Invocation):
        check_heads(kind, [before, data, before])
    if found is DecodeError:
        _check_place(kind, data)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) * 1024
    if len(data) <= SMALL_BYTES and grown > SMALL_MEMORY:
        raise FindingError(f"{len(data)} bytes took {grown >> 20} MB")
    if with_memory:
        _check_memory(kind, data)
    return "refused" if found is DecodeError else "value"


def _parsed(kind: type[Record], data: bytes) -> Any:
    try:
        return parse(kind, data)
    except DecodeError:
        return None


def _seconds(function: Callable[[], Any]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def _check_place(kind: type[Record], data: bytes) -> None:
    try:
        parse(kind, data)
    except DecodeError as error:
        if not error.path or error.offset is None or not 0 <= error.offset <= len(data):
            raise FindingError(f"no place: {error}") from error
        if not str(error).isprintable():
            raise FindingError(f"not printable: {error!r}") from error


def _check_memory(kind: type[Record], data: bytes) -> None:
    tracemalloc.start()
    try:
        _parsed(kind, data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    allowed = max(SMALL_MEMORY, 200 * len(data))
    if peak > allowed:
        raise FindingError(f"{len(data)} bytes took {peak >> 20} MB")


def check_capture(data: bytes) -> str:
    """Hold the promises for a capture file."""
    from volttools.capture.reader import open as open_capture

    with _Alarm(SECONDS_A_FILE):
        try:
            for count, event in enumerate(open_capture(io.BytesIO(data)).events()):
                for name in ("invocation", "response", "read_invocation", "read_response"):
                    looked = getattr(event, name, None)
                    if callable(looked):
                        looked()
                if count > 10 * len(data) + 100:
                    raise FindingError(f"{count} events from {len(data)} bytes")
        except VoltToolsError:
            return "capture refused"
    return "capture read"


def check_packets(rng: random.Random, sources: Sequence[Sequence[Piece]]) -> str:
    """Hold the promises for packets that a network and its witness have dealt with badly."""
    with _Alarm(SECONDS_A_FILE):
        match rng.randrange(4):
            case 0:
                check_short_way(scrambled(rng, sources))
            case 1:
                check_summary(scrambled(rng, sources))
            case 2:
                few = rng.choice((0, 0, 0, 0.003))  # of what is damaged parts are refused
                return check_parts(
                    [scrambled(rng, sources, harm=few) for _ in range(rng.choice((1, 1, 2)))], rng
                )
            case _:
                first = scrambled(rng, sources)
                check_overflow(first, rng.choice((first, scrambled(rng, sources))))
    return "packets scrambled"


class _Alarm:
    """Raise FindingError in what takes longer than some seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise FindingError(f"no end after {self.seconds} s")

    def __enter__(self) -> None:
        self.before = signal.signal(signal.SIGALRM, self._ring)
        signal.alarm(self.seconds)

    def __exit__(self, *error: object) -> None:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, self.before)


# ---------------------------------------------------------------- running


class Fuzzer:
    """Makes input number N from the seeds, and holds the promises for it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.messages, self.files = seeds(random.Random(seed))
        self.packets = packet_sources(self.files)
        self.outcomes: Counter[str] = Counter()

    def input(self, number: int) -> tuple[Seed, type[Record] | None, bytes]:
        """Input number N: from which seed, as what it is read, its bytes."""
        rng = random.Random(f"{self.seed}/{number}")
        if self.files and number % CAPTURE_EVERY == CAPTURE_EVERY - 1:
            seed = rng.choice(self.files)
            return seed, None, Mutator(rng, self.files).mutate(seed)
        seed = rng.choice(self.messages)
        kind = seed.kind if rng.random() < 0.95 else rng.choice((Invocation, Response, LoginRequest, Table))
        return seed, kind, Mutator(rng, self.messages).mutate(seed)

    def check(self, number: int) -> None:
        """Hold the promises for input number N; whatever comes out is a finding."""
        if self._is_packets(number):
            rng = random.Random(f"{self.seed}/{number}")
            self.outcomes[check_packets(rng, self.packets)] += 1
            return
        seed, kind, data = self.input(number)
        if kind is None:
            self.outcomes[check_capture(data)] += 1
        else:
            self.outcomes[check_message(kind, data, seed.data, with_memory=number % MEMORY_EVERY == 0)] += 1

    def _is_packets(self, number: int) -> bool:
        return bool(self.packets) and number % PACKETS_EVERY == PACKETS_EVERY // 3

    def report(self, number: int, error: BaseException) -> None:
        """Say what was found and how to see it again."""
        again = f"again: python -m tests.fuzz --seed {self.seed} --only {number}"
        if self._is_packets(number):
            print(f"finding in input {number}: scrambled packets")
            traceback.print_exception(error, limit=-6)
            print(again)
            return
        seed, kind, data = self.input(number)
        print(f"finding in input {number}: mutated {seed}, read as {kind.__name__ if kind else 'a capture'}")
        traceback.print_exception(error, limit=-6)
        print(f"{len(data):,} bytes: {data.hex() if len(data) <= 8192 else data[:64].hex() + ' ...'}")
        if len(data) > 8192:
            path = Path(f"fuzz-{self.seed}-{number}.bin")
            path.write_bytes(data)
            print(f"all of it: {path}")
        print(again)


def main(arguments: list[str] | None = None) -> int:
    """Fuzz for some seconds; 1 with the first finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    parser.add_argument("--seed", type=int, default=None, help="a number that decides all inputs")
    parser.add_argument("--only", type=int, default=None, metavar="N", help="input number N alone")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    fuzzer = Fuzzer(seed)
    # What is compiled, or imported, on first use is not the first input's fault.
    for sample in MESSAGE_SAMPLES:
        check_agreement(sample.kind, sample.data)
        if sample.kind is Response:
            check_columns(sample.data)
    start = time.monotonic()
    numbers = range(sys.maxsize) if options.only is None else range(options.only, options.only + 1)
    done = 0
    for number in numbers:
        if time.monotonic() - start > options.seconds:
            break
        try:
            fuzzer.check(number)
        except KeyboardInterrupt:
            break
        except BaseException as error:  # RecursionError, MemoryError, SystemExit: all are findings
            fuzzer.report(number, error)
            return 1
        done += 1
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(fuzzer.outcomes.items()))
    sources = f"{len(fuzzer.messages):,} messages and {len(fuzzer.files):,} files"
    print(f"fuzz: {done:,} inputs of {sources} in {time.monotonic() - start:.0f} s, seed {seed}: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
