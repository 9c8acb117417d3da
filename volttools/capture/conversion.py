"""From any capture to a file of another format: all of it, or a piece.

    convert(volttools.open("a.pcap"), "slow.pcapng", wants="latency > 5ms")

Formats are told by the name of the file; see `writers`. What is wanted is asked of events; where
frames are written, a first reading finds out which frames that are, and a second one writes them,
together with the log-ins of their connections: without them a piece could not be read, or replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar

from volttools.capture.reader import Capture
from volttools.capture.rewriting import Keeper, Rewriter, Rewriting, SecretsBlanker
from volttools.capture.sources import PathLike
from volttools.capture.target import Converted, Target
from volttools.capture.writers import Format, format_of
from volttools.errors import EncodeError, UsageError
from volttools.protocol.events import Event, Exchange, Login
from volttools.protocol.traffic import Ended, Opened, Sent, Step

if TYPE_CHECKING:
    from volttools.filters.filter import Filter

MOST_LINES_SAID: Final = 20
"""Of lines that can't be built so many are named."""

_CHUNK_BITS: Final = 2**15

_T = TypeVar("_T")


def convert(
    capture: Capture,
    output: str,
    *,
    to: Format | None = None,
    wants: str | Filter | Callable[[Event], bool] | None = None,
    by_connection: bool = False,
    max_bytes: int | None = None,
    rewriter: Rewriter | None = None,
    keep_login_hashes: bool = False,
    overwrite: bool = False,
) -> Converted:
    """Write a capture, or what of it is wanted, to a file.

    output        its name; "-" is standard output
    to            the format, where the name doesn't tell it
    wants         which events: an expression of filters, or a function; None: everything
    by_connection, max_bytes   several files, "out-0001.pcapng" ...: one a connection, or of that size
    rewriter      what to write instead of what was captured; None: all but secrets stays
    keep_login_hashes   write the hashes of passwords and Kerberos tokens
    Raises UsageError for what can't be done, CaptureError for what can't be read or written.
    """
    is_wanted = None if wants is None else _test_of(wants)
    target = Target(
        output,
        to or format_of(output),
        by_connection=by_connection,
        max_bytes=max_bytes,
        keep_login_hashes=keep_login_hashes or rewriter is not None,
        overwrite=overwrite,
        inputs=capture.paths,
    )
    rewriting = Rewriting(rewriter or (Keeper() if keep_login_hashes else SecretsBlanker()))
    if target.format == "json":
        events = _begun(event for event in capture.events() if is_wanted is None or is_wanted(event))
        with target:
            for event in events:
                target.event(event if rewriter is None else rewriting.event(event))
        return target.converted
    chosen = None
    if is_wanted is not None:
        capture.make_repeatable()
        chosen = _Chosen(is_wanted)
        for event in capture.events():
            chosen.look_at(event)
    steps = _begun(capture.steps() if chosen is None else chosen.of(capture.steps()))
    with target:
        for step in steps:
            target.step(rewriting.step(step))
    target.converted.exchanges = capture.summary.exchanges if chosen is None else chosen.exchanges
    return target.converted


def encode(
    lines: PathLike,
    output: str,
    *,
    to: Format | None = None,
    by_connection: bool = False,
    max_bytes: int | None = None,
    overwrite: bool = False,
) -> Converted:
    """Build the frames of JSON lines, and write them to a file.

    lines   what `decode --json` or `convert` wrote, edited or not, or lines written by hand
    Hashes of passwords are written as far as the lines tell them; otherwise zeros stand for them.
    Raises LinesError, before anything is written, with all lines that can't be built.
    """
    errors: list[tuple[int, EncodeError]] = []
    with Capture([lines]) as capture:
        capture.make_repeatable()
        for _ in capture.lines(lambda number, error: errors.append((number, error))):
            pass
        if errors:
            raise LinesError(capture.names[0], errors)
        return convert(
            capture,
            output,
            to=to,
            by_connection=by_connection,
            max_bytes=max_bytes,
            keep_login_hashes=True,
            overwrite=overwrite,
        )


class LinesError(UsageError):
    """Lines of which no frame can be built; `lines` are their numbers and what is wrong with each."""

    def __init__(self, file: str, lines: list[tuple[int, EncodeError]]) -> None:
        said = []
        for number, error in lines[:MOST_LINES_SAID]:
            path = f"{error.path}: " if error.path else ""
            said.append(f"{file}: line {number:,}: {path}{error.message}")
        if len(lines) > MOST_LINES_SAID:
            said.append(f"{file}: and {len(lines) - MOST_LINES_SAID:,} more lines")
        super().__init__("\n".join(said))
        self.lines = lines


def _begun(items: Iterator[_T]) -> Iterator[_T]:
    """An iterator that has begun: what can't be read at all is said before anything is written."""
    first = next(items, None)
    return items if first is None else chain((first,), items)


# ------------------------------------------------------------------------ what is wanted


def _test_of(wants: str | Filter | Callable[[Event], bool]) -> Callable[[Event], bool]:
    """Whether an event is wanted."""
    if callable(wants):
        return wants
    from volttools.filters.filter import filter_of  # its grammar is not needed without an expression

    return filter_of(wants).matches


class _Chosen:
    """The frames of the events that are wanted, and of the log-ins of their connections."""

    def __init__(self, wants: Callable[[Event], bool]) -> None:
        self._wants = wants
        self._frames = NumberSet()
        self._connections: set[int] = set()
        self._logins: dict[int, list[int]] = {}
        self.exchanges = 0

    def look_at(self, event: Event) -> None:
        """Note what an event asks for."""
        if event.connection is None:
            return
        numbers = [frame.number for frame in event.frames]
        if isinstance(event, Login):
            self._logins.setdefault(event.connection.number, []).extend(numbers)
        if self._wants(event):
            self._connections.add(event.connection.number)
            self.exchanges += isinstance(event, Exchange)
            for number in numbers:
                self._frames.add(number)

    def of(self, steps: Iterator[Step]) -> Iterator[Step]:
        """The steps that are wanted. Holes are left out: they are not part of what is."""
        for number in self._connections:
            for frame in self._logins.get(number, ()):
                self._frames.add(frame)
        for step in steps:
            number = step.connection.number
            if number not in self._connections:
                continue
            if isinstance(step, Opened):
                # Who reads a beginning expects a log-in there.
                step.is_whole = step.is_whole and number in self._logins
                yield step
            elif isinstance(step, Ended) or self._is_wanted(step):
                yield step

    def _is_wanted(self, step: Step) -> bool:
        return isinstance(step, Sent) and (step.is_full or step.frame.number in self._frames)


class NumberSet:
    """A set of numbers, a bit each where they lie close together.

    >>> numbers = NumberSet()
    >>> numbers.add(9)
    >>> 9 in numbers, 8 in numbers, 1_000_000 in numbers
    (True, False, False)
    """

    def __init__(self) -> None:
        self._bits: dict[int, bytearray] = {}

    def add(self, number: int) -> None:
        """Add a number."""
        chunk, bit = divmod(number, _CHUNK_BITS)
        bits = self._bits.get(chunk)
        if bits is None:
            bits = self._bits[chunk] = bytearray(_CHUNK_BITS // 8)
        bits[bit // 8] |= 1 << bit % 8

    def __contains__(self, number: int) -> bool:
        chunk, bit = divmod(number, _CHUNK_BITS)
        bits = self._bits.get(chunk)
        return bits is not None and bool(bits[bit // 8] >> bit % 8 & 1)
