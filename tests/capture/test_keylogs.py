"""Key logs of captures: files that may grow, contents, and those in pcapng files."""

import gzip
import io
import os
import sys
import threading

import pytest

import volttools
from tests.capture.growth import Script, append
from tests.capture.tls_traffic import pcap_file, pcapng_file, spoken, traffic_of
from tests.capture.traffic import pcap_of
from tests.protocol.tls.forged import Forged
from tests.protocol.tls.peers import TLS_1_2, TLS_1_3, Peers
from tests.protocol.wire import CLIENT
from volttools.capture import keylogs
from volttools.capture.keylogs import KeyLogs
from volttools.capture.packets import PacketReader
from volttools.errors import CaptureError, UsageError

RANDOM, OTHER = bytes(32), bytes([1]) * 32


def line(client_random=RANDOM, secret=bytes(48)):
    return f"CLIENT_RANDOM {client_random.hex()} {secret.hex()}\n".encode()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.txt"


def exchanges(data, **settings):
    with volttools.open(io.BytesIO(data), **settings) as capture:
        found = len(list(capture))
        return found, capture.summary


# ---------------------------------------------------------------- where they come from


def test_names_contents_and_several_of_both(path):
    path.write_bytes(line())
    for given in (path, str(path), line(), [path], [line(OTHER), path]):
        assert KeyLogs(given).log.secrets_of(RANDOM)
    assert not KeyLogs(None).log
    assert not KeyLogs([]).log


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("server_port", [21212, 443])
def test_a_capture_is_read_with_its_keys(version, server_port):
    talk = spoken(Peers(version).shakes_hands())
    found, summary = exchanges(pcap_file(talk, server_port=server_port), keylog=talk.key_log)
    assert (found, summary.damage, summary.connections) == (3, {}, 1)
    found, summary = exchanges(pcap_file(talk, server_port=server_port))
    assert found == 0
    assert (summary.damage, summary.foreign) == (
        ({"tls": 1}, {}) if server_port == 21212 else ({}, {"TLS": 1})
    )


@pytest.mark.parametrize("keys_after", [0, 5, 10])
@pytest.mark.parametrize("server_port", [21212, 443])
def test_a_pcapng_file_may_hold_its_keys_anywhere(keys_after, server_port):
    talk = spoken(Forged(0x1301))
    data = pcapng_file(talk, keys_after=keys_after, server_port=server_port)
    for file in (data, gzip.compress(data)):
        found, summary = exchanges(file)
        assert (found, summary.damage, summary.foreign) == (3, {}, {})


@pytest.mark.parametrize(
    ("keylog", "reason"),
    [
        (None, "no key log was given; give it with --keylog, or capture at the server's plain port"),
        (b"", "the key log has no secret for this connection (client random"),
    ],
)
def test_a_pcapng_file_without_keys_is_no_key_log(keylog, reason):
    data = pcapng_file(spoken(Forged(0x1301)), key_log=b"# none\n")
    with volttools.open(io.BytesIO(data), keylog=keylog) as capture:
        (event,) = capture.events()
    assert reason in event.message


@pytest.mark.parametrize("keys_after", [(0, 0), (0, 9), (9, 0), (9, 9)])
def test_several_captures_may_hold_their_keys(keys_after):
    talks = [spoken(Forged(0x1301, seed=seed)) for seed in (1, 2)]
    files = [
        io.BytesIO(pcapng_file(talk, keys_after=after, client_port=port))
        for talk, after, port in zip(talks, keys_after, (1111, 2222), strict=True)
    ]
    with volttools.open(*files) as capture:
        assert len(list(capture)) == 6


def test_of_captures_that_were_left_the_keys_are_kept_and_nothing_else():
    talk = spoken(Forged(0x1301))
    reader = PacketReader(io.BytesIO(pcapng_file(talk)))
    logs = KeyLogs()
    logs.add(reader)
    packets = list(reader)
    held = sys.getrefcount(reader)
    logs.leave(reader)
    logs.leave(reader)
    assert packets
    assert sys.getrefcount(reader) == held - 1
    assert logs.log.secrets_of(talk.random[CLIENT])


def test_a_capture_can_be_read_twice(tmp_path):
    talk = spoken(Forged(0x1301))
    path = tmp_path / "x.pcapng"
    path.write_bytes(pcapng_file(talk))
    capture = volttools.open(path)
    for _ in range(2):
        with capture:
            assert len(list(capture)) == 3


def test_connections_keep_their_numbers_while_they_wait(path):
    talk, plain = spoken(Forged(0x1301)), spoken(Forged(0x1302, seed=2))
    data = pcap_of(
        traffic_of(talk, client_port=1111, server_port=443).closes(5),
        traffic_of(plain, client_port=2222, server_port=444).closes(6),
    )
    path.write_bytes(plain.key_log + talk.key_log)
    with volttools.open(io.BytesIO(data), keylog=path) as capture:
        numbers = {e.connection.client.rpartition(":")[2]: e.connection.number for e in capture.events()}
    assert numbers == {"1111": 1, "2222": 2}


# ---------------------------------------------------------------- files that grow


def test_a_file_is_read_on_when_a_connection_is_not_known(path):
    path.write_bytes(b"")
    log = KeyLogs(path).log
    assert log.may_grow
    assert not log.secrets_of(RANDOM)
    path.write_bytes(line())
    assert log.secrets_of(RANDOM)
    with path.open("ab") as stream:
        stream.write(line(OTHER)[:100])
    assert not log.secrets_of(OTHER)
    with path.open("ab") as stream:
        stream.write(line(OTHER)[100:])
    assert len(log.secrets_of(OTHER)["CLIENT_RANDOM"]) == 48


def test_a_file_that_is_begun_anew(path):
    path.write_bytes(line() * 3)
    log = KeyLogs(path).log
    path.write_bytes(line(OTHER))
    assert log.secrets_of(OTHER)


def test_a_file_that_is_gone_has_nothing_new(path):
    path.write_bytes(line())
    log = KeyLogs(path).log
    path.unlink()
    assert not log.secrets_of(OTHER)
    assert log.secrets_of(RANDOM)


def test_a_long_file_is_read_in_pieces(path, monkeypatch):
    monkeypatch.setattr(keylogs, "CHUNK_BYTES", 100)
    path.write_bytes(line() + b"x" * 1000 + b"\n" + line(OTHER))
    log = KeyLogs(path).log
    assert log.secrets_of(RANDOM)
    assert log.secrets_of(OTHER)


def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(line()))
    writer.start()
    log = KeyLogs(pipe).log
    writer.join()
    assert log.secrets_of(RANDOM)
    assert not log.secrets_of(OTHER)


def test_a_key_log_is_written_while_a_live_capture_is_read(path):
    path.write_bytes(b"# nothing yet\n")
    talk = spoken(Forged(0xC030))
    data = pcap_file(talk)

    class Live(io.RawIOBase):
        """A capture of which half comes before the keys."""

        def __init__(self):
            self.parts = [data[: len(data) // 2], data[len(data) // 2 :]]

        def readable(self):
            return True

        def read(self, count=-1):
            if len(self.parts) == 1:
                with path.open("ab") as stream:
                    stream.write(talk.key_log)
            return self.parts.pop(0) if self.parts else b""

    with volttools.open(Live(), keylog=path) as capture:
        assert len(list(capture)) == 3


def test_keys_that_come_while_nothing_is_said_are_used(tmp_path, path):
    talk = spoken(Forged(0x1301), calls=1)
    path.write_bytes(b"")
    capture = tmp_path / "volt.pcap"
    capture.write_bytes(pcap_of(traffic_of(talk)))  # not closed
    lines = talk.key_log.splitlines(keepends=True)
    script = Script(
        *(append(path, each) for each in lines[:-1]),
        lambda: None,
        append(path, lines[-1]),
        lambda: None,
    )
    script.steps.append(script.expects("login", "Vote 1"))
    script.follow(capture, keylog=path)
    assert not script.steps


# ---------------------------------------------------------------- what is none


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"what is this\n", "no TLS secrets in it: a key log has lines such as"),
        (b"\xd4\xc3\xb2\xa1" + bytes(300), "no TLS secrets in it: a key log has lines such as"),
        (
            b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n",
            "no TLS secrets in it: a certificate or private key, with which TLS can't be read: a key log",
        ),
    ],
)
def test_what_is_no_key_log_is_refused(path, content, problem):
    path.write_bytes(content)
    for given, name in ((path, str(path)), (content, "the key log")):
        with pytest.raises(CaptureError) as caught:
            KeyLogs(given)
        assert str(caught.value).startswith(f"{name}: {problem}")
    path.write_bytes(line())
    other = path.with_name("other")
    other.write_bytes(content)
    with pytest.raises(CaptureError):
        KeyLogs([path, other])


@pytest.mark.parametrize("content", [b"", b"# comment\n", b"\n\n"])
def test_a_key_log_may_be_empty_still(path, content):
    path.write_bytes(content)
    assert KeyLogs(path).log.may_grow
    assert not KeyLogs(content).log


def test_what_cannot_be_read_is_told(path):
    with pytest.raises(CaptureError) as caught:
        KeyLogs(path)
    assert str(caught.value) == f"{path}: the key log can't be read: No such file or directory"
    with pytest.raises(CaptureError) as caught:
        KeyLogs(path.parent)
    assert str(caught.value) == f"{path.parent}: a directory, not a key log"


def test_without_what_decrypts_it_is_said_at_once(path, monkeypatch):
    def missing():
        raise UsageError("install it")

    monkeypatch.setattr(keylogs, "require", missing)
    KeyLogs(None)
    with pytest.raises(UsageError, match="install it"):
        KeyLogs(line())


def test_no_error_tells_a_secret(path):
    talk = spoken(Forged(0xC030))
    wrong = talk.key_log.replace(talk.master.hex().encode(), b"ab" * 48)
    with volttools.open(io.BytesIO(pcap_file(talk)), keylog=wrong) as capture:
        (event,) = capture.events()
    assert "fails its authentication: the secret in the key log is not this connection's" in event.message
    assert "abab" not in event.message
