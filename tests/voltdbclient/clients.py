"""The same script with the official client and with ours."""

import contextlib

import voltdbclient as official

from volttools import voltdbclient as ours
from volttools.mock import MockServer

BOTH = (official, ours)


@contextlib.contextmanager
def connected(server, module=ours, **named):
    client = module.FastSerializer(server.host, server.port, **named)
    try:
        yield client
    finally:
        client.close()


def run_both(script, **handlers):
    """What `script(module, client)` gives with each client, before a server of its own."""
    results = []
    for module in BOTH:
        with MockServer() as server:
            for name, handler in handlers.items():
                server.handle(name, handler)
            with connected(server, module) as client:
                results.append(script(module, client))
    return results


def sent_by(codes, params):
    """The parameters that a server gets of our call."""
    with MockServer() as server:
        server.handle("P", None)
        with connected(server) as client:
            ours.VoltProcedure(client, "P", codes).call(params)
        return server.calls[0].invocation.parameters
