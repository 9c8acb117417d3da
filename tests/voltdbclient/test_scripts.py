"""Scripts as people have them, run with both clients against one server: they print the same."""

import gc
import io
import subprocess
import sys
from contextlib import redirect_stdout
from decimal import Decimal

import pytest
import voltdbclient as official

from tests.voltdbclient.clients import BOTH
from tests.voltdbclient.test_table import EVERY_TYPE
from volttools import voltdbclient
from volttools.formats import types
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.mock import MockServer

README = """
client = FastSerializer("localhost", PORT)
proc = VoltProcedure(client, "Select", [FastSerializer.VOLTTYPE_STRING])
response = proc.call(["English"])
client.close()
print(response)
"""

HELLO_WORLD = """
client = FastSerializer("localhost", PORT)
proc = VoltProcedure(client, "Insert", [FastSerializer.VOLTTYPE_STRING] * 3)
for row in (["English", "Hello", "World"], ["French", "Bonjour", "Monde"]):
    print(proc.call(row).status)
for x in VoltProcedure(client, "Select", [FastSerializer.VOLTTYPE_STRING]).call(["French"]).tables:
    print(x)
    for column in x.columns:
        print(column.name, column.type == FastSerializer.VOLTTYPE_STRING, column)
"""

# What `import *` brings along is used by scripts: sys, time, datetime, decimal ...
EVERY_PARAMETER = """
FS = FastSerializer
client = FS(host="localhost", port=PORT, username="op", password="secret", procedure_timeout=30)
parameters = [
    (FS.VOLTTYPE_TINYINT, 1), (FS.VOLTTYPE_SMALLINT, -2), (FS.VOLTTYPE_INTEGER, None), (FS.VOLTTYPE_BIGINT, 2**62),
    (FS.VOLTTYPE_FLOAT, 1.5), (FS.VOLTTYPE_STRING, "\\u00e9"), (FS.VOLTTYPE_VARBINARY, b"\\0\\xff"),
    (FS.VOLTTYPE_DECIMAL, decimal.Decimal("-12.50")),
    (FS.VOLTTYPE_TIMESTAMP, datetime.datetime(2024, 2, 29, 12, 0, 0, 123456)),
    (FS.VOLTTYPE_DATE, datetime.date(2024, 2, 29)), (FS.VOLTTYPE_BOOLEAN, True),
    (FS.VOLTTYPE_GEOGRAPHY_POINT, (-71.0, 42.5)),
    (FS.VOLTTYPE_GEOGRAPHY, Geography.geographyFromWKT("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 1 2, 2 2, 1 1))")),
    (FS.VOLTTYPE_BIGINT, [1, None, 3]), (FS.VOLTTYPE_STRING, ["a", None, ""]), (FS.VOLTTYPE_TINYINT, [1, -1]),
    (FS.VOLTTYPE_FLOAT, [0.5]), (FS.VOLTTYPE_DECIMAL, [decimal.Decimal(1)]),
    (FS.VOLTTYPE_TIMESTAMP, [datetime.datetime(1999, 12, 31), None]),
    (FS.VOLTTYPE_GEOGRAPHY_POINT, [(1.0, 2.0), (3.0, 4.0)]),
]
response = VoltProcedure(client, "Tell", [kind for kind, _ in parameters]).call([value for _, value in parameters])
print(response)
print(response.status == 1, response.statusString, response.appStatus, response.appStatusString)
print(client.hostId, client.buildString.startswith("11"), sys.byteorder == "little", isNaN(float("nan")))
print(VoltProcedure(client, "Tell", []).call([], False), VoltProcedure(client, "Tell").call(response=False, timeout=60))
client.close()
"""

RESULTS = """
client = FastSerializer("localhost", PORT)
response = VoltProcedure(client, "All").call()
table = response.tables[0]
print(table)
total = 0
for row in table.tuples:
    print([str(value) for value in row])
    total += row[3] or 0
print(len(response.tables), len(table.tuples), total)
print(sum((row[8] for row in table.tuples if row[8] is not None), decimal.Decimal(0)))
print(VoltProcedure(client, "Fails").call())
print(VoltProcedure(client, "Unknown").call().status)
print(VoltProcedure(client, "Several").call())
"""

BY_HAND = """
client = FastSerializer("localhost", PORT, False, None, None)
client.writeByte(1)
client.writeByte(1)
client.writeString("database")
client.writeString("op")
client.writeRawBytes(hashlib.sha256(b"secret").digest())
client.prependLength()
client.flush()
client.bufferForRead()
print(client.readByte(), client.readByte(), client.readInt32(), client.readInt64() > 0)
print(client.readInt64() > 0, client.readInt32() is not None)
print(client.readStringContent(client.readInt32())[:2], client.read_buffer.remaining())
print(client.hostId, VoltProcedure(client, "Select", [client.VOLTTYPE_STRING]).call(["x"]))

client.writeByte(0)
client.writeString("Tell")
client.writeInt64(77)
client.writeInt16(2)
client.writeWireType(client.VOLTTYPE_INTEGER, 5)
client.writeByte(client.ARRAY)
client.writeWireTypeArray(client.VOLTTYPE_SMALLINT, [1, 2])
client.prependLength()
print(client.size())
client.flush()
client.bufferForRead()
print(client.readByte(), client.readInt64(), client.readByteRaw(), client.readByte(), client.readByte())
print(client.readInt32() >= 0, client.readInt16())
print(VoltTable(client).readFromSerializer())
print(client.read_buffer.remaining(), client.READER.keys() == client.WRITER.keys())
"""

LATE_LOG_IN = """
client = FastSerializer("localhost", PORT, username=None)
print(client.hostId, client.socket.getpeername()[1] == PORT, client.socket.gettimeout())
client.authenticate("op", "secret")
print(client.hostId)
client.socket.settimeout(10)
print(VoltProcedure(client, "Select", [client.VOLTTYPE_STRING]).call(["x"]).status, client.socket.gettimeout())
client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
client.socket.close()
"""

REFUSED = """
try:
    FastSerializer("localhost", PORT, username="op", password="wrong")
except RuntimeError:
    print("refused")
try:
    FastSerializer("localhost", 1)
except OSError:
    print("not there")
"""


@pytest.fixture
def secured():
    with MockServer(users={"op": "secret"}) as server:
        yield server


@pytest.fixture(scope="module")
def server():
    with MockServer() as server:
        server.handle("Insert", 1)
        server.handle(
            "Select", Table.of([("HELLO", types.STRING), ("WORLD", types.STRING)], [("Hola", "Mundo")])
        )
        server.handle("Tell", lambda call: [("; ".join(map(repr, call.params)),)])
        server.handle("All", EVERY_TYPE)
        server.handle(
            "Fails",
            Response(status=-2, status_string="VOLTDB ERROR: no", app_status=7, app_status_string="x"),
        )
        server.handle(
            "Several",
            Response(tables=[EVERY_TYPE, Table.of([("D", types.DECIMAL)], [(Decimal(1),)]), EVERY_TYPE]),
        )
        yield server


def run(script, module, server):
    """What it prints. Scripts begin with `from voltdbclient import *`."""
    names = {"PORT": server.port}
    exec(f"from {module.__name__} import *", names)
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            exec(script, names)
    finally:
        if (client := names.get("client")) is not None:
            client.close()
    return printed.getvalue()


@pytest.mark.parametrize(
    "script",
    [README, HELLO_WORLD, EVERY_PARAMETER, RESULTS, BY_HAND, LATE_LOG_IN],
    ids=["readme", "hello world", "every parameter", "results", "by hand", "late log-in"],
)
def test_a_script_prints_the_same_with_its_import_changed(script, server):
    theirs, ours = (run(script, module, server) for module in BOTH)
    assert ours == theirs
    assert len(ours.splitlines()) >= 3


def test_what_is_wrong_with_a_connection_is_the_same_kind_of_error(secured):
    theirs = run(REFUSED, official, secured)
    with pytest.warns(ResourceWarning):  # it leaves the socket to the garbage collector
        gc.collect()
    ours = run(REFUSED, voltdbclient, secured)
    assert ours == "refused\nnot there\n"
    assert theirs.splitlines()[-1] == "not there"  # it prints that as well


def test_a_script_of_its_own_process_needs_its_import_changed_only(server, tmp_path):
    script = tmp_path / "hello.py"
    outputs = []
    for module in BOTH:
        script.write_text(f"from {module.__name__} import *\nPORT = {server.port}\n{HELLO_WORLD}")
        done = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, timeout=60, check=True
        )
        outputs.append((done.stdout, done.stderr))
    assert outputs[0] == outputs[1]
    assert "Mundo" in outputs[0][0]


VOLTCLIENT = """
import sys
import volttools.voltdbclient
sys.modules["voltdbclient"] = volttools.voltdbclient
from voltclient import VoltClient, VoltType

client = VoltClient(hosts=["127.0.0.1"], port=int(sys.argv[1]))
futures = [client.call_async("Echo", [VoltType.BIGINT], [number]) for number in range(100)]
print([future.result().tables[0].tuples[0][0] for future in futures] == list(range(100)))
client.close()
"""


def test_the_official_voltclient_works_on_top_of_it():
    with MockServer() as server:
        server.handle("Echo", lambda call: call.params[0])
        command = [sys.executable, "-c", VOLTCLIENT, str(server.port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr
