"""Parse one message, change a field, build it again; and show its fields with their bytes.

python examples/one_message.py
"""

from volttools.codec import Span, build, parse, spans
from volttools.formats.response import Response

BODY = bytes.fromhex(
    "00 0000000000000001 20 fd 00000019 50726f636564757265205820776173206e6f7420666f756e64 80 00000000 0000"
)


def show(span: Span, depth: int = 0) -> None:
    """A line a field: byte range, name, value."""
    value = "" if span.children else repr(span.value)
    print(f"{span.start:4}-{span.end:<4} {'  ' * depth}{span.name} {value}")
    for child in span.children:
        show(child, depth + 1)


response = parse(Response, BODY)
print(response.status_name, "-", response.status_string)

response.status_string = "Procedure Y was not found"
changed = build(response)
print(f"{len(BODY)} bytes before, {len(changed)} after")

show(spans(Response, changed))
