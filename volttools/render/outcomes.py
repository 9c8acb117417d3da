"""What became of an event, in words: status, texts, rows; and whether that is an error.

The same words stand in lines, details and the summary, and decide what `--errors` shows.
"""

from __future__ import annotations

from volttools.errors import DecodeError
from volttools.formats.notation import Opaque
from volttools.formats.response import (
    APP_STATUS_UNSET,
    PING_HANDLE,
    STATUS_NAMES,
    SUCCESS,
    Response,
)
from volttools.protocol.events import Damage, Direction, Event, Exchange, Frame, Login, Push
from volttools.render.cells import Piece
from volttools.render.values import visible

NO_DAMAGE = frozenset({"midstream", "plain to tls port", "tls to plain port"})
"""Kinds of Damage in which nothing is lost: what was there could be told."""


def status_name(status: int) -> str:
    """Such as "SUCCESS"."""
    return STATUS_NAMES.get(status, f"STATUS_{status}")


def status_piece(status: int) -> Piece:
    """A status in words, with the name of its style."""
    return status_name(status), "status.success" if status == SUCCESS else "status.error"


def status_of(exchange: Exchange) -> Piece:
    """The status of an exchange in words; or why there is none."""
    if exchange.status is not None:
        return status_piece(exchange.status)
    if exchange.response_lost:
        return "response lost", "status.missing"
    if exchange.response_frame is None:
        return "no answer", "status.missing"
    if not exchange.response_frame.is_whole:
        return "response cut", "status.missing"
    return "unreadable", "status.error"


def texts_of(exchange: Exchange) -> list[Piece]:
    """What there is to say of an exchange besides its status."""
    says = response_texts(exchange.read_response())
    if exchange.is_late:
        says.append(("late: the client had given up", "note"))
    frame = exchange.response_frame
    if frame is not None and not frame.is_whole:
        missing = sum(end - start for start, end in frame.missing)
        says.append((f"{missing:,} of the response's {frame.length:,} bytes are missing", "note"))
    invocation = exchange.read_invocation()
    if isinstance(invocation, DecodeError):
        says.append((f"request: {invocation.message}", "note"))
    return [*says, *((note, "note") for note in exchange.notes)]


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


def login_outcome(login: Login) -> tuple[Piece, list[Piece]]:
    """The outcome of a log-in in a word, and what there is to say about it."""
    if login.server_full:
        return ("refused", "status.error"), [
            ("the server has reached its limit of connections", "status.text")
        ]
    response = login.response
    if response is None:
        return ("no answer", "status.missing"), []
    if not response.accepted:
        return ("refused", "status.error"), [(response.status_text, "status.text")]
    return ("accepted", "status.success"), []


def rows_of(response: Response) -> int:
    """The rows of all its tables together."""
    return sum(len(table.rows) for table in response.tables)


def bytes_of(event: Exchange | Login | Push) -> int:
    """The bytes of its frames, with their lengths."""
    return sum(frame.bytes_on_wire for frame in frames_of(event))


def frames_of(event: Event) -> list[Frame]:
    """The frames of an event, in the order they were sent."""
    if isinstance(event, Push):
        return [event.frame]
    if isinstance(event, Damage):
        return [event.frame] if event.frame else []
    between = [frame for frame, _ in event.kerberos] if isinstance(event, Login) else []
    return [frame for frame in (event.request_frame, *between, event.response_frame) if frame]


def is_error(event: Event) -> bool:
    """Whether something went wrong: what `--errors` shows, whoever is to blame."""
    if isinstance(event, Exchange):
        return event.status != SUCCESS or not is_readable(event)
    if isinstance(event, Login):
        return event.server_full or event.response is None or not event.response.accepted
    if isinstance(event, Damage):
        return is_damage(event)
    response = event.response
    return response is None or response.status != SUCCESS


def damage_text(damage: Damage) -> str:
    """The sentence on some damage, and where it is."""
    place = []
    if damage.direction is not None:
        place.append(f"sent by the {damage.direction.value}")
    if damage.offset is not None:
        place.append(f"at byte {damage.offset:,} of {'its stream' if damage.direction else 'the file'}")
    return f"{damage.message} ({', '.join(place)})" if place else damage.message


def is_damage(damage: Damage) -> bool:
    """Whether something could not be decoded because of it."""
    return damage.what not in NO_DAMAGE


def looks_like_login(frame: Frame) -> bool:
    """Whether a frame that can't be read may hold a password's hash: better hidden once too often."""
    head = frame.body[:16]
    return frame.direction is Direction.CLIENT and (b"database" in head or b"kerberos" in head)


def is_readable(exchange: Exchange) -> bool:
    """Whether both frames of an exchange, as far as they are there, can be read."""
    invocation = exchange.read_invocation()
    if isinstance(invocation, DecodeError) or isinstance(exchange.read_response(), DecodeError):
        return False
    return invocation is None or not isinstance(invocation.parameters, Opaque)


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
