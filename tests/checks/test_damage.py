"""What of the damage is the capture's, and what a side's own doing."""

import pytest

from tests.checks.samples import SAMPLES, codes, damaged, findings, logged_in
from tests.protocol.wire import CLIENT, SERVER, answer, call, framed
from volttools.checks.damage import DAMAGE_RULES
from volttools.protocol.events import DAMAGE_KINDS, Connection, Damage


@pytest.mark.parametrize("what", DAMAGE_KINDS)
def test_damage_of_every_kind_is_found_once(what):
    assert len(findings(damaged(what))) == 1


def test_a_hole_keeps_its_place_and_its_sentence():
    (found, *_) = findings(SAMPLES["gap"]())
    assert (found.code, found.message) == ("gap", "40 bytes are missing from the capture")
    assert str(found.place) == "connection 1, exchange 1, from the server, byte 38"
    assert found.time_ns == 4 * 10**9


def test_who_closed_inside_a_frame_is_to_blame():
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.bytes(SERVER, framed(answer())[:30])
    talk.closes(CLIENT, "fin")
    (found,) = findings(talk.ends("fin"))
    assert (found.code, found.side) == ("closed-in-frame", "client")
    assert found.message == "30 of a frame's 116 bytes, then the connection was closed"


def test_nobody_is_blamed_for_a_reset():
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.bytes(SERVER, framed(answer())[:30])
    (found,) = findings(talk.ends("rst"))
    assert (found.code, found.side) == ("closed-in-frame", None)


def test_a_version_that_nobody_knows_breaks_the_framing():
    (found, _) = findings(SAMPLES["broken-framing"]())
    assert found.side == "client"
    assert found.message == (
        "23 bytes passed over: 19 can't be the length of a frame here, or it begins with a version that"
        " nobody knows; nothing is missing before it"
    )


@pytest.mark.parametrize("length", [0, -1, 2**31 - 1])
def test_a_length_that_cannot_be_breaks_the_framing(length):
    talk = logged_in()
    talk.bytes(CLIENT, length.to_bytes(4, "big", signed=True) + call())
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer())
    assert codes(talk.ends("fin"))[0] == "broken-framing"


def test_behind_a_hole_what_cannot_be_read_is_nobodys_fault():
    talk = logged_in()
    talk.loses(CLIENT, 40)
    talk.sends(CLIENT, b"\x03" + call()[1:])
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer())
    assert "broken-framing" not in codes(talk.ends("fin"))
    connection = Connection(number=1)
    gap = Damage(what="gap", message="a hole", connection=connection)
    assert codes([gap, *damaged("malformed", connection=connection)]) == ["gap", "unreadable"]


def test_a_second_bad_frame_is_blamed_as_the_first():
    talk = logged_in()
    for _ in range(2):
        talk.sends(CLIENT, b"\x00\x7f")
        talk.sends(CLIENT, call())
        talk.sends(SERVER, answer())
    assert codes(talk.ends("fin")) == ["malformed-frame"] * 2


def test_bytes_lost_at_the_start_are_damage_and_a_missing_log_in_a_note():
    assert codes(SAMPLES["midstream"]()) == ["midstream"]
    assert "midstream-cut" in codes(SAMPLES["midstream-cut"]())


def test_each_rule_looks_at_one_kind_of_damage():
    assert len({rule.code for rule in DAMAGE_RULES}) == len(DAMAGE_RULES)
