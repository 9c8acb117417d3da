import json

import pytest

from tests.stats.samples import MS, START_NS, exchange
from volttools.stats.baseline import Change
from volttools.stats.digest import Digest
from volttools.stats.figures import CSV_COLUMNS, csv_rows, figures


def digest():
    made = Digest()
    for n in range(20):
        made.add(
            exchange(
                "Vote", n % 2, number=n + 1, sent_ms=n, latency_ms=2, cluster_ms=1, status=-1 if n == 3 else 1
            )
        )
    made.add(exchange("Slow", number=21, sent_ms=20, latency_ms=9, rows=4))
    return made


def test_all_of_a_group_is_told():
    found = figures(digest(), ["a.pcap"])
    json.dumps(found)
    vote = found["groups"][0]
    expected = {
        "group": "Vote",
        "calls": 20,
        "errors": 1,
        "statuses": {"SUCCESS": 19, "USER_ABORT": 1},
        "timed": 20,
        "total_ns": 40 * MS,
        "mean_ns": 2 * MS,
        "max_ns": 2 * MS,
        "p999_ns": 2 * MS,
        "cluster_ns": 20 * MS,
        "elsewhere_ns": 20 * MS,
        "behind_ns": 19 * MS,
        "slowest": 1,
        "failed": 4,
    }
    assert expected.items() <= vote.items()
    assert vote["params"][0]["distinct"] == 2
    assert vote["params"][0]["hot"][0] == {"text": "0", "times": 10, "shortfall": 0}


def test_the_whole_stands_beside_the_groups():
    found = figures(digest(), ["a.pcap"])
    assert (found["kind"], found["files"], found["by"], found["calls"], found["read"]) == (
        "digest", ["a.pcap"], "procedure", 21, 21,
    )  # fmt: skip
    assert (found["first_ns"], found["last_ns"]) == (START_NS, START_NS + 29 * MS)
    assert (found["others"], found["others_merged"]) == (None, 0)
    slots = len(found["in_flight"])
    assert [len(group["calls_over_time"]) for group in found["groups"]] == [slots, slots]
    assert sum(found["calls_over_time"]) == 21


def test_changes_are_told_only_beside_a_baseline():
    assert "changes" not in figures(digest(), [])
    found = figures(digest(), [], changes=[Change("new", "Vote", "20 calls")])
    assert found["changes"] == [{"kind": "new", "group": "Vote", "text": "20 calls"}]


def test_what_is_not_known_is_null_and_empty():
    made = Digest()
    made.add(exchange(sent_ms=None))
    (group,) = figures(made, [])["groups"]
    assert (group["total_ns"], group["p50_ns"], group["cluster_ns"], group["slowest"]) == (None,) * 4
    _, row = csv_rows(made)
    assert dict(zip(CSV_COLUMNS, row, strict=True))["p50_ns"] == ""


def test_csv_has_a_line_a_group():
    header, *rows = csv_rows(digest())
    assert header == list(CSV_COLUMNS)
    assert [row[:3] for row in rows] == [["Vote", "20", "1"], ["Slow", "1", "0"]]
    assert len(list(csv_rows(digest(), top=1))) == 2


def test_only_the_first_groups_are_told_if_so_asked():
    assert [group["group"] for group in figures(digest(), [], top=1)["groups"]] == ["Vote"]


def test_what_is_in_flight_is_told_on_average_and_at_most():
    found = figures(digest(), [])
    assert round(sum(found["in_flight"]) * found["slot_ns"]) == pytest.approx(49 * MS, rel=0.01)
    assert (max(found["in_flight"]), max(found["in_flight_most"])) == (2, 2)
    assert len(found["in_flight_most"]) == len(found["in_flight"])
