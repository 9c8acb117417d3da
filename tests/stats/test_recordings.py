"""The digest of each recording, beside a plain count of it."""

import json
from collections import Counter, defaultdict

import pytest

import volttools
from tests.requirements import shared_captures_dir
from volttools.histogram import PRECISION
from volttools.protocol.events import Exchange
from volttools.stats.digest import Digest
from volttools.stats.group import GOOD
from volttools.stats.keys import procedure_of

pytestmark = pytest.mark.shared

RECORDINGS = sorted(shared_captures_dir().glob("*.expected.json"))
PERCENTS = (50, 95, 99, 99.9, 100)


def recording_of(expected):
    base = expected.name.removesuffix(".expected.json")
    files = (expected.with_name(base + end) for end in (".pcap", ".pcapng", ".dump"))
    keys = expected.with_name(f"{base}.keys.txt")
    return next(file for file in files if file.exists()), keys if keys.exists() else None


@pytest.mark.parametrize("expected", RECORDINGS, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_each_recording_is_counted_as_a_plain_count_does(expected):
    """Beside lists of all calls, and beside what another reader found in the recording."""
    file, keys = recording_of(expected)
    found = Digest()
    calls = defaultdict(list)
    for event in volttools.open(file, keylog=keys).events():
        is_wanted = not (isinstance(event, Exchange) and event.is_fragment)
        found.add(event, is_wanted=is_wanted)
        if isinstance(event, Exchange) and is_wanted:
            calls[procedure_of(event)].append(event)
    assert found.groups.keys() == calls.keys()
    for name, group in found.groups.items():
        check(group, calls[name])
    check(found.whole, [call for some in calls.values() for call in some])
    check_beside(found, json.loads(expected.read_text())["sessions"])


def check(group, calls):
    latencies = sorted(c.latency_ns for c in calls if c.latency_ns is not None and c.latency_ns >= 0)
    answers = [call.response for call in calls if call.response is not None]
    assert group.calls == len(calls)
    assert group.errors == sum(call.status != 1 or call.is_partial for call in calls)
    assert group.rows == sum(len(table.rows) for answer in answers for table in answer.tables)
    assert group.request_bytes == sum(c.request_frame.bytes_on_wire for c in calls if c.request_frame)
    assert group.response_bytes == sum(c.response_frame.bytes_on_wire for c in calls if c.response_frame)
    assert (group.latencies.count, group.latencies.total) == (len(latencies), sum(latencies))
    for percent in PERCENTS if latencies else ():
        exact = latencies[max(1, -(-len(latencies) * round(percent * 10) // 1000)) - 1]
        assert exact <= group.latencies.percentile(percent) <= exact * (1 + PRECISION)
    if latencies:
        assert group.slowest[0] == latencies[-1]


def check_beside(found, sessions):
    """Counts that another reader made of the same recording; it told no times where they are unreliable."""
    calls = [call for session in sessions for call in session["calls"]]
    whole = [call["response"] for call in calls if call.get("response")]
    assert found.whole.calls == len(calls)
    assert found.whole.statuses[GOOD] == sum(answer.get("status") == 1 for answer in whole)
    rows = [table["rows"] for answer in whole for table in answer.get("tables", ())]
    assert found.whole.rows == sum(map(len, rows))
    names = Counter(call["procedure"] for call in calls if call["procedure"] is not None)
    mine = Counter()
    for name, group in found.groups.items():
        mine[name.partition(" ")[0]] += group.calls
    assert all(mine[name] == number for name, number in names.items() if " " not in name)
    told = [call["latency_us"] for call in calls if call.get("latency_us") is not None]
    if len(told) == found.whole.latencies.count:
        assert found.whole.latencies.total // 1000 == sum(told)
