"""The leading numbers of a record, by one unpack or pack."""

import struct

import pytest

from volttools.codec import build, head_reader, head_writer, parse
from volttools.formats.login import LoginHead
from volttools.formats.network import Tcp
from volttools.formats.response import Response, ResponseHead


@pytest.mark.parametrize("kind", [ResponseHead, LoginHead])
def test_the_head_is_what_parsing_gives(kind):
    body = build(Response(client_handle=-5, status=-3, status_string="no"))
    read, size = head_reader(kind)
    fields = [item.attribute for item in kind.declaration.wire_fields()][:-1]
    whole = parse(kind, body)
    assert read(b"xx" + body, 2) == tuple(getattr(whole, name) for name in fields)
    assert size == len(body) - len(whole.rest)


def test_a_head_is_written_as_building_gives_it():
    whole = Tcp(source_port=1, destination_port=65535, sequence=2**32 - 1, flags=24, options_and_payload=b"")
    write = head_writer(Tcp, "source_port", "destination_port", "sequence", "flags")
    assert write(1, 65535, 2**32 - 1, 24) == build(whole)
    with pytest.raises(struct.error):
        write(65536, 1, 1, 24)
