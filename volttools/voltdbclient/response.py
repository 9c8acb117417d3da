"""What a call gives, as the original client has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volttools.codec import head_reader, parser
from volttools.formats.response import APP_STATUS_UNSET, Response, ResponseHead
from volttools.voltdbclient.exception import VoltException
from volttools.voltdbclient.serializer import Serializer
from volttools.voltdbclient.table import VoltTable

if TYPE_CHECKING:
    from volttools.voltdbclient.connection import FastSerializer

_parse = parser(Response)
_read_head, _ = head_reader(ResponseHead)


class _Late:
    """An attribute that is read, with the others, when one of them is looked at for the first time."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, response: VoltResponse | None, owner: type | None = None) -> Any:
        if response is None:
            return self
        response._read_all()
        return response.__dict__[self._name]


_LATE: Any = _Late  # its objects stand for what they give


class VoltResponse:
    """The answer to a call.

    status           1 is success
    statusString     in words; None where the server sent none
    appStatus        what the procedure set; None if nothing
    appStatusString  what the procedure set; None if nothing
    roundtripTime    whole milliseconds inside the cluster
    exception        a VoltException, of old servers only, or None
    tables           a list of VoltTable

    All but the status is read when it is looked at, and raises DecodeError then if it can't be.
    """

    status: int
    clientHandle: int
    version: int
    statusString: str | None = _LATE()
    appStatus: int | None = _LATE()
    appStatusString: str | None = _LATE()
    roundtripTime: int = _LATE()
    exception: VoltException | None = _LATE()
    tables: list[VoltTable] | None = _LATE()

    def __init__(self, fser: FastSerializer | None = None) -> None:
        """The answer that comes next over a connection, to what its `flush` sent; None: none yet."""
        self.fser: Serializer | None = fser
        self._body: bytes | None = None
        if fser is not None:
            self.deserialize(fser)
            return
        self.version = self.clientHandle = self.status = self.appStatus = self.roundtripTime = -1
        self.statusString = self.appStatusString = ""
        self.exception = self.tables = None

    def deserialize(self, fser: FastSerializer) -> None:
        """Wait for the answer that comes next over a connection, and take it."""
        fser.bufferForRead()
        self._take(fser.read_buffer.get_buffer())

    def _take(self, body: bytes) -> None:
        self._body = body
        self.version, self.clientHandle, _, self.status = _read_head(body, 0)

    @classmethod
    def read(cls, body: bytes) -> VoltResponse:
        """The response in the body of a frame."""
        found = cls.__new__(cls)
        found.fser = None
        found._body = body
        found.version, found.clientHandle, _, found.status = _read_head(body, 0)
        return found

    @classmethod
    def _from_body(cls, fser: Serializer, body: bytes) -> VoltResponse:
        """As the official clients' own modules call it."""
        found = cls.read(body)
        found.fser = fser
        fser.read_buffer.set(body)
        return found

    def _read_all(self) -> None:
        if self._body is None:
            return
        response = _parse(self._body)
        self._body = None
        take = self.__dict__.setdefault  # what a script has set stays
        take("statusString", response.status_string)
        take("appStatus", None if response.app_status == APP_STATUS_UNSET else response.app_status)
        take("appStatusString", response.app_status_string)
        take("roundtripTime", response.cluster_rtt_ms)
        take("exception", None if response.exception is None else VoltException.of(response.exception))
        take("tables", list(map(VoltTable.of, response.tables)))

    def __getstate__(self) -> dict[str, Any]:
        self._read_all()
        return self.__dict__ | {"fser": None}

    def __str__(self) -> str:
        tables = "\n\n".join(map(str, self.tables or []))
        text = f"Status: {self.status}\nInformation: {self.statusString}\n{tables}"
        return text if self.exception is None else f"{text}\nException: {self.exception}"

    def __repr__(self) -> str:
        return f"<VoltResponse: status {self.status}, {len(self.tables or [])} tables>"
