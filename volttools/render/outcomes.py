"""What became of an event, in words: status, texts, rows.

The same words stand in lines, details and the summary.
"""

from __future__ import annotations

from collections.abc import Mapping

from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.response import (
    APP_STATUS_UNSET,
    PING_HANDLE,
    SUCCESS,
    Response,
    status_name,
)
from volttools.protocol.events import DAMAGE_KINDS, Connection, Damage, Exchange, Login, Push
from volttools.render.cells import Piece
from volttools.render.values import visible

PARTIAL = "partial"
"""What the status begins with where only a part of a response was captured."""


def status_piece(status: int) -> Piece:
    """A status in words, with the name of its style."""
    return status_name(status), "status.success" if status == SUCCESS else "status.error"


def status_of(exchange: Exchange) -> Piece:
    """The status of an exchange in words; or why there is none."""
    if exchange.is_partial:
        name = "" if exchange.status is None else f" ({status_name(exchange.status)})"
        return PARTIAL + name, "status.missing"
    if exchange.status is not None:
        return status_piece(exchange.status)
    if exchange.response_lost:
        return "response lost", "status.missing"
    if exchange.response_frame is None:
        return "no answer", "status.missing"
    return "unreadable", "status.error"


def status_kind(exchange: Exchange) -> str:
    """Under which name an exchange is counted: its status, "partial response", "no answer" ..."""
    if exchange.is_partial:
        return "partial response"
    return status_of(exchange)[0] if exchange.status is None else status_name(exchange.status)


def texts_of(exchange: Exchange) -> list[Piece]:
    """What there is to say of an exchange besides its status."""
    says = [] if exchange.is_partial else response_texts(exchange.read_response())
    if exchange.is_late:
        says.append(("late: the client had given up", "note"))
    malformed = malformed_text(exchange)
    remarks = [remark for remark in exchange.remarks if remark != exchange.malformed]
    if malformed is not None:
        remarks.append(malformed)
    return [*says, *((remark, "note") for remark in remarks)]


def malformed_text(exchange: Exchange) -> str | None:
    """What is wrong with a request that is all there: the first place that can't be read, and why."""
    if exchange.malformed is None:
        return None
    invocation = exchange.read_invocation()
    if not isinstance(invocation, Invocation) or not isinstance(invocation.parameters, Opaque):
        return exchange.malformed
    from volttools.checks.parameter_faults import fault_of  # rare, and it takes long to import

    fault = fault_of(bytes(invocation.parameters))
    return f"malformed request: {fault.path}: {visible(fault.message)}"


def response_texts(response: Response | DecodeError | None) -> list[Piece]:
    """The texts of a response: of its status, of the application, of an exception."""
    if response is None:
        return []
    if isinstance(response, DecodeError):
        place = f"{response.path}: " if response.path else ""
        return [(f"response: {place}{response.message}", "note")]
    says: list[Piece] = []
    if response.status != SUCCESS and response.status_string:
        says.append((response.status_string, "status.text"))
    if response.app_status != APP_STATUS_UNSET or response.app_status_string:
        text = f": {response.app_status_string}" if response.app_status_string else ""
        says.append((f"application status {response.app_status}{text}", "note"))
    if response.exception is not None:
        exception = response.exception
        says.append((f"{exception.type_name}: {exception.message or ''}", "status.text"))
    return says


def addresses(connection: Connection, to: str) -> str:
    """Who speaks with whom, where the capture tells; "" in a dump_file."""
    if connection.client is None and connection.server is None:
        return ""
    return f"{visible(connection.client or '?')} {to} {visible(connection.server or '?')}"


def login_outcome(login: Login) -> tuple[Piece, list[Piece]]:
    """The outcome of a log-in in a word, and what there is to say about it."""
    if login.server_full:
        return ("refused", "status.error"), [
            ("the server has reached its limit of connections", "status.text")
        ]
    response = login.response
    if response is None:
        return (PARTIAL if login.is_partial else "no answer", "status.missing"), []
    if not response.accepted:
        return ("refused", "status.error"), [(response.status_text, "status.text")]
    return ("accepted", "status.success"), []


def rows_of(response: Response) -> int:
    """The rows of all its tables together."""
    return sum(len(table.rows) for table in response.tables)


def bytes_of(event: Exchange | Login | Push) -> int:
    """The bytes of its frames, with their lengths."""
    return sum([frame.bytes_on_wire for frame in event.frames])  # a list: cheaper, for two


def damage_counts(numbers: Mapping[str, int]) -> list[str]:
    """How often there was damage of each kind, and what that is, the most frequent first.

    >>> damage_counts({"tls": 1})
    ["tls 1 (encrypted, and can't be decrypted)"]
    """
    pairs = sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
    return [f"{kind} {number:,} ({DAMAGE_KINDS[kind]})" for kind, number in pairs if number]


def what_else(damage: Mapping[str, int], others: Mapping[str, int]) -> str:
    """What a capture without calls holds: its damage, then others by name; empty if that is nothing.

    >>> what_else({"tls": 1}, {"HTTP": 3, "log-ins": 0})
    "tls 1 (encrypted, and can't be decrypted), HTTP 3"
    """
    counts = [f"{name} {number:,}" for name, number in others.items() if number]
    return ", ".join([*damage_counts(damage), *counts])


def damage_text(damage: Damage) -> str:
    """The sentence on some damage, and where it is."""
    place = []
    if damage.direction is not None:
        place.append(f"sent by the {damage.direction.value}")
    if damage.frame is not None and damage.frame.number:
        place.append(f"frame {damage.frame.number:,}")
    if damage.offset is not None:
        place.append(f"at byte {damage.offset:,} of {'its stream' if damage.direction else 'the file'}")
    if damage.exchange is not None:
        place.append(f"exchange {damage.exchange:,}")
    return f"{damage.message} ({', '.join(place)})" if place else damage.message


def end_text(connection: Connection) -> str:
    """How a connection ended: "closed by the client"; "" where that isn't known."""
    who = f" by the {connection.closed_by}" if connection.closed_by else ""
    match connection.closed_kind:
        case "fin":
            return f"closed{who}"
        case "rst":
            return f"broken off{who}"
        case "end of capture":
            return "open at the end"
    return ""


def procedure_text(event: Exchange | Push) -> str:
    """The procedure's name, fit to be shown; "push: topology" for a push."""
    if isinstance(event, Push):
        return f"push: {visible(event.name)}"
    return visible(event.procedure) if event.procedure is not None else "(request not captured)"


def handle_text(handle: int | None, width: int = 20) -> str:
    """A client handle in a column: its last digits where it doesn't fit, "ping" for pings."""
    if handle is None:
        return "-"
    if handle == PING_HANDLE:
        return "ping"
    text = str(handle)
    return text if len(text) <= width else f"..{text[2 - width :]}"
