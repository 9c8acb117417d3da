"""`kill -9` of a client at any moment: its tap can be read, and holds all that was sent, and all that it got."""

import os
import random
import time

import pytest

from tests.killing import Witness, found_in, killed_process

pytestmark = pytest.mark.slow

TIMES = 3


def blocking(port, path, said):
    """Calls, many in flight."""
    from volttools.client import connect

    client = connect(f"127.0.0.1:{port}", tap=path, signatures=False, timeout=30)
    pending = []
    for number in range(10**9):
        pending.append((number, client.submit(f"P{number}", bytes(number % 500))))
        if len(pending) == 20:
            number, call = pending.pop(0)
            call.result()
            said(number)


def with_asyncio(port, path, said):
    """The same with asyncio."""
    import asyncio

    from volttools.client import connect_async

    async def main():
        client = await connect_async(f"127.0.0.1:{port}", tap=path, signatures=False, timeout=30)
        pending = []
        for number in range(10**9):
            pending.append((number, await client.submit(f"P{number}", bytes(number % 500))))
            if len(pending) == 20:
                number, call = pending.pop(0)
                await call
                said(number)

    asyncio.run(main())


def compatible(port, path, said):
    """The original interface, which writes a dump_file; always the handle 1."""
    from volttools.voltdbclient import FastSerializer, VoltProcedure

    client = FastSerializer("127.0.0.1", port, "", "", path)
    for number in range(10**9):
        VoltProcedure(client, f"P{number}", [FastSerializer.VOLTTYPE_STRING]).call(["x" * (number % 500)])
        said(number)


def run_client(pipe, client, port, path):
    """In the process: call till the end; the pipe gets the numbers of calls that were answered."""
    client(port, path, lambda number: os.write(pipe.fileno(), b"%d\n" % number))


@pytest.mark.parametrize("time_number", range(TIMES))
@pytest.mark.parametrize(
    ("client", "name"),
    [
        (blocking, "tap.pcapng"),
        (blocking, "tap.dump"),
        (blocking, "tap.jsonl"),
        (with_asyncio, "tap.pcapng"),
        (with_asyncio, "tap.dump"),
        (compatible, "dump_file"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_was_sent_and_what_was_got_is_in_the_tap(tmp_path, client, name, time_number):
    path = tmp_path / name
    witness = Witness()
    with (
        witness.serving() as port,
        killed_process(run_client, client, port, str(path)) as (process, pipe),
    ):
        said = b""
        while said.count(b"\n") < 50:
            piece = os.read(pipe.fileno(), 65536)
            assert piece, "the client has ended by itself"
            said += piece
        time.sleep(random.random() * 0.05)
        process.kill()
        process.join()
        while piece := os.read(pipe.fileno(), 65536):
            said += piece
    got = {f"P{number}" for number in said.decode().split("\n")[:-1]}
    found = found_in([path])
    assert got <= found.responses.keys()
    if name != "tap.jsonl":  # where calls are written when they are over
        assert witness.arrived.keys() <= found.requests.keys()
