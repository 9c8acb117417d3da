import io
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.capture.tls_traffic import pcap_file, spoken
from tests.cli.lines import lines_of
from tests.protocol.tls.forged import Forged
from tests.samples import PASSWORD_HASH, dump_file, pcap
from tests.screens import check_golden
from volttools.cli import run
from volttools.protocol.events import Damage

HASHES = (PASSWORD_HASH.hex(), PASSWORD_HASH[2:9].hex(" "))


@pytest.fixture
def decode(captures, capsys):
    """Run decode; gives status, stdout and stderr."""

    def function(*arguments):
        status = run(["decode", *arguments])
        return (status, *capsys.readouterr())

    return function


def test_a_pipe_gets_a_line_an_event_and_a_summary(decode):
    status, out, err = decode("demo.pcap")
    assert (status, err) == (0, "")
    check_golden("decode-demo-pipe.txt", out)


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ([], [1, 2, 3, 4, 5]),
        (["--errors"], [2, 4]),
        (["--slow", "10ms"], [3, 5]),
        (["--slow", "10ms", "--procedure", "@*"], [3]),
        (["--procedure", "orders.*", "--errors"], [2]),
        (["--connection", "1", "--since", "6ms", "--until", "60ms"], [3, 4]),
        (["--since", "2026-01-02T03:04:05.006"], [3, 4, 5]),
        (["--until", "03:04:05.004"], [1, 2]),
        (["--exchange", "3"], [3]),
        (["--frame", "4"], [1]),
        (["--where", "status != SUCCESS"], [2, 4]),
        (["--where", "latency > 10ms", "--where", "late or params.count > 0"], [3, 5]),
        (["--where", "latency > 10ms", "--procedure", "@*"], [3]),
    ],
)
def test_filters_compose_and_filter_json_as_well(decode, arguments, numbers):
    status, out, _ = decode("--json", "--no-summary", *arguments, "demo.pcap")
    assert status == 0
    found = [line["number"] for line in lines_of(out) if line["kind"] == "exchange"]
    assert found == numbers


def test_json_begins_with_the_capture_and_ends_with_the_summary(decode):
    status, out, _ = decode("--json", "demo.pcap", "demo.dump")
    lines = lines_of(out)
    assert status == 0
    assert lines[0]["files"] == ["demo.pcap", "demo.dump"]
    assert lines[-1]["kind"] == "summary"
    assert lines[-1]["exchanges"] == 10


@pytest.mark.parametrize("arguments", [[], ["-v"], ["-vv"], ["--hex"], ["--json"], ["--frame", "1", "--hex"]])
@pytest.mark.parametrize("name", ["demo.pcap", "demo.dump"])
def test_no_output_holds_a_password_hash_unless_asked_for(decode, arguments, name):
    _, out, err = decode(*arguments, name)
    assert not [found for found in HASHES if found in out + err]


@pytest.mark.parametrize("arguments", [["-v"], ["--hex"], ["--json"]])
def test_a_password_hash_is_there_if_asked_for(decode, arguments):
    _, out, _ = decode("--keep-login-hashes", *arguments, "demo.pcap")
    assert [found for found in HASHES if found in out]


def test_one_exchange_is_opened_and_one_frame_shown_as_a_tree(decode):
    _, out, _ = decode("--exchange", "3", "demo.pcap")
    assert "parameters" in out
    assert "── summary" not in out
    _, out, _ = decode("--frame", "4", "demo.pcap")
    assert "cluster_rtt_ms" in out
    assert "Invocation" not in out


@pytest.mark.parametrize(("option", "what"), [("--exchange", "exchange"), ("--frame", "frame")])
def test_a_number_that_does_not_exist_is_an_error(decode, option, what):
    status, out, err = decode(option, "99", "demo.pcap")
    assert (status, out) == (2, "")
    assert err.startswith(f"volttools: there is no {what} 99; the capture has 5 exchanges")


def test_a_number_that_exists_but_is_filtered_is_no_error(decode):
    status, out, err = decode("--exchange", "3", "--errors", "demo.pcap")
    assert (status, out) == (0, "")
    assert err == "volttools: exchange 3 is there, but not with the other filters: --errors --exchange 3\n"
    assert "exchange 3 is there" in decode("--exchange", "3", "--frame", "3", "demo.pcap")[2]


def test_filters_that_match_nothing_say_so(decode):
    status, out, err = decode("--connection", "99", "demo.pcap")
    assert (status, err) == (0, "volttools: nothing matched: --connection 99\n")
    assert "summary of the whole capture, 0 of 5 exchanges shown" in out


@pytest.mark.parametrize("arguments", [["-v"], ["--hex"], ["--rows", "3"]])
def test_json_and_views_dont_go_together(decode, arguments):
    status, out, err = decode("--json", *arguments, "demo.pcap")
    assert (status, out) == (2, "")
    assert "don't go together" in err


def test_rows_limits_tables_and_lists(decode):
    _, out, _ = decode("--exchange", "3", "--rows", "1", "demo.pcap")
    assert "and 2 more rows" in out
    _, out, _ = decode("--exchange", "3", "-vv", "--rows", "1", "demo.pcap")
    assert "bytes not opened" in out


def test_damage_is_status_1(decode):
    status, out, _ = decode("lost.pcap")
    assert status == 1
    assert "not decoded" in out
    assert decode("--json", "--procedure", "nothing", "lost.pcap")[0] == 1


def test_an_empty_capture_is_fine_and_says_so(decode):
    status, out, _ = decode("empty.pcap")
    assert status == 0
    assert "no VoltDB traffic" in out
    status, out, err = decode("--no-summary", "empty.pcap")
    assert (status, err) == (0, "volttools: no VoltDB traffic in the capture\n")


@pytest.mark.parametrize("name", ["song.txt", "missing.pcap", "."])
def test_what_is_no_capture_is_status_2_and_nothing_on_stdout(decode, name):
    status, out, err = decode(name)
    assert (status, out) == (2, "")
    assert err.startswith(f"volttools: {name}: ")
    assert err.count("\n") == 1


def test_since_in_a_dump_file_says_that_it_has_no_times(decode):
    status, out, err = decode("--since", "1s", "demo.dump")
    assert status == 0
    assert "no times" in err
    assert "ORDERS.insert" not in out.split("── summary")[0]


def test_standard_input_is_a_dash(decode, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pcap())))
    status, out, _ = decode("--json", "-")
    assert status == 0
    assert lines_of(out)[-1]["exchanges"] == 5


def test_width_and_colour_can_be_asked_for(decode):
    _, out, _ = decode("--width", "100", "--no-summary", "demo.pcap")
    assert max(map(len, out.splitlines()[:2])) <= 100
    _, out, _ = decode("--color", "always", "demo.pcap")
    assert "\x1b[1;31m" in out


def test_an_interruption_shows_what_there_is(decode, monkeypatch):
    from volttools.capture.reader import Capture

    events = Capture.events

    def interrupted(self):
        for event in events(self):
            if event.kind == "push":
                raise KeyboardInterrupt
            yield event

    monkeypatch.setattr(Capture, "events", interrupted)
    status, out, _ = decode("demo.pcap")
    assert status == 130
    assert "@AdHoc" in out
    assert "interrupted: the rest was not read" in out
    status, out, err = decode("--csv", "demo.pcap")
    assert status == 130
    assert "volttools: interrupted: the rest was not read\n" in err


def test_tls_without_keys_is_status_1(decode, monkeypatch):
    from volttools.capture.reader import Capture

    monkeypatch.setattr(Capture, "events", lambda self: iter([Damage(what="tls", message="encrypted")]))
    assert decode("demo.pcap")[0] == 1


@pytest.fixture
def tls(captures):
    """A conversation in TLS, and its key log."""
    talk = spoken(Forged(0xC030))
    (captures / "tls.pcap").write_bytes(pcap_file(talk))
    (captures / "keys.txt").write_bytes(talk.key_log)
    (captures / "other.txt").write_bytes(Forged(0xC030, seed=9).key_log)


def test_keys_of_tls_may_be_given_in_several_files(tls, decode):
    status, out, err = decode("--json", "--keylog", "other.txt", "--keylog", "keys.txt", "tls.pcap")
    assert (status, err) == (0, "")
    lines = lines_of(out)
    assert [line["kind"] for line in lines[1:-1]] == ["login", *["exchange"] * 3]
    assert lines[1]["tls"] == "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    status, out, _ = decode("-v", "--keylog", "keys.txt", "tls.pcap")
    assert status == 0
    assert "    encryption    TLS 1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n" in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "no key log was given; give it with --keylog, or capture at the server's plain port"),
        (["--keylog", "other.txt"], "the key log has no secret for this connection (client random "),
    ],
)
def test_tls_that_cannot_be_read_is_status_1_and_says_why(tls, decode, arguments, reason):
    status, out, err = decode("--json", *arguments, "tls.pcap")
    assert (status, err) == (1, "")
    assert reason in lines_of(out)[1]["message"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nothing.txt", "nothing.txt: the key log can't be read: No such file or directory"),
        (
            "song.txt",
            "song.txt: no TLS secrets in it: a key log has lines such as CLIENT_RANDOM, 64 hex digits, 96 hex digits",
        ),
    ],
)
def test_a_key_log_that_is_none_is_status_2(tls, decode, name, error):
    assert decode("--keylog", name, "tls.pcap") == (2, "", f"volttools: {error}\n")


def test_no_secret_of_a_key_log_is_shown(tls, captures, decode):
    secrets = [word for line in (captures / "keys.txt").read_text().splitlines() for word in line.split()[2:]]
    for arguments in (["-vv", "--hex"], ["--json"], ["--keep-login-hashes", "-vv"]):
        _, out, err = decode("--keylog", "keys.txt", *arguments, "tls.pcap")
        assert not any(secret in out + err for secret in secrets)


@pytest.mark.parametrize("arguments", [[], ["-v"], ["--json"]])
def test_a_closed_pipe_ends_quietly(captures, arguments):
    big = captures / "big.dump"
    big.write_bytes(dump_file() * 200)
    process = subprocess.Popen(
        [sys.executable, "-m", "volttools", "decode", *arguments, str(big)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) in (0, -signal.SIGPIPE)
    assert err == b""


def test_a_wrong_expression_is_shown_with_its_place(decode):
    status, out, err = decode("--where", "latency > 5ms and latncy < 1s", "demo.pcap")
    assert (status, out) == (2, "")
    assert err == (
        "volttools: column 19: no field is called 'latncy'; did you mean latency?\n"
        "  latency > 5ms and latncy < 1s\n"
        "                    ^\n"
    )


def test_an_expression_that_matches_nothing_is_told_as_it_was_written(decode):
    _, _, err = decode("--no-summary", "--where", "late", "--where", "latency > 5ms", "demo.pcap")
    assert err == "volttools: nothing matched: --where late --where 'latency > 5ms'\n"


def marked(out):
    """The lines of exchanges, each as its mark and its number, and those between groups."""
    found = re.findall(r"^(--)$|^(> |  ) +([0-9]+) +[0-9]+\.[0-9]{6} ", out, re.MULTILINE)
    return [gap or mark.strip() + number for gap, mark, number in found]


def test_context_shows_the_exchanges_around_marked_hits_and_gaps_between_groups(decode):
    _, out, _ = decode("--no-summary", "--where", "number in [1, 5]", "--context", "1", "demo.pcap")
    assert marked(out) == [">1", "2", "--", "4", ">5"]
    _, out, _ = decode("--no-summary", "--where", "number in [1, 4]", "--context", "1", "demo.pcap")
    assert marked(out) == [">1", "2", "3", ">4", "5"]


def test_context_fits_the_screen_it_is_shown_on(decode):
    _, out, _ = decode(
        "--width", "80", "--no-summary", "--where", "number == 3", "--context", "2", "demo.pcap"
    )
    assert max(len(line) for line in out.splitlines()) <= 80
    assert [line[:1] for line in out.splitlines()].count(">") == 1


def test_context_is_told_in_json_lines(decode):
    _, out, _ = decode("--json", "--no-summary", "--where", "number == 3", "--context", "1", "demo.pcap")
    lines = lines_of(out)[1:]
    assert [(line["number"], line.get("context")) for line in lines] == [(2, True), (3, None), (4, True)]


def test_context_is_of_the_stretch_that_is_looked_at(decode):
    _, out, _ = decode(
        "--json", "--no-summary", "--until", "8ms", "--where", "number == 3", "--context", "9", "demo.pcap"
    )
    assert [line["number"] for line in lines_of(out)[1:]] == [1, 2, 3]


@pytest.mark.parametrize("more", [["--no-summary"], ["--summary"], []])
def test_one_exchange_can_have_context(decode, more):
    _, out, _ = decode(*more, "--exchange", "3", "--context", "1", "demo.pcap")
    assert marked(out.split("── summary")[0]) == ["2", ">3", "4"]
    assert out.count("parameters ") == 2  # the title, and of the one that was asked for


def test_context_without_a_filter_says_what_is_missing(decode):
    status, _, err = decode("--context", "3", "demo.pcap")
    assert status == 2
    assert "--context is what stands around a hit; give a filter too" in err


def test_the_summary_alone_is_the_one_that_ends_the_lines(decode):
    assert (
        decode("--summary-only", "--json", "demo.pcap")[1]
        == decode("--json", "demo.pcap")[1].splitlines(keepends=True)[-1]
    )
    status, out, err = decode("--summary-only", "demo.pcap")
    assert (status, err) == (0, "")
    assert decode("demo.pcap")[1].endswith(out)
    assert "summary" in out.splitlines()[0]


def test_the_summary_alone_is_of_what_matches(decode):
    status, out, err = decode("--summary-only", "--json", "--errors", "demo.pcap")
    (summary,) = lines_of(out)
    assert (status, err, summary["exchanges"], summary["found_among"]) == (0, "", 2, 5)
    assert "SUCCESS" not in summary["statuses"]
    status, out, _ = decode("--summary-only", "--since", "6ms", "--until", "60ms", "demo.pcap")
    assert "summary of 2 of 5 exchanges" in out.splitlines()[0]
    assert (
        lines_of(decode("--summary-only", "--json", "--exchange", "3", "demo.pcap")[1])[0]["exchanges"] == 1
    )


def test_the_summary_alone_has_the_exit_status_of_the_whole_capture(decode):
    status, out, err = decode("--summary-only", "--json", "--procedure", "nobody's", "demo.pcap")
    assert (status, lines_of(out)[0]["exchanges"]) == (0, 0)
    assert "nothing matched" in err
    assert decode("--summary-only", "--exchange", "99", "demo.pcap")[0] == 2
