"""Captures made for tests: of calls as tuples."""

import json
import struct

import volttools
from tests.requirements import ROOT

MS = 1_000_000
START_NS = 1_700_000_000 * 10**9


def line(number, connection, at_ms, procedure, *params, answer_ms=1.0, status=1, tables=(), **more):
    """An exchange as a JSON line. at_ms None: without times; answer_ms None: without an answer.

    Frames are numbered by the microsecond, so that their order is that of the times.
    """
    found = {
        "kind": "exchange",
        "number": number,
        "connection": connection,
        "client": f"10.0.0.1:{50_000 + connection}",
        "server": "10.0.0.2:21212",
        "procedure": procedure,
        "params": [["STRING" if isinstance(value, str) else "BIGINT", value] for value in params],
    }
    at = number * 10 if at_ms is None else at_ms
    found["request_frame"] = round(at * 1000) + 1
    if at_ms is not None:
        found["time_ns"] = START_NS + round(at_ms * MS)
    if answer_ms is not None:
        found["response"] = {"status": status, "tables": list(tables)}
        found["response_frame"] = round((at + answer_ms) * 1000) + 1
        if at_ms is not None:
            found["latency_ns"] = round(answer_ms * MS)
    return found | more


def ids(*values, name="ID", kind="BIGINT"):
    """A table of one column."""
    return {"columns": [[name, kind]], "rows": [[value] for value in values]}


def one_side(path, *, server):
    """The capture demo.pcap, with what the server sent, or the clients."""
    whole = (ROOT / "captures" / "demo.pcap").read_bytes()
    kept, place = [whole[:24]], 24
    while place < len(whole):
        (size,) = struct.unpack_from("<I", whole, place + 8)
        ports = place + 16 + 14 + 20  # behind the headers of pcap, Ethernet and IPv4
        if (struct.unpack_from(">H", whole, ports)[0] == 21212) is server:
            kept.append(whole[place : place + 16 + size])
        place += 16 + size
    path.write_bytes(b"".join(kept))
    return str(path)


def write(path, lines):
    """A file of lines; gives its name."""
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return str(path)


def opened(tmp_path, *lines, name="made.jsonl"):
    """A capture of lines."""
    return volttools.open(write(tmp_path / name, lines))
