"""What is remembered of damage."""

from __future__ import annotations

from volttools.capture.packet import MAX_DAMAGE, DamageLog


def test_damage_says_what_and_where():
    log = DamageLog("x.pcap")
    log.note("the file is cut off", 1000)
    log.note_skipped("damaged packet header", 2000, 30)
    log.note_skipped("damaged packet header", 3000, -30)
    assert [str(error) for error in log.errors] == [
        "x.pcap: the file is cut off at byte 1,000",
        "x.pcap: damaged packet header; going on 30 bytes behind it at byte 2,000",
        "x.pcap: damaged packet header; going on 30 bytes before it at byte 3,000",
    ]


def test_damage_beyond_measure_is_only_counted():
    log = DamageLog(None)
    for offset in range(10 * MAX_DAMAGE):
        log.note("damaged", offset)
    assert len(log.errors) == MAX_DAMAGE
    assert log.count == 10 * MAX_DAMAGE
