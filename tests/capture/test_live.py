"""tcpdump and dumpcap: how they are called, what they say, and that they are always ended."""

import os
import signal
import stat
from subprocess import Popen

import pytest

from volttools.capture.live import (
    Counts,
    Program,
    Sniffer,
    addresses_of,
    counts_of,
    expression_of,
    programs,
    sniff,
)
from volttools.errors import CaptureError


def test_tcpdump_writes_whole_packets_of_a_large_buffer_to_its_output():
    command = Program("tcpdump", "/t").command(interface="any", expression="tcp port 1", is_pcapng=False)
    assert command == ["/t", "-n", "-i", "any", "-s", "262144", "-B", "65536", "-U", "-w", "-", "tcp port 1"]


@pytest.mark.parametrize(("is_pcapng", "format"), [(True, []), (False, ["-P"])])
def test_dumpcap_writes_either_format(is_pcapng, format):
    command = Program("dumpcap", "/d").command(interface="lo", expression="tcp port 1", is_pcapng=is_pcapng)
    assert command == [
        "/d",
        *["-q", "-i", "lo", "-s", "262144", "-B", "64"],
        *format,
        "-w",
        "-",
        "-f",
        "tcp port 1",
    ]


@pytest.mark.parametrize(
    ("ports", "addresses", "expression"),
    [
        ([21212], [], "tcp port 21212"),
        ([1, 2], [], "tcp port 1 or tcp port 2"),
        ([1, 2], ["::1", "10.0.0.1"], "(tcp port 1 or tcp port 2) and (host ::1 or host 10.0.0.1)"),
    ],
)
def test_the_filter_names_ports_and_hosts(ports, addresses, expression):
    assert expression_of(ports, addresses) == expression


def test_a_host_is_all_its_addresses_and_never_a_piece_of_a_filter():
    assert addresses_of("127.0.0.1") == ["127.0.0.1"]
    assert set(addresses_of("localhost")) <= {"127.0.0.1", "::1"}
    with pytest.raises(CaptureError, match=r"^10.0.0.1 or port 80 has no address: "):
        addresses_of("10.0.0.1 or port 80")


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("3 packets captured\n1234 packets received by filter\n17 packets dropped by kernel\n", (1234, 17)),
        ("1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n2 packets dropped by interface\n", (1, 2)),
        ("Packets received/dropped on interface 'eth0': 10/2 (pcap:2/dumpcap:0/flushed:0/ps_ifdrop:0) (83.3%)\n"
         "Packets received/dropped on interface 'lo': 5/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100%)\n", (17, 2)),
    ],
)  # fmt: skip
def test_what_was_dropped_is_read(said, counts):
    assert counts_of(said) == Counts(*counts)


def test_who_says_nothing_tells_nothing():
    assert counts_of("listening on lo\n") is None


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Makes programs that are the only ones on the PATH."""
    monkeypatch.setattr("volttools.capture.live.SYSTEM_PATH", "")
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(name, *lines):
        path = tmp_path / name
        path.write_text("\n".join(["#!/bin/sh", "PATH=/usr/bin:/bin", *lines, ""]))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return Program(name, str(path))

    return make


def test_without_a_program_it_is_said_what_to_install(fake):
    with pytest.raises(
        CaptureError, match=r"^neither tcpdump nor dumpcap is installed.*apt-get install tcpdump"
    ):
        programs()


def test_a_pcapng_needs_dumpcap(fake):
    fake("tcpdump")
    with pytest.raises(CaptureError, match=r"^tcpdump writes no pcapng: call the output \.pcap, or apt-get"):
        programs(is_pcapng=True)
    dumpcap = fake("dumpcap")
    assert programs(is_pcapng=True) == [dumpcap]


def test_without_rights_it_is_said_what_to_run(fake):
    program = fake("tcpdump", "echo 'tcpdump: any: You do not have permission to capture' >&2", "exit 1")
    with pytest.raises(CaptureError, match=f"^you may not capture here: .*setcap [a-z_,+]* {program.path} "):
        sniff(interface="any", expression="tcp port 1")


def test_what_a_program_says_against_it_is_told(fake):
    fake("tcpdump", "echo 'tcpdump: nosuch: No such device exists' >&2", "exit 1")
    with pytest.raises(CaptureError, match=r"^tcpdump can't capture: nosuch: No such device exists$"):
        sniff(interface="nosuch", expression="tcp port 1")


def test_the_other_program_is_tried_where_the_first_may_not(fake):
    fake("tcpdump", "echo 'not permitted' >&2", "exit 1")
    other = fake("dumpcap", "echo 'File: -' >&2", "exec sleep 60")
    with sniff(interface="any", expression="tcp port 1") as sniffer:
        assert sniffer.program == other


@pytest.mark.parametrize("trap", ["", "trap '' TERM"])
def test_it_is_always_ended_also_if_it_does_not_listen(fake, monkeypatch, trap):
    monkeypatch.setattr("volttools.capture.live.END_S", 0.3)
    program = fake("tcpdump", trap, "echo 'listening on lo' >&2", "while :; do :; done")
    with Sniffer(program, [program.path]) as sniffer:
        pid = sniffer._process.pid
        assert not sniffer.has_ended
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_signal_while_it_is_started_ends_it(fake, monkeypatch):
    program = fake("tcpdump", "exec sleep 60")
    started = []

    def popen(*arguments, **named):
        started.append(Popen(*arguments, **named))
        signal.raise_signal(signal.SIGINT)
        return started[-1]

    monkeypatch.setattr("subprocess.Popen", popen)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            Sniffer(program, [program.path])
    finally:
        signal.signal(signal.SIGINT, before)
    assert started[0].returncode == -signal.SIGTERM


def test_one_that_ends_by_itself_is_told(fake):
    program = fake("tcpdump", "echo 'listening on lo' >&2", "echo 'tcpdump: lo went down' >&2", "exit 1")
    with Sniffer(program, [program.path]) as sniffer:
        sniffer._process.wait(60)
        with pytest.raises(CaptureError, match=r"^tcpdump can't capture: lo went down$"):
            sniffer.result()


def test_an_output_that_cannot_be_written_is_said(fake, tmp_path):
    program = fake("tcpdump")
    with pytest.raises(CaptureError, match=r"x\.pcap: can't be written: No such file or directory"):
        Sniffer(program, [program.path], str(tmp_path / "no" / "x.pcap"))
