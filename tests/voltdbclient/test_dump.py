"""The dump_file has the official client's bytes, and has them at once."""

import datetime
import os
import signal
import subprocess
import sys
from decimal import Decimal

import pytest

from tests.client.server import CLOSE, Server, echo, table
from tests.voltdbclient.clients import BOTH
from tests.voltdbclient.test_table import EVERY_TYPE
from volttools import open as open_capture
from volttools.codec import build
from volttools.errors import ConnectionLost
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import framed
from volttools.voltdbclient import FastSerializer, VoltProcedure
from volttools.voltdbclient import FastSerializer as types
from volttools.voltdbclient.dump import DumpFile


def call_all(module, client):
    types = module.FastSerializer
    module.VoltProcedure(client, "@Ping").call()
    procedure = module.VoltProcedure(client, "Vote", [types.VOLTTYPE_BIGINT, types.VOLTTYPE_STRING])
    for parameters in ([1, "a"], [None, None], [-(2**62), "é" * 100]):
        procedure.call(parameters)
    arrays = [types.VOLTTYPE_INTEGER, types.VOLTTYPE_STRING, types.VOLTTYPE_TINYINT, types.VOLTTYPE_FLOAT]
    module.VoltProcedure(client, "Arrays", arrays).call([[1, None], ["a", None], b"\x01\xff", 1])


def test_the_same_calls_give_the_same_bytes(tmp_path):
    files = []
    with Server() as server:
        for module in BOTH:
            path = tmp_path / module.__name__
            client = module.FastSerializer("127.0.0.1", server.port, False, "op", "secret", False, str(path))
            call_all(module, client)
            client.close()
            files.append(path.read_bytes())
    assert files[0] == files[1]
    assert [exchange.procedure for exchange in open_capture(path)][-1] == "Arrays"


EVERY_TYPE_OF_PARAMETER = [
    (types.VOLTTYPE_NULL, None),
    (types.VOLTTYPE_TINYINT, 1),
    (types.VOLTTYPE_SMALLINT, None),
    (types.VOLTTYPE_INTEGER, -5),
    (types.VOLTTYPE_BIGINT, 2**62),
    (types.VOLTTYPE_FLOAT, 1.5),
    (types.VOLTTYPE_STRING, "é"),
    (types.VOLTTYPE_TIMESTAMP, datetime.datetime(2024, 2, 29, 12, 0, 0, 1)),
    (types.VOLTTYPE_DATE, datetime.date(2024, 2, 29)),
    (types.VOLTTYPE_DECIMAL, Decimal("-12.5")),
    (types.VOLTTYPE_BOOLEAN, True),
    (types.VOLTTYPE_VARBINARY, b"\0\n\xff"),
    (types.VOLTTYPE_GEOGRAPHY_POINT, (-71.5, 42.25)),
    (types.VOLTTYPE_GEOGRAPHY, "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 1 2, 2 2, 1 1))"),
]


def test_calls_and_answers_of_every_type_give_the_same_bytes(tmp_path):
    def answer(invocation):
        return Response(tables=[EVERY_TYPE, table((1,))], app_status_string="é")

    files = []
    with Server(answer) as server:
        for module in BOTH:
            path = tmp_path / module.__name__
            client = module.FastSerializer("127.0.0.1", server.port, dump_file_path=str(path))
            for code, value in EVERY_TYPE_OF_PARAMETER:
                if code == types.VOLTTYPE_GEOGRAPHY:
                    value = module.Geography.geographyFromWKT(value)
                module.VoltProcedure(client, "P", [code]).call([value])
                if code not in (types.VOLTTYPE_NULL, types.VOLTTYPE_VARBINARY, types.VOLTTYPE_BOOLEAN):
                    module.VoltProcedure(client, "P", [code, code]).call([[value, None, value], None])
            client.close()
            files.append(path.read_bytes())
    assert files[0] == files[1]
    assert len(list(open_capture(path))) == 2 * len(EVERY_TYPE_OF_PARAMETER) - 3


def test_a_script_may_write_to_it_too(tmp_path):
    files = []
    with Server() as server:
        for module in BOTH:
            path = tmp_path / module.__name__
            client = module.FastSerializer("127.0.0.1", server.port, dump_file_path=str(path))
            client.dump_file.write(b"mark\n")
            client.writeByte(0)
            client.writeString("P")
            client.writeInt64(5)
            client.writeInt16(0)
            client.prependLength()
            client.flush()
            client.bufferForRead()
            client.close()
            files.append(path.read_bytes())
    assert files[0] == files[1]
    assert b"mark\n" in files[0]


def test_what_is_sent_is_in_the_file_before_the_call_waits(tmp_path):
    path = tmp_path / "d.dump"
    seen = []

    def answer(invocation):
        seen.append(path.read_bytes())
        return echo(invocation)

    with Server(answer) as server:
        client = FastSerializer("127.0.0.1", server.port, "op", "secret", path)
        VoltProcedure(client, "Vote").call()
        assert path.read_bytes().endswith(b"\n")
        client.close()
    assert b"\0\0\0\4Vote" in seen[0]
    assert seen[0].endswith(b"\n")


def test_a_kill_loses_nothing_that_was_sent(tmp_path):
    path = tmp_path / "d.dump"
    script = (
        "import sys; from volttools.voltdbclient import *\n"
        "client = FastSerializer('127.0.0.1', int(sys.argv[1]), dump_file=sys.argv[2])\n"
        "VoltProcedure(client, 'Answered').call()\n"
        "VoltProcedure(client, 'Silent').call()\n"
    )
    children = []

    def answer(invocation):
        if invocation.procedure == "Silent":
            os.kill(children[0].pid, signal.SIGKILL)
            return None
        return echo(invocation)

    with Server(answer) as server:
        children.append(subprocess.Popen([sys.executable, "-c", script, str(server.port), str(path)]))
        assert children[0].wait(30) == -signal.SIGKILL
    exchanges = {exchange.procedure: exchange for exchange in open_capture(path)}
    assert exchanges["Answered"].status == 1
    assert b"Silent" in path.read_bytes()


def test_of_a_frame_that_is_cut_there_is_the_length_as_there(tmp_path):
    def answer(invocation):
        return framed(build(Response(tables=[])))[:-3] if invocation.procedure == "Half" else CLOSE

    path = tmp_path / "d.dump"
    with Server(answer) as server:
        client = FastSerializer("127.0.0.1", server.port, dump_file_path=path)
        with pytest.raises(TimeoutError):
            VoltProcedure(client, "Half").call(timeout=0.05)
        with pytest.raises(ConnectionLost):
            VoltProcedure(client, "End").call()
        client.close()
    assert path.read_bytes().endswith(b"\n" + framed(build(Response()))[:4])


def test_a_disk_that_is_full_costs_no_call():
    with Server() as server:
        with pytest.warns(RuntimeWarning, match="/dev/full: No space left on device: the dump_file ends"):
            client = FastSerializer("127.0.0.1", server.port, dump_file="/dev/full")
        assert VoltProcedure(client, "P").call().status == 1
        client.close()


def test_a_file_that_can_not_be_made_is_said_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        DumpFile(tmp_path / "none" / "d.dump")
