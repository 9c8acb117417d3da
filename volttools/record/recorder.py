"""Writes down what passes, as it passes; and tells what it means to whoever wants to know.

    recorder = Recorder("out.pcapng")
    watcher = recorder.opened(("10.0.0.1", 50000), ("10.0.0.2", 21212), now_ns)
    watcher.data(Direction.CLIENT, data, now_ns)
    watcher.ended(Direction.CLIENT, "fin", now_ns)
    recorder.close()

A pcapng file gets the bytes of each side as they came, frames or not, with zeros for the hashes of
log-ins; what they mean is found beside that. Where they are to be redacted, or written as something
else than a pcapng, it gets what can be read instead: what can't be read can't be redacted either.

Called from one thread. Files are another thread's work (`disk`): nothing here waits for them, and what
finds no room any more leaves a hole of its length in its stream.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from volttools.capture.rewriting import Keeper, Rewriter, Rewriting, SecretsBlanker
from volttools.capture.writers import STDOUT, Format, format_of
from volttools.protocol.events import Connection, Direction, Event
from volttools.protocol.frames import CLIENT, SERVER, CloseKind
from volttools.protocol.login_blanking import LoginBlanker
from volttools.protocol.numbering import Numbers
from volttools.protocol.observer import Observer
from volttools.protocol.recognition import Recognizer
from volttools.protocol.traffic import Bytes, Ended, Hole, Note, Opened, Step
from volttools.record.addresses import peer_names, reason
from volttools.record.disk import Disk
from volttools.record.outputs import FORMATS, Output, PcapngOutput, open_output
from volttools.record.rotation import Rotation
from volttools.record.statistics import Snapshot, Statistics
from volttools.version import __version__

MOST_UNREAD_BYTES: Final = 2**28
"""What connections may have sent, all together, without it making sense yet. Who goes beyond that is not
decoded any more; its bytes are recorded."""

NOT_RECORDED: Final = "were passed on and not recorded, as the disk did not take them"

_SIDES: Final = {CLIENT: 0, SERVER: 1}


class Recorder:
    """Records connections.

    output             a file; "-" is standard output; None: nothing is written
    to                 its format, where the name doesn't tell it: "pcapng", "dump" or "json"
    keep_login_hashes  write hashes of passwords and Kerberos tokens
    rewriter           what to write instead of what passed: a `redaction.Redactor`; then that is what
                       `on_event` and the statistics get, too
    rotation           when to go on in the next file
    writes_at_once     every byte is the system's before `data` is back, instead of 50 ms later
    decodes            False: find out nothing that nobody wants to know; the statistics then have no calls,
                       and recording bytes costs a third less
    comment            what a pcapng says of where it is from; no secrets
    on_event           called with each event, as soon as it is known
    on_trouble         called with a sentence where something goes wrong; maybe from another thread
    Raises UsageError for what can't be done, CaptureError for a file that can't be written.
    """

    def __init__(
        self,
        output: str | None = None,
        *,
        to: Format | None = None,
        keep_login_hashes: bool = False,
        rewriter: Rewriter | None = None,
        rotation: Rotation | None = None,
        overwrite: bool = False,
        writes_at_once: bool = False,
        decodes: bool = True,
        comment: str | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_trouble: Callable[[str], None] | None = None,
    ) -> None:
        self.trouble: list[str] = []
        self._on_trouble = on_trouble
        self._on_event = on_event
        self.writes_at_once = writes_at_once
        self._keep = keep_login_hashes
        self._rewriting = Rewriting(rewriter or (Keeper() if keep_login_hashes else SecretsBlanker()))
        self._changes_events = rewriter is not None
        self._numbers = Numbers()
        self._connections = 0
        self._open: dict[int, _Watched] = {}
        self._owed: dict[int, _Watched] = {}  # connections with bytes that were lost
        self._is_lossy = False
        self.unread_bytes = 0
        self.statistics = Statistics(time.time_ns())
        self._disk = Disk(writes_at_once=writes_at_once, on_trouble=self.say)
        self._output: Output | None = None
        if output is not None:
            self._output = open_output(
                output,
                to or _format_of(output),
                self._disk,
                comment=f"VoltDB traffic, recorded by volttools {__version__}: {comment or 'a proxy'}",
                rotation=rotation,
                takes_steps=rewriter is not None,
                keep_login_hashes=keep_login_hashes or rewriter is not None,
                overwrite=overwrite,
                on_trouble=self.say,
                now_ns=time.time_ns(),
            )
        self._decodes = decodes or on_event is not None or (output is not None and not self.takes_bytes)

    # -- what happens -----------------------------------------------------------------------

    def opened(self, client: tuple[str, int], server: tuple[str, int], now_ns: int) -> _Watched:
        """A connection. Hosts are numbers; a server's name that was not resolved is left out."""
        self._connections += 1
        statistics = self.statistics
        statistics.connections += 1
        statistics.open += 1
        names = peer_names(client, server)
        connection = Connection(
            number=self._connections, client=names[0], server=names[1], first_seen_ns=now_ns
        )
        watched = self._open[connection.number] = _Watched(self, connection, keep=self._keep)
        watched.begin(now_ns)
        return watched

    def refused(self, server: str, error: OSError) -> None:
        """A server can't be reached."""
        self.statistics.refused += 1
        self.say(f"can't connect to {server}: {reason(error)}")

    def failed(self, what: str, error: Exception) -> None:
        """Something went wrong around a connection; `what` begins the sentence."""
        self.statistics.failures += 1
        text = reason(error) if isinstance(error, OSError) else str(error)
        self.say(f"{what}: {text or type(error).__name__}")

    def flush(self) -> None:
        """Give the disk what watchers were told to write."""
        if self._output is not None:
            self._output.flush()

    def close(self) -> None:
        """End what is open, write what waits, and close the files."""
        now_ns = time.time_ns()
        for watched in list(self._open.values()):
            for direction in Direction:
                watched.ended(direction, "end of capture", now_ns)
        if self._output is None:
            return
        self._pay(now_ns)
        self._output.close()
        self._disk.close()
        self.statistics.lost_bytes += self._disk.waiting_bytes
        self._output.finish()

    def snapshot(self) -> Snapshot:
        """The statistics of this moment."""
        return self.statistics.snapshot(
            time.time_ns(), files=self.files, bytes_written=self._disk.bytes_written
        )

    @property
    def files(self) -> list[str]:
        """The names of the files so far."""
        return [] if self._output is None else self._output.names

    # -- for the connections ----------------------------------------------------------------

    @property
    def takes_bytes(self) -> bool:
        """Whether bytes are written, instead of what they mean."""
        return isinstance(self._output, PcapngOutput) and not self._output.takes_steps

    @property
    def takes_steps(self) -> bool:
        """Whether frames are written."""
        return self._output is not None and self._output.takes_steps

    def observer(self, connection: Connection) -> Observer | None:
        """What finds out what is said on a connection, if anybody wants to know."""
        if not self._decodes:
            return None
        return Observer(
            Recognizer(client_side=0, server_side=1, is_given=True),
            lambda client_side: connection,
            self._numbers,
            logs_traffic=self.takes_steps,
        )

    def step(self, watched: _Watched, step: Step, now_ns: int) -> None:
        """Write a step, or note that it is lost."""
        output = self._output
        if output is None:
            return
        if not self._disk.has_room():
            self._is_lossy = True
            self._owed[watched.connection.number] = watched
            self.statistics.lost_bytes += watched.owe(step)
            return
        if self._is_lossy:
            self._pay(now_ns)
        self._write(output, step, now_ns)

    def bytes(self, watched: _Watched, direction: Direction, data: bytes, now_ns: int) -> None:
        """Write bytes as they passed, or note that they are lost."""
        output = self._output
        if isinstance(output, PcapngOutput) and not self._is_lossy and self._disk.has_room():
            output.send(watched.connection, direction, data, now_ns)
        else:
            connection = watched.connection
            self.step(
                watched, Bytes(connection=connection, direction=direction, data=data, time_ns=now_ns), now_ns
            )

    def event(self, event: Event, now_ns: int) -> None:
        """Count an event, write it, and tell it."""
        if self._changes_events:
            event = self._rewriting.event(event)
        self.statistics.add(event, now_ns)
        if self._output is not None and self._output.takes_events:
            if self._disk.has_room():
                self._output.event(event, now_ns)
            else:
                self.statistics.lost_bytes += sum(frame.bytes_on_wire for frame in event.frames)
        if self._on_event is not None:
            try:
                self._on_event(event)
            except Exception as error:
                self._on_event = None
                self.say(f"what is told of calls is told no more: {type(error).__name__}: {error}")

    def over(self, watched: _Watched) -> None:
        """Note that a connection has ended."""
        if self._open.pop(watched.connection.number, None) is not None:
            self.statistics.open -= 1
        if watched.connection.number not in self._owed:
            self._rewriting.forget(watched.connection.number)

    def forget(self, watched: _Watched) -> None:
        """Owe nothing any more of a connection."""
        self._owed.pop(watched.connection.number, None)

    def _pay(self, now_ns: int) -> None:
        """Write what is left to say of connections whose bytes were lost."""
        self._is_lossy = False
        owed, self._owed = self._owed, {}
        for watched in owed.values():
            for step in watched.paid(now_ns):
                assert self._output is not None
                self._write(self._output, step, now_ns)

    def _write(self, output: Output, step: Step, now_ns: int) -> None:
        output.step(self._rewriting.step(step) if output.takes_steps else step, now_ns)

    def say(self, sentence: str) -> None:
        """Tell of trouble."""
        if self._on_trouble is not None:
            self._on_trouble(sentence)
        elif len(self.trouble) < 100:
            self.trouble.append(sentence)


@dataclass(slots=True)
class _Debt:
    """What was not written of a connection."""

    opened: Opened | None = None
    lost: dict[Direction, int] = field(default_factory=lambda: dict.fromkeys(Direction, 0))
    ended: list[Ended] = field(default_factory=list)


class _Watched:
    """One connection that is recorded; a `relay.Watcher`."""

    def __init__(self, recorder: Recorder, connection: Connection, *, keep: bool) -> None:
        self.connection = connection
        self._recorder = recorder
        self._blanker = None if keep else LoginBlanker()
        self._observer = recorder.observer(connection)
        self._takes_bytes = recorder.takes_bytes
        self._takes_steps = recorder.takes_steps
        self._unread = 0
        self._ended = 0
        self._debt: _Debt | None = None

    def begin(self, now_ns: int) -> None:
        """Its handshake."""
        if self._takes_bytes:
            self._step(Opened(connection=self.connection, time_ns=now_ns, is_whole=True), now_ns)

    def data(self, direction: Direction, data: bytes, now_ns: int) -> None:
        """The next bytes of a side: `write` and `look`, and all of it is the disk's."""
        self.write(direction, data, now_ns)
        self._recorder.flush()
        self.look(direction, data, now_ns)

    def write(self, direction: Direction, data: bytes, now_ns: int) -> None:
        """Write the next bytes of a side; each is to be looked at, too, in the same order. The recorder's
        `flush` is to follow, behind this piece or several."""
        recorder = self._recorder
        if direction is CLIENT:
            recorder.statistics.bytes_from_clients += len(data)
        else:
            recorder.statistics.bytes_from_servers += len(data)
        if self._takes_bytes:
            if self._blanker is not None:
                data = self._blanker.feed(direction, data)
            if data:
                recorder.bytes(self, direction, data, now_ns)
        elif recorder.writes_at_once:  # what is written is what is found
            self._look(direction, data, now_ns)

    def look(self, direction: Direction, data: bytes, now_ns: int) -> None:
        """Find out what the next bytes of a side mean."""
        if self._takes_bytes or not self._recorder.writes_at_once:
            self._look(direction, data, now_ns)

    def _look(self, direction: Direction, data: bytes, now_ns: int) -> None:
        recorder, observer = self._recorder, self._observer
        if observer is None:
            if self._takes_steps:
                recorder.statistics.lost_bytes += len(data)
        else:
            try:
                events = observer.data(_SIDES[direction], data, now_ns)
                self._tell(observer, events, len(data), now_ns)
            except Exception as error:
                self._forsake(f"internal error: {type(error).__name__}: {error}")

    def note(self, text: str, now_ns: int) -> None:
        """A remark on what comes next. It names procedures, so it isn't written where those may be redacted."""
        if self._recorder.takes_bytes:
            self._step(Note(connection=self.connection, text=text, time_ns=now_ns), now_ns)

    def ended(self, direction: Direction, how: CloseKind, now_ns: int) -> None:
        """The end of a side."""
        recorder = self._recorder
        self._ended += 1
        if self._takes_bytes:
            rest = b"" if self._blanker is None else self._blanker.end(direction)
            if rest:
                self._step(
                    Bytes(connection=self.connection, direction=direction, data=rest, time_ns=now_ns), now_ns
                )
            ended = Ended(connection=self.connection, direction=direction, how=how, time_ns=now_ns)
            self._step(ended, now_ns)
        observer = self._observer
        if observer is not None:
            try:
                self._tell(observer, observer.closed(_SIDES[direction], how, now_ns), 0, now_ns)
            except Exception as error:
                self._forsake(f"internal error: {type(error).__name__}: {error}")
        if self._ended == len(Direction):
            self._unread_is(0)
            recorder.over(self)

    # -- what could not be written -------------------------------------------------------------

    def owe(self, step: Step) -> int:
        """Note a step that is not written; gives how many bytes are lost by that."""
        if self._debt is None:
            self._debt = _Debt()
        if isinstance(step, Opened):
            self._debt.opened = step
        elif isinstance(step, Note):
            pass
        elif isinstance(step, Ended):
            self._debt.ended.append(step)
            if self._debt.opened is not None and len(self._debt.ended) == len(Direction):
                self._recorder.forget(self)  # nobody will miss what nobody saw
        else:
            length = _length(step)
            direction = step.direction if isinstance(step, Bytes | Hole) else step.frame.direction
            self._debt.lost[direction] += length
            return length
        return 0

    def paid(self, now_ns: int) -> list[Step]:
        """What stands for what was not written."""
        debt, self._debt = self._debt, None
        if debt is None:
            return []
        steps: list[Step] = [] if debt.opened is None else [debt.opened]
        for direction, length in debt.lost.items():
            if length:
                steps.append(
                    Hole(
                        connection=self.connection,
                        direction=direction,
                        length=length,
                        time_ns=now_ns,
                        why=NOT_RECORDED,
                    )
                )
        return steps + debt.ended

    # -- inside ----------------------------------------------------------------------------------

    def _step(self, step: Step, now_ns: int) -> None:
        self._recorder.step(self, step, now_ns)

    def _tell(self, observer: Observer, events: list[Event], length: int, now_ns: int) -> None:
        recorder = self._recorder
        if self._takes_steps:
            for step in observer.steps():
                self._step(step, now_ns)
        for event in events:
            recorder.event(event, now_ns)
        if not events or self._unread:
            self._unread_is(0 if events else self._unread + length)
        if recorder.unread_bytes > MOST_UNREAD_BYTES and self._unread > MOST_UNREAD_BYTES // 256:
            self._forsake(f"{self._unread:,} bytes came without an end or an answer")

    def _unread_is(self, length: int) -> None:
        self._recorder.unread_bytes += length - self._unread
        self._unread = length

    def _forsake(self, why: str) -> None:
        """Decode it no more."""
        self._observer = None
        self._unread_is(0)
        self._recorder.say(f"connection {self.connection.number} is not decoded any more: {why}")


def _format_of(output: str) -> Format:
    return (
        "pcapng" if output == STDOUT else format_of(output, formats=FORMATS, otherwise="say it with --format")
    )


def _length(step: Step) -> int:
    """How many bytes of a stream a step holds."""
    if isinstance(step, Bytes):
        return len(step.data)
    if isinstance(step, Hole):
        return step.length
    return 0 if isinstance(step, Opened | Note | Ended) else step.frame.bytes_on_wire
