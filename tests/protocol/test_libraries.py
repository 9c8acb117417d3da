"""Which client library it is."""

import pytest

from tests.protocol.wire import call, extension
from tests.requirements import shared_captures_dir
from volttools.capture.reader import open as open_capture
from volttools.protocol.libraries import LibraryGuess
from volttools.protocol.shapes import invocation_head

LOWEST = -(2**63)


def guess(*calls):
    found = LibraryGuess()
    for body in calls:
        found.invocation(invocation_head(body), body)
    return found.name


PRIORITY = extension(5, 4)
TIME_LEFT = extension(6, 1000)

# fmt: off
HABITS = [
    ("voltdbclient (Python)", [call("A", 1), call("B", 1)]),
    ("voltclient (Python)",   [call("@SystemInformation", 1, "OVERVIEW"), call("@Statistics", 2, "TOPO", 0)]),
    ("C++",                   [call("@SystemCatalog", LOWEST), call("@Statistics", LOWEST + 1, "TOPO", 0)]),
    ("Go",                    [call("@Statistics", -2, "TOPO", 1)]),
    ("Node.js",               [call("A", 0x3030303030303031)]),
    ("Java Client",           [call("@Subscribe", -1, "TOPOLOGY", version=2, extensions=[])]),
    ("Java Client",           [call("@Subscribe", -1, "TOPOLOGY"), call("@Statistics", -2, "TOPO", 0)]),
    ("Java Client2",          [call("A", 1, version=2, extensions=[PRIORITY, TIME_LEFT])]),
    ("Java Client2",          [call("@Statistics", -2, "TOPO", version=2, extensions=[PRIORITY])]),
    ("Java Client",           [call("@Statistics", -2, "TOPO", 0, version=2, extensions=[PRIORITY])]),
    (None,                    [call("A", 1)]),
    (None,                    [call("A", 3), call("B", 4)]),
    (None,                    [call("A", LOWEST)]),
    (None,                    []),
]
# fmt: on


@pytest.mark.parametrize(("name", "calls"), HABITS)
def test_habits_give_a_client_away(name, calls):
    assert guess(*calls) == name


RECORDED = {
    "cpp-async": "C++",
    "go-sync": "Go",
    "node": "Node.js",
    "java-client": "Java Client",
    "java-client-pipelined": "Java Client",
    "java-client2": "Java Client2",
    "java-all-partitions": "Java Client2",
    "async-in-flight": "voltclient (Python)",
    "types-all": "voltdbclient (Python)",
    "system-information": "voltdbclient (Python)",
    "hand-made-versions": None,
}


@pytest.mark.shared
@pytest.mark.parametrize("recording", RECORDED)
def test_recorded_clients_are_recognised(recording):
    with open_capture(shared_captures_dir() / f"{recording}.pcap") as capture:
        names = {exchange.connection.library for exchange in capture}
    assert RECORDED[recording] in names
    assert len(names - {None}) <= 1
