"""The leading numbers of a record, by one unpack."""

import pytest

from volttools.codec import build, head_reader, parse
from volttools.formats.login import LoginHead
from volttools.formats.response import Response, ResponseHead


@pytest.mark.parametrize("kind", [ResponseHead, LoginHead])
def test_the_head_is_what_parsing_gives(kind):
    body = build(Response(client_handle=-5, status=-3, status_string="no"))
    read, size = head_reader(kind)
    fields = [item.attribute for item in kind.declaration.wire_fields()][:-1]
    whole = parse(kind, body)
    assert read(b"xx" + body, 2) == tuple(getattr(whole, name) for name in fields)
    assert size == len(body) - len(whole.rest)
