"""tshark decrypts what we decrypt: the judge of forged connections, and of real ones."""

import re
import subprocess

import pytest

from tests.capture.tls_traffic import pcapng_file, traffic_of
from tests.capture.traffic import pcap_of
from tests.protocol.tls.forged import Forged
from tests.protocol.tls.peers import TLS_1_2, TLS_1_3, Peers, resumable
from tests.protocol.tls.test_decryptor import reading
from tests.protocol.wire import CLIENT, SERVER
from volttools.formats.tls_suites import CIPHER_SUITES

DIGITS = re.compile("\t?([0-9a-f]{2})+")


# TLS_ECDHE_PSK_WITH_AES_* of RFC 8442: tshark 4.0 names them and doesn't decrypt them.
NOT_READ_BY_TSHARK = {0xD001, 0xD002, 0xD003, 0xD005}


def words(talk):
    return (
        talk.says(CLIENT, b"request of the client").says(SERVER, b"response " * 1000).says(CLIENT, b"again")
    )


def seen_by_tshark(tshark, path, *options, connections=1):
    """What each side said inside, of each connection."""
    follow = [word for number in range(connections) for word in ("-z", f"follow,tls,raw,{number}")]
    command = [tshark, "-r", str(path), "-d", "tcp.port==21212,tls", *options, "-q", *follow]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = {}
    for part in done.stdout.split("Filter: tcp.stream eq ")[1:]:
        number, *lines = part.splitlines()
        first = CLIENT if lines[0].startswith("Node 0: 10.0.0.1:") else SERVER
        said = found[int(number)] = [b"", b""]
        for line in lines:
            if DIGITS.fullmatch(line):
                said[1 - first if line.startswith("\t") else first] += bytes.fromhex(line)
    return [found[number] for number in range(connections)]


def assert_tshark_agrees(tshark, tmp_path, *talks):
    path, keys = tmp_path / "x.pcap", tmp_path / "keys.txt"
    path.write_bytes(
        pcap_of(*(traffic_of(talk, client_port=port).closes(5) for port, talk in enumerate(talks, 40_000)))
    )
    keys.write_bytes(b"".join(talk.key_log for talk in talks))
    found = seen_by_tshark(tshark, path, "-o", f"tls.keylog_file:{keys}", connections=len(talks))
    assert found == [talk.said for talk in talks]
    assert [reading(talk).said for talk in talks] == found


def test_every_suite(tshark, tmp_path):
    codes = [code for code in CIPHER_SUITES if code not in NOT_READ_BY_TSHARK]
    assert_tshark_agrees(tshark, tmp_path, *(words(Forged(code, seed=code)) for code in codes))


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_real_connections_and_resumed_ones(tshark, version, tmp_path):
    first = words(Peers(version).shakes_hands())
    second = words(Peers(version, session=resumable(version)).shakes_hands())
    assert_tshark_agrees(tshark, tmp_path, first, second)


def test_keys_that_are_updated_and_records_with_padding(tshark, tmp_path):
    talk = words(Forged(0x1301, padding=40)).updates_key(CLIENT).says(CLIENT, b"new").updates_key(SERVER)
    assert_tshark_agrees(tshark, tmp_path, talk.says(SERVER, b"news"))


def test_a_second_hello(tshark, tmp_path):
    assert_tshark_agrees(tshark, tmp_path, words(Forged(0x1302, retry=True)))


def test_keys_inside_of_a_pcapng_file(tshark, tmp_path):
    talk = words(Forged(0xC02F))
    path = tmp_path / "x.pcapng"
    path.write_bytes(pcapng_file(talk))
    assert seen_by_tshark(tshark, path) == [talk.said]
