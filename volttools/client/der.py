"""As much of DER as it takes to tell files apart and to open a private key of Java's."""

from __future__ import annotations

from collections.abc import Iterator

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.jks import DerElement

MAX_ELEMENTS = 64
"""What is read here has three."""


def elements(data: bytes) -> Iterator[DerElement]:
    """The elements that stand one behind another. Raises DecodeError where they don't."""
    for _ in range(MAX_ELEMENTS):
        if not data:
            return
        element = parse(DerElement, data)
        if len(element.content) < element.length:
            raise DecodeError(
                f"an element of {element.length:,} bytes, of which {len(element.content):,} are there"
            )
        yield element
        data = element.behind
    raise DecodeError(f"more than {MAX_ELEMENTS} elements")


def first_tag_within(data: bytes, tag: int) -> int | None:
    """The tag of the first element inside of one with this tag; None if the data begins otherwise."""
    try:
        outer = parse(DerElement, data)
        return parse(DerElement, outer.rest).tag if outer.tag == tag else None
    except DecodeError:
        return None
