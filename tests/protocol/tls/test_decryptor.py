"""Conversations in TLS, from bytes to what is said inside: real ones, and forged ones."""

import random
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.tls.forged import Forged
from tests.protocol.tls.peers import CBC, SUITES_1_2, TLS_1_2, TLS_1_3, Peers, resumable, server_context
from tests.protocol.wire import CLIENT, SERVER
from volttools.formats.tls import ALERT, HANDSHAKE
from volttools.formats.tls_suites import CIPHER_SUITES
from volttools.protocol.tls import decryptor
from volttools.protocol.tls.decryptor import Plain, PlainEnd, PlainGap, TlsAlert, TlsDecryptor
from volttools.protocol.tls.epochs import Allowance
from volttools.protocol.tls.keylog import KeyLog


class Reading:
    """What a decryptor makes of bytes: `said` of each side, zeros for what is lost; `gaps`; `alerts`."""

    def __init__(self, key_log):
        self.key_log = key_log if isinstance(key_log, KeyLog) else KeyLog(key_log)
        self.decryptor = TlsDecryptor(self.key_log)
        self.said = [bytearray(), bytearray()]
        self.events = []

    def take(self, events):
        self.events += events
        for event in events:
            if isinstance(event, Plain):
                self.said[event.side] += event.data
            elif isinstance(event, PlainGap):
                self.said[event.side] += bytes(event.length)

    def read(self, chunks):
        """Chunks of bytes, or lengths of what is missing."""
        for at, (side, data) in enumerate(chunks):
            if isinstance(data, int):
                self.take(self.decryptor.gap(side, data, at))
            else:
                self.take(self.decryptor.data(side, data, at))
        return self

    def ends(self):
        self.take(self.decryptor.close(CLIENT))
        self.take(self.decryptor.close(SERVER))
        return self

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def gaps(self):
        return [(event.side, event.length, event.reason) for event in self.of(PlainGap)]


def reading(talk, key_log=None):
    return Reading(talk.key_log if key_log is None else key_log).read(talk.chunks).ends()


def assert_read(talk, key_log=None):
    found = reading(talk, key_log)
    assert found.decryptor.failure is None
    assert found.said == talk.said
    assert found.gaps == []
    return found


def talk_of(*arguments, **settings):
    talk = Peers(*arguments, **settings).shakes_hands()
    talk.says(CLIENT, b"request").says(SERVER, b"response" * 5_000).says(CLIENT, b"again").closes(CLIENT)
    return talk


# ---------------------------------------------------------------- real connections


@pytest.mark.parametrize("suite", SUITES_1_2)
def test_suites_of_tls_1_2(suite):
    talk = talk_of(TLS_1_2, suite)
    found = assert_read(talk)
    assert found.decryptor.session.text == f"TLS 1.2, {SUITES_1_2[suite]}"


def test_tls_1_3():
    found = assert_read(talk_of(TLS_1_3))
    assert found.decryptor.session.text == "TLS 1.3, TLS_AES_256_GCM_SHA384"


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_session_that_is_resumed(version):
    talk = talk_of(version, session=resumable(version))
    assert talk.client.session_reused
    assert_read(talk)


def test_a_hello_that_is_asked_for_again():
    context = server_context(TLS_1_3, "AES128-GCM-SHA256")
    context.set_ecdh_curve("secp521r1")
    talk = talk_of(TLS_1_3, "AES128-GCM-SHA256")
    assert sum(data.count(bytes.fromhex("cf21ad74e59a6111")) for _, data in talk.chunks) == 1
    assert_read(talk)


def test_each_byte_has_the_time_of_its_records_last_byte():
    talk = Peers(TLS_1_2).shakes_hands()
    done = len(talk.chunks)
    talk.says(CLIENT, b"request")
    (side, data), chunks = talk.chunks[done], talk.chunks[:done]
    found = Reading(talk.key_log).read([*chunks, (side, data[:5]), (side, data[5:9]), (side, data[9:])])
    assert found.of(Plain) == [Plain(CLIENT, b"request", done + 2)]


def test_an_end_is_told():
    found = assert_read(talk_of(TLS_1_3))
    (alert,) = [event for event in found.of(TlsAlert) if event.side == CLIENT]
    assert (alert.alert.name, alert.alert.is_error) == ("close_notify", False)
    assert found.of(PlainEnd) == [PlainEnd(CLIENT), PlainEnd(SERVER)]


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_an_alert_says_why_the_handshake_failed(version):
    talk = Peers(version, trusted=False)
    with pytest.raises(ssl.SSLError):
        talk.shakes_hands()
    (alert,) = reading(talk).of(TlsAlert)
    assert (alert.side, alert.alert.name, alert.alert.is_error) == (CLIENT, "unknown_ca", True)


def test_suites_that_are_not_read_are_named():
    found = reading(talk_of(TLS_1_2, CBC))
    assert found.decryptor.session.text == "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
    assert found.decryptor.failure == "only AEAD suites are read (AES-GCM, AES-CCM, ChaCha20-Poly1305)"
    assert found.of(Plain) == []


REAL = {version: talk_of(version) for version in (TLS_1_2, TLS_1_3)}


@given(st.sampled_from([TLS_1_2, TLS_1_3]), st.lists(st.integers(1, 600), min_size=1), st.booleans())
def test_bytes_come_in_any_pieces(version, sizes, coalesced):
    talk = REAL[version]
    chunks, position = [], 0
    for side, data in talk.chunks:
        if coalesced and chunks and chunks[-1][0] == side:
            chunks[-1] = (side, chunks[-1][1] + data)
        else:
            chunks.append((side, data))
    pieces = []
    for side, data in chunks:
        while data:
            size = sizes[position % len(sizes)]
            position += 1
            pieces.append((side, data[:size]))
            data = data[size:]
    found = Reading(talk.key_log).read(pieces).ends()
    assert found.said == talk.said


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_bytes_come_one_by_one(version):
    talk = Peers(version).shakes_hands().says(CLIENT, b"request").says(SERVER, b"response")
    pieces = [(side, bytes([byte])) for side, data in talk.chunks for byte in data]
    assert Reading(talk.key_log).read(pieces).ends().said == talk.said


# ---------------------------------------------------------------- what is rare


@pytest.mark.parametrize("code", CIPHER_SUITES, ids=lambda code: CIPHER_SUITES[code].name)
def test_every_suite(code):
    assert_read(Forged(code).says(CLIENT, b"request").says(SERVER, b"response" * 1000).says(CLIENT, b""))


def test_keys_are_updated():
    talk = Forged(0x1301, padding=30).says(CLIENT, b"a").updates_key(CLIENT).says(CLIENT, b"b")
    talk.updates_key(SERVER).updates_key(SERVER).says(SERVER, b"c").says(CLIENT, b"d")
    assert_read(talk)


@pytest.mark.parametrize("code", [0x1301, 0x1302, 0x1303, 0x1304, 0x1305])
def test_early_data(code):
    talk = Forged(code, early=True).says(CLIENT, b"late").says(SERVER, b"answer")
    assert_read(talk)
    found = reading(talk, talk.without("CLIENT_EARLY_TRAFFIC_SECRET"))
    # The end of early data, a message of four bytes, can't be told from it.
    assert found.gaps == [
        (CLIENT, 15, "0-RTT data, and the key log has no CLIENT_EARLY_TRAFFIC_SECRET that fits it")
    ]
    assert found.said == [bytes(15) + b"late", b"answer"]


def test_renegotiation():
    talk = Forged(0xC02F).says(CLIENT, b"a").says(SERVER, b"b")
    first = talk.key_log
    talk.renegotiates().says(CLIENT, b"c").says(SERVER, b"d")
    assert_read(talk)
    found = reading(talk, first)
    assert found.decryptor.failure == (
        f"the key log has no secret for this connection (client random {talk.random[CLIENT][:4].hex()}...)"
    )
    assert [bytes(said[:1]) for said in found.said] == [b"a", b"b"]


def test_the_secrets_of_the_handshake_may_be_missing():
    talk = Forged(0x1302).says(CLIENT, b"a").says(SERVER, b"b")
    assert_read(talk, talk.without("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"))


def test_without_one_sides_secret_the_other_is_read():
    talk = Forged(0x1302).says(CLIENT, b"abc").says(SERVER, b"def")
    found = reading(talk, talk.without("CLIENT_TRAFFIC_SECRET_0"))
    assert found.said == [bytes(3), b"def"]
    ((_, _, reason),) = found.gaps
    assert reason.startswith("the key log has no usable CLIENT_TRAFFIC_SECRET_0 for this connection")


@pytest.mark.parametrize("others", [0, 5])
def test_a_key_log_of_java_names_sessions_by_ids_that_are_not_on_the_wire(others):
    talk = Forged(0xC030).says(CLIENT, b"a").says(SERVER, b"b")
    secrets = [bytes([number]) * 48 for number in range(others)]
    secrets.insert(others // 2, talk.master)
    log = b"".join(
        f"RSA Session-ID:{number:064X} Master-Key:{secret.hex().upper()}\n".encode()
        for number, secret in enumerate(secrets)
    )
    assert_read(talk, log)
    found = reading(talk, log.replace(talk.master.hex().upper().encode(), b"AB" * 48))
    assert found.decryptor.failure.startswith("the key log has no secret for this connection")


def test_secrets_of_sessions_are_tried_once():
    talk = Forged(0xC030).says(CLIENT, b"a")
    log = KeyLog(b"".join(b"RSA Session-ID:%02X Master-Key:%s\n" % (n, b"%02x" % n * 48) for n in range(9)))
    log.may_grow = True
    found = Reading(log)
    found.decryptor._allowance.trials = 12
    for chunk in talk.chunks:
        log.add(b"# nothing new")
        found.read([chunk])
    log.add(b"RSA Session-ID:FF Master-Key:" + talk.master.hex().encode())
    talk.says(SERVER, b"b")
    found.read(talk.chunks[-1:])
    assert found.said == talk.said


def test_a_secret_of_another_connection_is_told():
    talk = Forged(0xC02F).says(CLIENT, b"a")
    wrong = talk.key_log.replace(talk.master.hex().encode(), bytes(48).hex().encode())
    assert reading(talk, wrong).decryptor.failure == (
        "record 4 of the client fails its authentication: the secret in the key log is not this connection's"
    )


def test_a_connection_that_began_before_the_capture():
    talk = Forged(0x1301).says(CLIENT, b"a")
    found = Reading(talk.key_log).read(talk.chunks[-1:]).ends()
    assert found.decryptor.failure == "the client's hello, by which its keys are found, is not in the capture"


def test_a_server_that_is_not_in_the_capture():
    talk = Forged(0x1301).says(CLIENT, b"a")
    found = Reading(talk.key_log).read([chunk for chunk in talk.chunks if chunk[0] == CLIENT]).ends()
    assert found.decryptor.failure == "the server's hello, which names the cipher, is not in the capture"


# ---------------------------------------------------------------- keys that come late


def test_it_waits_for_a_key_that_may_still_come():
    talk = Forged(0x1301).says(CLIENT, b"request").says(SERVER, b"response")
    log = KeyLog()
    log.may_grow = True
    found = Reading(log).read(talk.chunks)
    assert found.events == []
    log.add(talk.key_log)
    talk.says(CLIENT, b"again")
    found.read(talk.chunks[-1:])
    assert found.said == talk.said


def test_keys_may_come_by_and_by():
    talk = Forged(0x1301)
    lines = talk.key_log.splitlines(keepends=True)
    log = KeyLog()
    log.may_grow = True
    found = Reading(log)
    for side, data in talk.says(CLIENT, b"a").says(SERVER, b"b").chunks:
        if lines:
            log.add(lines.pop(0))
        found.read([(side, data)])
    assert found.ends().said == talk.said


def test_at_the_end_nothing_is_waited_for():
    talk = Forged(0x1301).says(CLIENT, b"request")
    log = KeyLog()
    log.may_grow = True
    found = Reading(log).read(talk.chunks).ends()
    assert found.decryptor.failure.startswith("the key log has no secret for this connection")


def test_waiting_is_bounded(monkeypatch):
    monkeypatch.setattr(decryptor, "MAX_HELD_BYTES", 1_000)
    talk = Forged(0x1301).says(CLIENT, bytes(2_000))
    log = KeyLog()
    log.may_grow = True
    found = Reading(log).read(talk.chunks)
    assert found.decryptor.failure is not None
    assert not found.decryptor._work


def test_all_that_wait_share_what_may_be_held():
    talk = Forged(0x1301).says(CLIENT, bytes(2_000))
    log = KeyLog()
    log.may_grow = True
    allowance = Allowance(held_bytes=3_500)
    both = [TlsDecryptor(log, allowance) for _ in range(2)]
    for one in both:
        for side, data in talk.chunks:
            one.data(side, data)
    assert [one.failure is None for one in both] == [True, False]
    for side in (CLIENT, SERVER):
        both[0].close(side)
    assert allowance.held_bytes == 3_500


# ---------------------------------------------------------------- holes


@pytest.mark.parametrize("code", [0x1301, 0x1303, 0xC030, 0xCCA8, 0xC0AE])
def test_a_hole_costs_the_records_that_it_touches(code):
    talk = Forged(code)
    for number in range(6):
        talk.says(SERVER, b"%d" % number * 1000)
    stream = [data for _, data in talk.chunks[-6:]]
    size = len(stream[0])
    joined = b"".join(stream)
    cut = [(SERVER, joined[: size + 10]), (SERVER, 2 * size), (SERVER, joined[3 * size + 10 :])]
    found = Reading(talk.key_log).read([*talk.chunks[:-6], *cut]).ends()
    assert found.gaps == [(SERVER, 3000, "missing")]
    assert found.said[SERVER] == b"0" * 1000 + bytes(3000) + b"4" * 1000 + b"5" * 1000


def test_the_other_side_waits_for_what_is_behind_a_hole():
    talk = Forged(0x1301).says(SERVER, b"lost" * 10)
    start, (_, lost) = talk.chunks[:-1], talk.chunks[-1]
    talk.says(CLIENT, b"next request").says(SERVER, b"next response")
    found = Reading(talk.key_log).read([*start, (SERVER, len(lost)), talk.chunks[-2]])
    assert found.events == []
    found.read(talk.chunks[-1:])
    assert [type(event) for event in found.events] == [PlainGap, Plain, Plain]
    assert found.gaps == [(SERVER, 40, "missing")]


def test_a_damaged_record_costs_itself():
    talk = Forged(0x1303).says(CLIENT, b"first").says(CLIENT, b"damaged").says(CLIENT, b"third")
    side, data = talk.chunks[-2]
    chunks = [*talk.chunks[:-2], (side, data[:-1] + bytes([data[-1] ^ 1])), talk.chunks[-1]]
    found = Reading(talk.key_log).read(chunks).ends()
    assert found.gaps == [(CLIENT, 7, "record 5 of the client fails its authentication")]
    assert found.said[CLIENT] == b"first" + bytes(7) + b"third"


def test_a_side_that_is_garbage_is_given_up():
    talk = Forged(0x1303).says(CLIENT, b"first")
    garbage = [(CLIENT, bytes.fromhex("1703030020") + bytes(32))] * 100
    found = Reading(talk.key_log).read([*talk.chunks, *garbage, (SERVER, b"")])
    talk.says(SERVER, b"answer")
    found.read(talk.chunks[-1:])
    assert found.said[SERVER] == b"answer"
    assert len(found.ends().gaps) == 2
    assert found.said[CLIENT] == b"first" + bytes(100 * 15)


@pytest.mark.parametrize(
    ("code", "lost"), [*((0x1301, lost) for lost in range(2, 6)), *((0xC02F, lost) for lost in range(2, 8))]
)
def test_any_record_of_the_handshake_but_the_hellos_may_be_lost(code, lost):
    talk = Forged(code)
    talk.says(CLIENT, b"request").says(SERVER, b"response").says(CLIENT, b"again").says(SERVER, b"there")
    side, data = talk.chunks[lost]
    chunks = [*talk.chunks[:lost], (side, len(data)), *talk.chunks[lost + 1 :]]
    found = Reading(talk.key_log).read(chunks).ends()
    assert found.said == talk.said


@given(st.data())
def test_what_is_read_is_right_wherever_holes_in_data_are(data):
    """Handshakes stay: of lost records nobody knows how much of them was data, if some were not."""
    seed = data.draw(st.integers(0, 2**32))
    rng = random.Random(seed)
    talk = Forged(rng.choice(list(CIPHER_SUITES)), seed=seed)
    of_data = []
    for _ in range(12):
        of_data.append(len(talk.chunks))
        talk.says(rng.randrange(2), rng.randbytes(rng.choice([1, 40, 700, 16_384])))
        if talk.is_1_3 and rng.random() < 0.1:
            talk.updates_key(rng.randrange(2))
    holes = data.draw(
        st.lists(st.tuples(st.sampled_from(of_data), st.integers(0, 60), st.integers(1, 20_000)))
    )
    chunks = []
    for number, (side, sent) in enumerate(talk.chunks):
        hole = next((hole for hole in holes if hole[0] == number), None)
        if hole is None:
            chunks.append((side, sent))
            continue
        _, at, length = hole
        length = min(length, len(sent) - at)
        if length > 0:
            chunks += [(side, part) for part in (sent[:at], length, sent[at + length :]) if part]
        else:
            chunks.append((side, sent))
    found = Reading(talk.key_log).read(chunks).ends()
    for side in (CLIENT, SERVER):
        position = 0
        for event in found.events:
            if isinstance(event, (Plain, PlainGap)) and event.side == side:
                if isinstance(event, Plain):
                    assert talk.said[side][position : position + len(event.data)] == event.data
                    position += len(event.data)
                else:
                    position += event.length


@given(st.data())
def test_anything_ends_in_events(data):
    talk = Forged(data.draw(st.sampled_from([0x1301, 0xC02F])), early=data.draw(st.booleans()))
    talk.says(CLIENT, b"request").says(SERVER, b"response")
    found = Reading(talk.key_log)
    for side, sent in talk.chunks:
        mutated = bytearray(sent)
        for _ in range(data.draw(st.integers(0, 2))):
            mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
        found.read([(side, bytes(mutated))])
        if data.draw(st.booleans()):
            found.read([(data.draw(st.integers(0, 1)), data.draw(st.integers(1, 100)))])
    found.ends()
    assert found.of(PlainEnd) == [PlainEnd(CLIENT), PlainEnd(SERVER)]
    assert found.decryptor.close(CLIENT) == []


def test_alerts_and_strange_records_inside():
    talk = (
        Forged(0x1301)
        .sends(CLIENT, ALERT, b"\2")
        .sends(CLIENT, 99, b"what")
        .sends(CLIENT, HANDSHAKE, b"\x18")
    )
    talk.says(CLIENT, b"on")
    assert reading(talk).said == talk.said
