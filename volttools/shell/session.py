"""A shell's session with a server: runs statements, and gives what came of each. It prints nothing.

    session = Session(connect)
    for outcome in session.run("select * from votes;"):
        ...

A statement is sent once. If the connection is lost, the next statement connects anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from volttools.client.blocking import Call, Client
from volttools.client.results import Result, failure
from volttools.client.signatures import Slot
from volttools.client.text_arguments import read_argument
from volttools.errors import ClientError, EncodeError, UsageError, VoltToolsError
from volttools.formats.response import SUCCESS
from volttools.protocol.events import Exchange
from volttools.protocol.recognition import DEFAULT_PORTS
from volttools.shell import listings
from volttools.shell.catalog import Catalog, CatalogFetch
from volttools.shell.commands import help_lines
from volttools.shell.interrupts import interrupts
from volttools.shell.outcomes import Answer, Bytes, Cancelled, Failure, Listing, Note, Outcome, Quit
from volttools.shell.recording import Recording
from volttools.shell.splitting import Splitter
from volttools.shell.statements import Execute, Request, Sql, Words, request_of
from volttools.words import counted

WATCH_S = 2.0
"""Seconds between two repeats, where none are given."""

_SLICE_S = 0.1  # how long Ctrl-C may take to be noticed while an answer is awaited
_MOST_FILES = 16  # that call each other


@dataclass(slots=True)
class Settings:
    """How answers are shown, as commands change it."""

    timing: bool = False
    expanded: bool = False
    pager: bool = True
    format: str = "table"


class Session:
    """Statements, one after another, on a connection that is made anew when it is lost.

    connect            makes a client, of the given hosts if there are some
    stops_on_error     whether files end with the first statement that fails
    completes          whether the catalog is kept at hand, and pushes are asked for
    failures           how many statements failed so far
    """

    def __init__(
        self,
        connect: Callable[..., Client],
        *,
        recording: Recording | None = None,
        settings: Settings | None = None,
        stops_on_error: bool = False,
        completes: bool = False,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings or Settings()
        self.recording = recording or Recording()
        self.failures = 0
        self._connect = connect
        self.stops_on_error = stops_on_error
        self._completes = completes
        self._pause = pause
        self._hosts: Sequence[str] = ()
        self._client: Client | None = None
        self._fetch = CatalogFetch()
        self._last: Request | None = None
        self._last_call: Call | None = None
        self._open_files = 0

    # -------------------------------------------------------- connection

    def connect(self, hosts: Sequence[str] = ()) -> Client:
        """Connect, instead of what was; to the same hosts as before if none are given.

        Raises UsageError, LoginRefused, CannotConnect; the connection before is left as it was then.
        """
        hosts = hosts or self._hosts
        client = self._connect(hosts, tap=self.recording)
        self.close()
        self._hosts, self._client = hosts, client
        if self._completes:
            client.submit("@Subscribe", "TOPOLOGY", check=False)
            self._refresh()
        return client

    @property
    def address(self) -> str:
        """The server's; "" while there is no connection."""
        return "" if self._client is None else self._client.address

    @property
    def version(self) -> str:
        """The server's, such as "11.4.0.beta1"; "" while there is no connection."""
        return "" if self._client is None else (self._client.server.build or "").partition("_")[0]

    @property
    def prompt(self) -> str:
        """Such as "db1> "; with the port where it is not the usual one."""
        return f"{self.address.removesuffix(f':{DEFAULT_PORTS[0]}') or 'not connected'}> "

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._fetch.forget()

    def catalog(self, wait_s: float = 0.0) -> Catalog:
        """The catalog as far as it has come; waits so long for it where it is under way."""
        until = time.monotonic() + wait_s
        self._take_pushes()
        while self._fetch.is_under_way and time.monotonic() < until:
            self._take_pushes(0.05)
        return self._fetch.take()

    def _take_pushes(self, seconds: float = 0.0) -> None:
        """See what has come: answers, pushes, the end of the connection."""
        if self._client is None or self._client.is_closed:
            return
        try:
            names = {push.name for push in self._client.events(timeout=seconds)}
        except ClientError:
            self._fetch.forget()
            return
        if "procedures" in names and self._completes:
            self._refresh()

    def _refresh(self) -> None:
        """Ask for the catalog anew."""
        if self._completes and self._client is not None and not self._client.is_closed:
            try:
                self._fetch.begin(self._client)
            except (ClientError, TimeoutError):
                self._fetch.forget()

    def _connected(self) -> Iterator[Note]:
        """Connect if there is no connection any more; says so."""
        self._take_pushes()
        if self._client is None or self._client.is_closed:
            was_lost = self._client is not None
            client = self.connect()
            if was_lost:
                yield Note(f"The connection was lost; connected to {client.address} again.")

    # --------------------------------------------------------- statements

    def run(self, statement: str) -> Iterator[Outcome]:
        """What comes of a statement. Raises Cancelled; what fails is an outcome."""
        try:
            request = request_of(statement)
            if request is None:
                return
            for outcome in self._run(request):
                if isinstance(outcome, Answer):
                    self.failures += outcome.result.status != SUCCESS
                yield outcome
        except (VoltToolsError, OSError) as error:
            self.failures += 1
            yield Failure(error)

    def run_text(self, text: str) -> Iterator[Outcome]:
        """What comes of all the statements of a text."""
        splitter = Splitter()
        statements = splitter.feed(text) + splitter.finish()
        for statement in statements:
            before = self.failures
            for outcome in self.run(statement):
                yield outcome
                if isinstance(outcome, Quit):
                    return
            if self.stops_on_error and self.failures > before:
                return

    def _run(self, request: Request) -> Iterator[Outcome]:
        if isinstance(request, Words):
            yield from self._commands[request.command.name](self, request.argument)
            return
        self._last = request
        yield from self._connected()
        yield Answer(self._call_of(request))

    def _call_of(self, request: Sql | Execute) -> Result:
        if isinstance(request, Sql):
            result = self._call("@AdHoc", request.text)
            if request.is_ddl and result.status == SUCCESS:
                self._refresh()
            return result
        procedure = request.procedure
        assert self._client is not None
        slots = self._client.parameter_slots(procedure) if request.arguments else None
        if slots is None or len(slots) != len(request.arguments):
            slots = (Slot(None),) * len(request.arguments)
        values = []
        for index, (text, slot) in enumerate(zip(request.arguments, slots, strict=True)):
            try:
                values.append(text if isinstance(text, bytes) else read_argument(text, slot))
            except EncodeError as error:
                raise EncodeError(f"{procedure}, parameter {index}: {error.message}") from None
        return self._call(procedure, *values)

    def _call(self, procedure: str, *values: Any) -> Result:
        """Call, and wait; Ctrl-C cancels the call, and the connection stays usable."""
        assert self._client is not None
        call = self._client.submit(procedure, *values, check=False)
        self._last_call = call
        with interrupts() as was_interrupted:
            while not call.wait(_SLICE_S):
                if was_interrupted():
                    call.cancel()
                    raise Cancelled(f"{procedure}: cancelled; it may run nevertheless")
            result = call.result()
        return result

    def _ask(self, procedure: str, *values: Any) -> Result:
        """An answer that the shell needs for a command. Raises CallFailed."""
        result = self._call(procedure, *values)
        if result.status != SUCCESS:
            raise failure(result)
        return result

    # ----------------------------------------------------------- commands

    def _help(self, argument: str) -> Iterator[Outcome]:
        yield Note("\n".join(help_lines()))

    def _quit(self, argument: str) -> Iterator[Outcome]:
        yield Quit()

    def _tables(self, argument: str) -> Iterator[Outcome]:
        yield from self._connected()
        if not argument:
            yield Listing(listings.tables(self._ask("@SystemCatalog", "TABLES")))
            return
        columns = self._ask("@SystemCatalog", "COLUMNS")
        keys = self._call("@SystemCatalog", "PRIMARYKEYS")
        yield Listing(listings.columns(columns, keys, argument.strip('"')))

    def _procedures(self, argument: str) -> Iterator[Outcome]:
        yield from self._connected()
        procedures = self._ask("@SystemCatalog", "PROCEDURES")
        yield Listing(
            listings.procedures(procedures, self._ask("@SystemCatalog", "PROCEDURECOLUMNS"), argument)
        )

    def _classes(self, argument: str) -> Iterator[Outcome]:
        yield from self._connected()
        yield Answer(self._call("@SystemCatalog", "CLASSES"))

    def _explain(self, argument: str) -> Iterator[Outcome]:
        yield from self._plan("@Explain", argument, "SQL, such as \\explain select * from t")

    def _explain_procedure(self, argument: str) -> Iterator[Outcome]:
        yield from self._plan("@ExplainProc", argument, "a procedure: \\explainproc Vote")

    def _explain_view(self, argument: str) -> Iterator[Outcome]:
        yield from self._plan("@ExplainView", argument, "a view: \\explainview totals")

    def _plan(self, procedure: str, argument: str, wanted: str) -> Iterator[Outcome]:
        if not argument:
            raise UsageError(f"there is nothing to explain: give {wanted}")
        yield from self._connected()
        result = self._call(procedure, argument)
        yield Answer(result) if result.status != SUCCESS else Note(listings.plan(result))

    def _timing(self, argument: str) -> Iterator[Outcome]:
        self.settings.timing = _switched(self.settings.timing, argument)
        yield Note(f"Timing is {_on(self.settings.timing)}.")

    def _expanded(self, argument: str) -> Iterator[Outcome]:
        self.settings.expanded = _switched(self.settings.expanded, argument)
        yield Note(f"A line a value is {_on(self.settings.expanded)}.")

    def _pager(self, argument: str) -> Iterator[Outcome]:
        self.settings.pager = _switched(self.settings.pager, argument)
        yield Note(f"The pager is {_on(self.settings.pager)}.")

    def _format(self, argument: str) -> Iterator[Outcome]:
        if argument.lower() not in ("table", "json", "csv"):
            raise UsageError(f"{argument!r} is no format: write \\format table, json or csv")
        self.settings.format = argument.lower()
        yield Note(f"Answers are shown as {self.settings.format}.")

    def _bytes(self, argument: str) -> Iterator[Outcome]:
        yield Bytes(self._last_exchange())

    def _save(self, argument: str) -> Iterator[Outcome]:
        path, _, what = argument.rpartition(" ")
        if what != "all" or not path:
            path, what = argument, ""
        if not path:
            raise UsageError("there is no file to save to: give its name, such as \\save call.pcapng")
        exchange = None if what else self._last_exchange()
        saved = self.recording.save(path.strip(), exchange)
        forgotten = self.recording.forgotten if what else 0
        more = f"; {forgotten:,} before them are not kept any more" if forgotten else ""
        yield Note(f"Saved {counted(saved, 'exchange')} to {path}{more}.")

    def _last_exchange(self) -> Exchange:
        call = self._last_call
        if call is None:
            raise UsageError("nothing was called yet: run a statement first")
        found = self.recording.exchange(call.client_handle)
        if found is None:
            raise UsageError("the last call has no answer yet, so there is no exchange")
        return found

    def _watch(self, argument: str) -> Iterator[Outcome]:
        seconds = _seconds(argument)
        request = self._last
        if request is None:
            raise UsageError("there is nothing to repeat yet: run a statement first")
        try:
            while True:
                yield from self._run(request)
                self._pause(seconds)
        except Cancelled as cancelled:
            yield Note(str(cancelled))
        except KeyboardInterrupt:
            yield Note("")

    def _file(self, argument: str) -> Iterator[Outcome]:
        name = argument.strip("'\"")
        if not name:
            raise UsageError("there is no file to run: give its name, such as \\i schema.sql")
        if self._open_files >= _MOST_FILES:
            raise UsageError(f"{name}: files run each other more than {_MOST_FILES} deep")
        with open(name, encoding="utf-8", errors="surrogateescape") as stream:
            text = stream.read()
        self._open_files += 1
        try:
            yield from self.run_text(text)
        finally:
            self._open_files -= 1

    def _reconnect(self, argument: str) -> Iterator[Outcome]:
        self.connect([argument] if argument else ())
        yield Note(f"Connected to {self.address}, VoltDB {self.version}.")

    _commands: ClassVar[dict[str, Callable[[Session, str], Iterator[Outcome]]]] = {
        "\\?": _help,
        "\\q": _quit,
        "\\d": _tables,
        "\\df": _procedures,
        "\\dc": _classes,
        "\\explain": _explain,
        "\\explainproc": _explain_procedure,
        "\\explainview": _explain_view,
        "\\timing": _timing,
        "\\x": _expanded,
        "\\pager": _pager,
        "\\format": _format,
        "\\hex": _bytes,
        "\\save": _save,
        "\\watch": _watch,
        "\\i": _file,
        "\\connect": _reconnect,
    }


def _on(value: bool) -> str:
    return "on" if value else "off"


def _switched(value: bool, argument: str) -> bool:
    if not argument:
        return not value
    if argument.lower() not in ("on", "off"):
        raise UsageError(f"{argument!r} is neither on nor off")
    return argument.lower() == "on"


def _seconds(argument: str) -> float:
    try:
        seconds = float(argument.removesuffix("s")) if argument else WATCH_S
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise UsageError(f"{argument!r} is no time: write seconds, such as \\watch 2")
    return seconds
