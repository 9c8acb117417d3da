"""The mock serves each recording of a real server, and each client gets what the recorded one got.

What a client can't say or tell is left out: `telling` has what that is.
"""

import pytest

from tests.interop.drivers import CLIENTS, FASTEST, Drivers
from tests.interop.foreign import BUILD_S, plain
from tests.interop.recorded import told
from tests.interop.telling import as_told, can_call, is_told_as_error
from tests.requirements import shared_captures_dir
from volttools.capture.reader import open as open_capture
from volttools.jsonlines.lines import event_line
from volttools.mock import MockServer

pytestmark = [pytest.mark.interop, pytest.mark.shared, pytest.mark.timeout(BUILD_S)]

MOST_CALLS = 300
"""Of one recording; the fastest client makes all."""

OF_ALL_TYPES = ("Python volttools", "Python volttools, asyncio")
OF_THE_MOCK = ("@Ping", "@Subscribe", "@GetPartitionKeys", "@StopNode", "@PrepareStopNode")
TOPOLOGY = ("OVERVIEW", "TOPO")
ASKED_BY_CLIENTS = ("@SystemCatalog",)
WITHOUT_ANSWERS = (
    "login-refused",
    "one-direction-client",
    "snaplen-128",
    "tls-plain-client",
    "tls-without-keys",
)

RECORDINGS = sorted(
    path
    for path in shared_captures_dir().iterdir()
    if path.suffix in (".pcap", ".pcapng", ".dump") and path.stem not in WITHOUT_ANSWERS
)


@pytest.fixture(scope="module")
def drivers():
    running = Drivers()
    yield running
    running.close()


class Served:
    """A recording that is served, and the calls in it with their answers, in their order."""

    def __init__(self, path):
        keys = path.with_suffix(".keys.txt")
        how = {"keylog": str(keys)} if keys.exists() else {}
        with open_capture(path, **how) as capture:
            lines = [event_line(event) for event in capture.events()]
        calls = [line for line in lines if line["kind"] == "exchange" and is_served(line)]
        self.calls = sorted(calls, key=lambda line: line["request_frame"])
        self.server = MockServer.from_capture(path, **how)

    def alike(self, line):
        """All calls that are the same."""
        same = [
            (each["procedure"], each["params"]) == (line["procedure"], line["params"]) for each in self.calls
        ]
        return [each for each, is_same in zip(self.calls, same, strict=True) if is_same]


def is_served(line):
    """Whether a call has an answer in the recording, and not one of the mock itself."""
    response = line["response"]
    if response is None or "status" not in response or line["params"] is None or "frame_hex" in line:
        return False
    name, params = line["procedure"], line["params"]
    is_about_nodes = name in ("@SystemInformation", "@Statistics") and (
        not params or str(params[0][1]).upper() in TOPOLOGY
    )
    return not (name in OF_THE_MOCK or is_about_nodes)


@pytest.fixture(scope="module", params=RECORDINGS, ids=lambda path: path.name)
def served(request):
    found = Served(request.param)
    with found.server:
        yield found


@pytest.mark.parametrize("client", CLIENTS)
def test_each_recording_is_served(client, served, drivers):
    driver = drivers.of(client)
    server = served.server
    server.reset()
    try:
        assert driver.connect((server.host, server.port)) == {"connected": True}
        left_out = []  # of a call that can't be made once none is made: answers come in their order
        for line in served.calls if client == FASTEST else served.calls[:MOST_CALLS]:
            call = line["procedure"], line["params"]
            if not can_call(client, line):
                left_out.append(call)
            elif call not in left_out:
                answer = driver.call(line["procedure"], *line["params"])
                check(client, line, answer, served)
    except BaseException:
        drivers.end(client)  # it may wait for an answer
        raise


def check(client, line, answer, served):
    """That an answer is the recorded one, as far as the client tells it."""
    if "unsupported" in answer:
        assert client not in OF_ALL_TYPES, (answer, line["params"])
        return
    if "response" not in answer:
        assert is_told_as_error(client, line, answer), (answer, line)
        return
    # Clients ask the catalog for themselves, so of its answers any will do.
    expected = served.alike(line) if line["procedure"] in ASKED_BY_CLIENTS else [line]
    found = as_told(client, plain(answer["response"]))
    assert found in [as_told(client, told(each)["response"]) for each in expected], line["number"]
