"""The keys of one side, and the number of its next record, behind holes and changes of keys."""

import pytest

from tests.protocol.tls.forged import Forged
from tests.protocol.wire import CLIENT, SERVER
from volttools.codec import parse
from volttools.formats.tls import TLS_HEADER_BYTES, TlsRecordHeader
from volttools.protocol.tls.epochs import Allowance, Epoch, SideKeys
from volttools.protocol.tls.keys import keys_1_3
from volttools.protocol.tls.records import TlsRecord


def sent(forged, number=-1):
    data = forged.chunks[number][1]
    header = parse(TlsRecordHeader, data[:TLS_HEADER_BYTES])
    return TlsRecord(header, data[TLS_HEADER_BYTES:], None)


def application(forged, side=CLIENT, **allowance):
    keys = SideKeys(Allowance(**allowance))
    secret = forged.secrets[side]
    keys.add(Epoch.APPLICATION, keys_1_3(forged.suite, secret), secret)
    keys.begin(Epoch.APPLICATION)
    return keys


def test_records_are_numbered():
    forged = Forged(0x1301)
    keys = application(forged)
    for number in range(3):
        opened = keys.open(sent(forged.says(CLIENT, b"%d" % number)))
        assert (opened.content, opened.skipped) == (b"%d" % number, 0)
    assert (keys.sequence, keys.opened) == (3, 3)


@pytest.mark.parametrize("lost", [1, 2, 30])
def test_behind_a_hole_the_number_is_searched(lost):
    forged = Forged(0x1303)
    keys = application(forged)
    size = 0
    for _ in range(lost):
        size += len(forged.says(CLIENT, b"lost words").chunks[-1][1])
    keys.lose(None, size)
    opened = keys.open(sent(forged.says(CLIENT, b"found")))
    assert (opened.content, opened.skipped, keys.has_lost) == (b"found", lost, False)


def test_a_hole_is_no_longer_than_its_bytes():
    forged = Forged(0x1303)
    keys = application(forged)
    for _ in range(3):
        forged.says(CLIENT, b"lost")
    keys.lose(None, 2 * keys.overhead)
    assert keys.open(sent(forged.says(CLIENT, b"found"))) is None


def test_records_that_are_counted_need_no_search():
    forged = Forged(0x1303)
    keys = application(forged, trials=0)
    forged.says(CLIENT, b"lost").says(CLIENT, b"lost").says(CLIENT, b"found")
    keys.lose(1, 100)
    keys.lose(1, 100)
    assert keys.open(sent(forged)).skipped == 2


def test_searching_has_an_end():
    forged = Forged(0x1303)
    keys = application(forged, trials=10)
    for _ in range(20):
        forged.says(CLIENT, b"lost")
    keys.lose(None, 5_000)
    assert keys.open(sent(forged.says(CLIENT, b"found"))) is None
    assert keys._allowance.trials <= 0


def test_a_key_update_may_be_seen_or_be_in_a_hole():
    forged = Forged(0x1301)
    keys = application(forged)
    assert keys.open(sent(forged.updates_key(CLIENT))) is not None
    keys.update()
    assert keys.open(sent(forged.says(CLIENT, b"new key"))).content == b"new key"
    forged.updates_key(CLIENT).says(CLIENT, b"lost")
    keys.lose(None, 100)
    assert keys.open(sent(forged.says(CLIENT, b"found"))).content == b"found"
    assert keys.open(sent(forged.says(CLIENT, b"next"))).content == b"next"


def test_the_explicit_nonce_tells_the_number_at_once():
    forged = Forged(0xC02F)
    keys = SideKeys(Allowance(trials=1))
    from volttools.protocol.tls.keys import keys_1_2

    keys.add(Epoch.APPLICATION, keys_1_2(forged.suite, forged.master, *forged.random)[0])
    keys.renew()
    forged.nonce = 1000
    for _ in range(30):
        forged.says(CLIENT, b"lost")
    assert keys.open(sent(forged, -30 - 3)) is not None  # the Finished
    assert keys.open(sent(forged, -30)) is not None
    keys.lose(None, 2_000)
    assert keys.open(sent(forged)).skipped == 28


def test_a_later_epoch_may_begin():
    forged = Forged(0x1302)
    keys = application(forged, SERVER)
    keys.begin(Epoch.HANDSHAKE)
    opened = keys.open(sent(forged))
    assert (opened.is_first, keys.epoch, keys.sequence) == (True, Epoch.APPLICATION, 1)


def test_nothing_opens_without_keys():
    keys = SideKeys(Allowance())
    assert keys.open(sent(Forged(0x1301))) is None
    keys.update()
    assert (keys.epoch, keys.is_ready, keys.overhead) == (Epoch.PLAIN, False, TLS_HEADER_BYTES)
