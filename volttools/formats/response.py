"""Responses: what a server sends for an invocation, and unasked (pushes).

Sources: ClientResponseImpl.java and ClientResponse.java of the 11.4 server; VoltResponse
in the official Python client 16.1; all recordings.
"""

from __future__ import annotations

from construct import GreedyBytes, Int8sb, Int8ub, Int16sb, Int32sb, Int64sb, this

from volttools.formats.exceptions import SERVER_EXCEPTION, ServerException
from volttools.formats.notation import Counted, PresenceFlags, Record, Sized, Text, field, present_if, record
from volttools.formats.table import TABLE, Table, TableOutline

# fmt: off
STATUS_NAMES = {
       1: "SUCCESS",
      -1: "USER_ABORT",
      -2: "GRACEFUL_FAILURE",
      -3: "UNEXPECTED_FAILURE",
      -4: "CONNECTION_LOST",
      -5: "SERVER_UNAVAILABLE",
      -6: "CONNECTION_TIMEOUT",
      -7: "RESPONSE_UNKNOWN",
      -8: "TXN_RESTART",
      -9: "OPERATIONAL_FAILURE",
     -10: "TXN_MISPARTITIONED",
     -11: "TXN_MISROUTED",
     -12: "DR_TABLE_HASH_NOT_FOUND",
     -13: "UNSUPPORTED_DYNAMIC_CHANGE",
     -14: "CLIENT_ERROR_TXN_NOT_SENT",
     -15: "CLIENT_REQUEST_TIMEOUT",
     -16: "CLIENT_RESPONSE_TIMEOUT",
     -17: "COMPOUND_PROC_USER_ABORT",
     -18: "COMPOUND_PROC_TIMEOUT",
     -20: "CANNOT_UPDATE_CONFIG",       # this and the next two: from the Go client only
     -21: "FAILED_CONFIG_UPDATE",
     -22: "USER_NO_LONGER_VALID",
}
# fmt: on
STATUSES = {name: status for status, name in STATUS_NAMES.items()}

SUCCESS = STATUSES["SUCCESS"]
USER_ABORT = STATUSES["USER_ABORT"]
GRACEFUL_FAILURE = STATUSES["GRACEFUL_FAILURE"]
UNEXPECTED_FAILURE = STATUSES["UNEXPECTED_FAILURE"]
"""Also the status with which a server answers what it can't read."""
SERVER_UNAVAILABLE = STATUSES["SERVER_UNAVAILABLE"]
RESPONSE_UNKNOWN = STATUSES["RESPONSE_UNKNOWN"]
TXN_RESTART = STATUSES["TXN_RESTART"]
OPERATIONAL_FAILURE = STATUSES["OPERATIONAL_FAILURE"]


def status_name(status: int) -> str:
    """Such as "SUCCESS"; of a status that nobody knows its number, "STATUS_99"."""
    return STATUS_NAMES.get(status, f"STATUS_{status}")


APP_STATUS_UNSET = -128
"""The application status of a procedure that set none."""

APP_STATUSES = range(APP_STATUS_UNSET, -APP_STATUS_UNSET)
"""All that fit into its byte."""

# fmt: off
RESERVED_HANDLES = {
    2**63 - 1: "ping",                    # a client's keep-alive; the only one that clients send
    2**63 - 2: "topology",                # pushes: a response like @Statistics TOPO 0
    2**63 - 3: "procedures",              # like @SystemCatalog PROCEDURES
    2**63 - 4: "graceful stop",           # this and the next: newer servers, constants in clients
    2**63 - 5: "snapshot catalog",
    2**63 - 6: "snapshot table chunk",
    2**63 - 8: "graceful stop cancelled",
}
# fmt: on
PUSH_HANDLES = {name: handle for handle, name in RESERVED_HANDLES.items()}
PING_HANDLE = 2**63 - 1
HIGHEST_CLIENT_HANDLE = 2**63 - 65
"""What lies above, but for PING_HANDLE, is a push (MAX_CLIENT_HANDLE of the Python client 16.1)."""


def is_push_handle(client_handle: int) -> bool:
    """Whether a response with this handle answers no invocation."""
    return client_handle > HIGHEST_CLIENT_HANDLE and client_handle != PING_HANDLE


def push_name(client_handle: int) -> str:
    """What is pushed under a reserved handle: "topology", "procedures" ..."""
    return RESERVED_HANDLES.get(client_handle, f"reserved handle {client_handle}")


FIELDS_PRESENT = PresenceFlags(
    Int8ub, app_status_string=0x80, exception=0x40, status_string=0x20, hashes=0x10
)


@record
class Response(Record):
    """The server's answer to an invocation, or a push."""

    version: int = field(Int8sb, "0; readers ignore it", default=0)
    client_handle: int = field(Int64sb, "as in the invocation; reserved values are pushes", default=1)
    extra_flags: int = field(
        FIELDS_PRESENT,
        "bits: 80 app_status_string, 40 exception, 20 status_string, 10 hashes",
        name="fields_present",
        default=0,
    )
    status: int = field(Int8sb, "1 SUCCESS; see STATUS_NAMES", default=SUCCESS)
    status_string: str | None = field(
        present_if(this.fields_present & 0x20, Text), "in words; most errors have it", default=None
    )
    app_status: int = field(Int8sb, "what the procedure set; -128 if nothing", default=APP_STATUS_UNSET)
    app_status_string: str | None = field(
        present_if(this.fields_present & 0x80, Text), "what the procedure set", default=None
    )
    cluster_rtt_ms: int = field(Int32sb, "round trip inside the cluster, in whole ms", default=0)
    exception: ServerException | None = field(
        present_if(this.fields_present & 0x40, SERVER_EXCEPTION), "old servers only", default=None
    )
    hashes: list[int] | None = field(
        present_if(this.fields_present & 0x10, Counted(Int16sb, Int32sb)),
        "determinism; internal to the server",
        default=None,
    )
    tables: list[Table] = field(Counted(Int16sb, TABLE), "the results", default=[])
    trailing: bytes = field(GreedyBytes, "nothing in any known server", default=b"")

    @property
    def status_name(self) -> str:
        """Such as "SUCCESS"."""
        return status_name(self.status)


@record
class ResponseHead(Record):
    """A response up to its status: all that pairing and listing need."""

    version: int = field(Int8sb, "as Response")
    client_handle: int = field(Int64sb, "as Response")
    fields_present: int = field(Int8ub, "as Response")
    status: int = field(Int8sb, "as Response")
    rest: bytes = field(GreedyBytes, "from the status string on", default=b"")


@record
class ResponseOutline(Record):
    """A response without the rows of its tables: all that counting needs."""

    version: int = field(Int8sb, "as Response")
    client_handle: int = field(Int64sb, "as Response")
    fields_present: int = field(Int8ub, "as Response")
    status: int = field(Int8sb, "as Response")
    status_string: str | None = field(
        present_if(this.fields_present & 0x20, Text), "as Response", default=None
    )
    app_status: int = field(Int8sb, "as Response")
    app_status_string: str | None = field(
        present_if(this.fields_present & 0x80, Text), "as Response", default=None
    )
    cluster_rtt_ms: int = field(Int32sb, "as Response")
    exception: ServerException | None = field(
        present_if(this.fields_present & 0x40, SERVER_EXCEPTION), "as Response", default=None
    )
    hashes: list[int] | None = field(
        present_if(this.fields_present & 0x10, Counted(Int16sb, Int32sb)), "as Response", default=None
    )
    tables: list[TableOutline] = field(
        Counted(Int16sb, Sized(Int32sb, TableOutline.declaration)), "the results, but for their rows"
    )
    trailing: bytes = field(GreedyBytes, "as Response", default=b"")
