from array import array
from collections import Counter

import pytest

import volttools
from tests.requirements import ROOT
from volttools.capture.conversations import Endpoint
from volttools.capture.parts import (
    SLOTS,
    NotDivisibleError,
    Part,
    numbers_of,
    slot_of,
    slot_of_connection,
)
from volttools.protocol.events import Connection, Damage

CAPTURES = ROOT / "captures"
ONE, OTHER = Endpoint("10.0.0.1", 50000), Endpoint("10.0.0.2", 21212)


def test_a_connection_has_one_slot_whichever_side_is_told_first():
    assert slot_of(str(ONE), str(OTHER)) == slot_of(str(OTHER), str(ONE))
    connection = Connection(number=1, client=str(ONE), server=str(OTHER))
    assert slot_of_connection(connection) == slot_of(str(ONE), str(OTHER))
    assert {slot_of(f"10.0.0.1:{port}", str(OTHER)) for port in range(200)} == set(range(SLOTS))


@pytest.mark.parametrize("parts", [1, 2, 3, SLOTS])
def test_each_connection_is_of_one_part(parts):
    made = [Part(index, parts) for index in range(parts)]
    for port in range(50):
        ends = (Endpoint("10.0.0.1", port), OTHER)
        key = bytes([port])
        owners = [part for part in made if part.has(ends, key)]
        assert len(owners) == 1
        assert [part.skips(key) for part in made] == [part not in owners for part in made]
        assert not any(part.skips(b"another") for part in made)


def test_numbers_are_those_of_one_reader():
    first, second = Part(0, 2), Part(1, 2)
    whole, given = 0, []
    for packet, owner, calls in ((3, first, 2), (4, second, 1), (9, first, 1), (10, first, 3)):
        owner.packet = packet
        for _ in range(calls):
            whole += 1
            given.append((whole, owner.exchange()))
    number_of = numbers_of([first.numbered, second.numbered])
    assert [number_of(number) for _, number in given] == [expected for expected, _ in given]
    assert first.numbered == array("I", [3, 3, 9, 10, 10, 10])


def test_what_may_differ_from_the_whole_is_refused():
    part = Part(0, 2)
    part.check(Damage(what="midstream", message=""))
    with pytest.raises(NotDivisibleError, match=r"damage in it \(gap\)"):
        part.check(Damage(what="gap", message=""))
    part.is_ending = True
    with pytest.raises(NotDivisibleError, match="cut where it ends"):
        part.exchange()
    with (
        pytest.raises(NotDivisibleError, match="only packets"),
        volttools.open(CAPTURES / "dump-normal.dump", part=Part(0, 2)) as capture,
    ):
        list(capture)


def test_parts_of_a_capture_are_all_of_it():
    path = CAPTURES / "types-all.pcap"
    whole = Counter(e.procedure for e in volttools.open(path))
    found = Counter()
    for index in range(3):
        found.update(e.procedure for e in volttools.open(path, part=Part(index, 3)))
    assert found == whole
