"""Some captures whose packets were scrambled; `make fuzz` makes many more."""

import random

import pytest

from tests.capture.scrambling import pieces_of, scrambled
from tests.fast_ways import check_overflow, check_parts, check_short_way, check_summary
from tests.requirements import ROOT
from volttools.capture.packets import PacketReader
from volttools.capture.reader import open as open_capture


@pytest.fixture(scope="module")
def sources():
    found = []
    for name in ("demo.pcap", "pushes-catalog.pcap"):
        with (ROOT / "captures" / name).open("rb") as stream:
            found.append(pieces_of(PacketReader(stream)))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_fast_ways_give_what_slow_ones_give(sources, seed):
    rng = random.Random(seed)
    data = scrambled(rng, sources)
    check_short_way(data)
    check_summary(data)
    check_overflow(data, scrambled(rng, sources, harm=0.02))
    check_parts([data, scrambled(rng, sources, harm=0)], rng)


def test_scrambled_captures_hold_calls_and_not_only_noise(sources, tmp_path):
    path, found = tmp_path / "x.pcap", []
    for seed in range(6):
        path.write_bytes(scrambled(random.Random(seed), sources))
        found.append(sum(1 for exchange in open_capture(path) if exchange.is_readable))
    assert max(found) >= 20
