"""Interactions to record."""

from volttools.cassettes import Interaction
from volttools.codec import build
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING


def interaction(number=7, *, procedure="Select", rows=1, text="a", time_ns=None, latency_ns=None):
    table = Table.of([("ID", BIGINT), ("NAME", STRING)], [(row, text) for row in range(rows)])
    return Interaction(
        invocation=Invocation(procedure=procedure, parameters=[Parameter.of(BIGINT, number)]),
        response=Response(tables=[table]),
        time_ns=time_ns,
        latency_ns=latency_ns,
    )


def bodies(cassette):
    """The bytes of all messages, whatever their handles."""
    return [
        (
            build(each.invocation.replace(client_handle=1)),
            build(each.response.replace(client_handle=1)),
            each.latency_ns,
        )
        for each in cassette
    ]
