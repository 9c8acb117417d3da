"""Asks a server for its statistics, round by round, and goes on when the connection breaks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from volttools.client.results import failure
from volttools.errors import ClientError, DecodeError, UsageError
from volttools.formats.response import SUCCESS
from volttools.monitor import counters
from volttools.monitor.differences import Sample

if TYPE_CHECKING:
    from volttools.client.blocking import Client
    from volttools.client.results import ResultTable

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0

_CATALOG: Final = "@SystemCatalog TABLES"

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A round without an answer: why, and in how many seconds the next try is."""

    text: str
    again_in_s: float


class Asker:
    """Asks for statistics on a connection that it opens when it needs one.

    connect   opens a connection; raises ClientError
    """

    def __init__(self, connect: Callable[[], Client], now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._connect = connect
        self._now_ns = now_ns
        self._client: Client | None = None
        self._replicated: frozenset[str] | None = None
        self._known_tables: Collection[str] = ()

    def connect(self) -> None:
        """Connect, if it isn't. Raises LoginRefused, CannotConnect."""
        if self._client is None:
            self._client = self._connect()
            self._known_tables = ()

    def close(self) -> None:
        """Close the connection, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(ClientError):
                client.close()

    def ask(self, wanted: Collection[str]) -> Sample:
        """One round: procedures, latencies and memory, and what else is wanted: TABLE, INITIATOR.

        What the server refuses to tell is in `missing`. After an error the next round connects anew.
        Raises ClientError, DecodeError.
        """
        try:
            self.connect()
            return self._ask(wanted)
        except BaseException:
            self.close()
            raise

    def _ask(self, wanted: Collection[str]) -> Sample:
        client = self._client
        assert client is not None
        missing: dict[str, str] = {}

        def statistics(selector: str, read: Callable[[ResultTable], Found]) -> tuple[int, Found] | None:
            found = self._told(client, missing, selector, read, "@Statistics", selector, 0)
            return None if found is None else (self._now_ns(), found)

        procedures = statistics(counters.PROCEDURES, counters.procedures)
        latencies = statistics(counters.LATENCY, counters.latencies)
        memories = statistics(counters.MEMORY, counters.memories)
        tables = clients = None
        if counters.CLIENTS in wanted:
            clients = statistics(counters.CLIENTS, counters.clients)
        if counters.TABLES in wanted:
            tables = statistics(counters.TABLES, lambda table: self._tables(client, missing, table))
        server = client.server
        return Sample(
            at_ns=self._now_ns(),
            address=client.address,
            version=(server.build or "").partition("_")[0],
            started_ms=server.cluster_start,
            procedures=procedures,
            tables=tables,
            clients=clients,
            latencies=latencies[1] if latencies else {},
            memories=memories[1] if memories else {},
            missing=missing,
        )

    def _tables(
        self, client: Client, missing: dict[str, str], table: ResultTable
    ) -> dict[str, counters.TableSize]:
        """The sizes; the catalog is asked which are replicated when there are other tables than before."""
        names = set(table.column("TABLE_NAME"))
        if names != self._known_tables:
            self._replicated = self._told(
                client, missing, _CATALOG, counters.replicated_tables, "@SystemCatalog", "TABLES"
            )
            self._known_tables = names if self._replicated is not None else ()
        return counters.tables(table, self._replicated)

    def _told(
        self,
        client: Client,
        missing: dict[str, str],
        name: str,
        read: Callable[[ResultTable], Found],
        procedure: str,
        *arguments: Any,
    ) -> Found | None:
        """What is read from the first table of an answer; None, and why, where there is no such answer."""
        result = client.call(procedure, *arguments, check=False)
        if result.status != SUCCESS:
            missing[name] = str(failure(result))
            return None
        try:
            return read(result.table)
        except UsageError as error:
            missing[name] = f"{procedure} {' '.join(map(str, arguments))}: {error}"
            return None


def rounds(
    asker: Asker,
    wanted: Callable[[], Collection[str]],
    interval_s: Callable[[], float],
    pause: Callable[[float], None],
    clock_s: Callable[[], float] = time.monotonic,
) -> Iterator[Sample | Trouble]:
    """A sample each interval, for ever; trouble where there was none, and longer pauses each time.

    pause   waits for so many seconds, or less
    """
    failures = 0
    while True:
        began = clock_s()
        try:
            found: Sample | Trouble = asker.ask(wanted())
            failures = 0
        except (ClientError, DecodeError) as error:
            again_in_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**failures)
            failures = min(failures + 1, 10)
            found = Trouble(str(error), again_in_s)
        yield found
        if isinstance(found, Trouble):
            pause(found.again_in_s)
        else:
            pause(max(0.0, began + interval_s() - clock_s()))
