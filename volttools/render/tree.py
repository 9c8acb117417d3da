"""The tree of fields of a frame: where each stands, what it is called, what it says.

Offsets are decimal, as in errors, and count from the byte behind the frame's length. A field
has the same colour here and in the hex view. Fields that are secret (a password's hash, a
Kerberos token) show as hidden, and each of their bytes as `**`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from volttools.codec import Span, spans
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import Invocation
from volttools.formats.login import HASH_SCHEMES, LOGIN_STATUS, LoginRequest, LoginResponse
from volttools.formats.notation import Opaque, Record
from volttools.formats.response import Response, status_name
from volttools.formats.types import TYPES
from volttools.protocol.events import Damage, Direction, Event, Frame, Login
from volttools.protocol.secrets import hash_range, looks_like_login
from volttools.render.cells import Line, cut, left, right, width_of
from volttools.render.styles import field_style, sign
from volttools.render.values import binary, quoted, shorten, visible

ELIDED = "..."
"""The name of the span of elements that are not opened."""

_NAME_WIDTH = 30
_WIDE = 100
_MOST_FILLED = 1 << 20
_BYTES_SHOWN = 8
HIDDEN = "**"
MISSING = "??"
"""A byte that is not shown, and one that is not there."""


@dataclass(slots=True)
class Field:
    """One line of the tree; `colour` is that of the field's own bytes, None if others share them."""

    span: Span
    guides: str
    colour: int | None
    path: tuple[str, ...]


@dataclass(slots=True)
class FrameTree:
    """A frame, opened: its fields in order, and why it could not be opened further."""

    frame: Frame
    kind: type[Record]
    fields: list[Field] = field(default_factory=list)
    error: str | None = None
    hole: tuple[int, int] | None = None  # the first bytes that are missing

    def leaves(self) -> list[Field]:
        """The fields that have bytes of their own, in order."""
        return [found for found in self.fields if found.colour is not None]


def kinds_of(event: Event) -> list[tuple[Frame, type[Record]]]:
    """The frames of an event, and as what each is to be read."""
    if isinstance(event, Login):
        kinds: list[tuple[Frame | None, type[Record]]] = [
            (event.request_frame, LoginRequest),
            *((frame, type(message)) for frame, message in event.kerberos),
            (event.response_frame, LoginResponse),
        ]
        return [(frame, kind) for frame, kind in kinds if frame is not None]
    found = []
    for frame in event.frames:
        kind: type[Record] = Invocation if frame.direction is Direction.CLIENT else Response
        if isinstance(event, Damage) and looks_like_login(frame):
            kind = LoginRequest
        found.append((frame, kind))
    return found


def open_frame(
    frame: Frame, kind: type[Record], console: Console, *, max_elements: int | None = None
) -> FrameTree:
    """The tree of a frame; of one that is wrong or cut, as far as it can be read."""
    tree = FrameTree(frame, kind, hole=frame.missing[0] if frame.missing else None)
    body = frame.body
    if tree.hole and frame.length - len(body) <= _MOST_FILLED:
        body += bytes(frame.length - len(body))  # lengths of what is there then don't seem too long
    try:
        root = spans(kind, body, max_elements=max_elements)
    except DecodeError as error:
        tree.error = f"{error.path or 'frame'}: {error.message}"
        if error.offset is not None:
            tree.error += f" at byte {error.offset:,}"
        partial = getattr(error, "partial", None)
        if not isinstance(partial, Span):
            return tree
        root = partial
    tree.fields = list(_walk(root, console))
    if tree.hole:
        start = tree.hole[0]
        tree.fields = [found for found in tree.fields if found.span.start < start]
        tree.error = _hole_text(tree)
    return tree


def _hole_text(tree: FrameTree) -> str:
    """Where the bytes end that are there, and how many there are behind the hole."""
    assert tree.hole is not None
    frame = tree.frame
    start, end = tree.hole
    behind = frame.length - end - (frame.missing_bytes - (end - start))
    text = f"bytes {start:,} to {end - 1:,} are missing"
    if len(frame.missing) > 1:
        text += f", and more in {len(frame.missing) - 1:,} further holes"
    more = f"; {behind:,} bytes behind that are there, but their fields can't be told" if behind else ""
    return text + more


def _walk(root: Span, console: Console) -> Iterator[Field]:
    branch, last = sign(console, "tree.branch"), sign(console, "tree.last")
    through, skip = sign(console, "tree.pass"), sign(console, "tree.skip")
    colours = iter(range(1 << 62))
    # span, guides before it, guides before its children, path
    stack: list[tuple[Span, str, str, tuple[str, ...]]] = [
        (child, "", "", (child.name,)) for child in reversed(root.children)
    ]
    while stack:
        span, guides, below, path = stack.pop()
        yield Field(span, guides, next(colours) if span.is_leaf and span.end > span.start else None, path)
        for index in range(len(span.children) - 1, -1, -1):
            child = span.children[index]
            is_last = index == len(span.children) - 1
            stack.append(
                (
                    child,
                    below + (last if is_last else branch),
                    below + (skip if is_last else through),
                    (*path, child.name),
                )
            )


def tree_lines(
    tree: FrameTree,
    console: Console,
    *,
    with_bytes: bool = False,
    with_docs: bool = False,
    keep_login_hashes: bool = False,
    width: int | None = None,
) -> list[Line]:
    """The tree in lines: range, name, value; with the first bytes of each field if asked."""
    ellipsis = sign(console, "ellipsis")
    body = shown_bytes(tree, keep_login_hashes) if with_bytes else b""
    hidden = (not keep_login_hashes and with_bytes and hash_range(tree.frame)) or (0, 0)
    is_short = with_bytes and (width or console.width) < _WIDE
    missing = tree.hole or (1 << 62, 1 << 62)
    ranges = [range_text(found.span) for found in tree.fields]
    range_width = max([5, *map(len, ranges)])
    lines: list[Line] = []
    for found, text in zip(tree.fields, ranges, strict=True):
        span = found.span
        colour = "tree.name" if found.colour is None else field_style(found.colour)
        room = max(1, _NAME_WIDTH - width_of(found.guides))
        line: Line = [
            (right(text, range_width) + "  ", "tree.range"),
            (found.guides, "tree.guide"),
            (left(visible(span.name), room) + " ", colour),
        ]
        value, name = _value_piece(found, tree, keep_login_hashes)
        line.append((value, name))
        if span.label and span.name != ELIDED:
            line.append((f"  {span.label}{_parts_text(span, is_short)}", "type"))
        if with_bytes and found.colour is not None:
            data = body[span.start : span.end]
            whole = span.secret and not keep_login_hashes
            shown = " ".join(
                HIDDEN
                if whole or hidden[0] <= at < hidden[1]
                else MISSING
                if missing[0] <= at
                else f"{byte:02x}"
                for at, byte in enumerate(data[:_BYTES_SHOWN], span.start)
            )
            shown += " ..." if span.end - span.start > _BYTES_SHOWN else ""
            line.append((f"  [{shown}]", colour))
        if with_docs and span.doc:
            line.append((f"  {span.doc}", "tree.doc"))
        lines.append(cut(line, width, ellipsis) if width else line)
    if tree.error:
        lines.append([(f"{' ' * range_width}  {visible(tree.error)}", "status.error")])
    return lines


_LENGTH_BYTES = PREFIX_BYTES  # of every length of a text or of bytes


def _parts_text(span: Span, is_short: bool) -> str:
    """Of a text or bytes with a length before it, how the range is made up: ", length 4 + 39"."""
    between = " " if is_short else ", length "
    if not span.is_leaf or span.label not in ("str", "bytes") or span.end - span.start < _LENGTH_BYTES:
        return ""
    return f"{between}{_LENGTH_BYTES} + {span.end - span.start - _LENGTH_BYTES:,}"


def range_text(span: Span) -> str:
    """The first and the last byte: "5..20"; "-" for a field of no bytes."""
    if span.end <= span.start:
        return "-"
    return str(span.start) if span.end == span.start + 1 else f"{span.start}..{span.end - 1}"


def shown_bytes(tree: FrameTree, keep_login_hashes: bool) -> bytes:
    """The bytes of a frame as they may be shown: zeros for secrets.

    In a message that holds a secret and can't be read to its end, all that is not known to be
    something else may be the secret.
    """
    body = tree.frame.body
    if keep_login_hashes:
        return body
    if (found := hash_range(tree.frame)) is not None:
        start, end = found
        body = body[:start] + bytes(end - start) + body[end:]
    leaves = [found.span for found in tree.leaves()]
    if tree.error and any(f.secret for f in tree.kind.declaration.fields):
        shown = bytearray(len(body))
        for span in leaves:
            if not span.secret:
                shown[span.start : span.end] = body[span.start : span.end]
        return bytes(shown)
    if any(span.secret for span in leaves):
        shown = bytearray(body)
        for span in leaves:
            if span.secret:
                shown[span.start : span.end] = bytes(span.end - span.start)
        return bytes(shown)
    return body


def _value_piece(found: Field, tree: FrameTree, keep_login_hashes: bool) -> tuple[str, str]:
    span = found.span
    if span.name == ELIDED:
        return f"{span.end - span.start:,} bytes not opened", "muted"
    if span.secret and not keep_login_hashes:
        return "(hidden)", "secret"
    if span.is_leaf and tree.hole and span.end > tree.hole[0]:
        return "(partly missing)", "status.missing"
    if span.is_leaf and not keep_login_hashes and _holds_login(tree, span):
        return "(hidden: a log-in is in it)", "secret"
    if not span.is_leaf:
        return (f"({len(span.children):,})" if _is_list(span) else ""), "muted"
    meaning = _meaning(found, tree)
    if span.value is None:
        return ("NULL" if span.end > span.start else "absent"), "value.null"
    return _shown(span.value) + (f" {meaning}" if meaning else ""), _style_of(span.value)


def _holds_login(tree: FrameTree, span: Span) -> bool:
    """Whether a password's hash lies in a field that is none, such as bytes that can't be read."""
    found = hash_range(tree.frame)
    return found is not None and span.start < found[1] and found[0] < span.end


def _is_list(span: Span) -> bool:
    return span.children[0].name.startswith("[")


def _shown(value: Any) -> str:
    if isinstance(value, Opaque):
        return f"unreadable {binary(value)}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return binary(bytes(value))
    if isinstance(value, str):
        return quoted(value, 60)
    wkt = getattr(value, "wkt", None)
    if isinstance(wkt, str):
        return shorten(wkt, 60)
    if isinstance(value, tuple):  # such as a vertex
        return ", ".join(f"{part:.9g}" if isinstance(part, float) else visible(str(part)) for part in value)
    return visible(shorten(str(value), 60))


def _style_of(value: Any) -> str:
    if isinstance(value, str):
        return "value.text"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "value.bytes"
    return "value.number"


def _meaning(found: Field, tree: FrameTree) -> str:
    """What a number stands for, as far as the declarations name it."""
    value, path = found.span.value, found.path
    if not isinstance(value, int):
        return ""
    if path[-1] in ("type", "element_type") or "column_types" in path[-2:]:
        if path[0] != "extensions" and "exception" not in path:
            return TYPES.name_of(value)
    elif path == ("status",):
        return status_name(value) if tree.kind is Response else LOGIN_STATUS.get(value, "")
    elif path == ("hash_scheme",):
        return HASH_SCHEMES.get(value, "")
    return ""
