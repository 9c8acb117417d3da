import io
import sys

import pytest

from tests.cli.lines import lines_of
from tests.protocol.wire import framed
from tests.samples import LOGIN_REQUEST, PASSWORD_HASH, dump_file
from volttools.capture.reader import Capture
from volttools.checks import RULES
from volttools.cli import run
from volttools.codec import build

PUSH = "a push on a connection that had sent no @Subscribe"


@pytest.fixture
def check(captures, capsys):
    """Run check; gives status, stdout and stderr."""

    def function(*arguments):
        status = run(["check", *arguments])
        return (status, *capsys.readouterr())

    return function


def test_a_whole_capture_is_status_0_and_one_line(check):
    assert check("demo.dump") == (0, "whole: 1 connection, 5 calls, every one answered\n", "")


def test_a_violation_is_status_1_with_its_place(check):
    status, out, err = check("demo.pcap")
    assert (status, err) == (1, "")
    assert out == (
        "violations: a side did not do its part\n"
        f"  unsubscribed-push (server)  connection 1, frame 9, from the server, byte 425: {PUSH}\n"
        "\n"
        "whole: 1 connection, 5 calls, every one answered; 1 violation by the server\n"
    )


def test_damage_is_status_1(check):
    status, out, _ = check("lost.pcap")
    assert status == 1
    assert out.startswith("damage: the capture is not whole\n  gap ")
    assert out.splitlines()[-1].startswith("not whole: gap 1, ")


def test_what_cannot_be_read_is_status_2(check):
    for name in ("song.txt", "no such file"):
        status, out, err = check(name)
        assert (status, out) == (2, "")
        assert err.startswith(f"volttools: {name}: ")
    assert check() == (
        2,
        "",
        "volttools check: missing argument 'FILE...'; see volttools check --help\n",
    )


def test_nothing_to_check_is_said(check):
    assert check("empty.pcap") == (0, "nothing to check: no VoltDB traffic\n", "")


def test_quiet_says_it_with_the_status_alone(check):
    assert check("--quiet", "lost.pcap") == (1, "", "")
    assert check("--quiet", "demo.dump") == (0, "", "")
    status, _, err = check("--quiet", "--json", "demo.dump")
    assert status == 2
    assert "--quiet and --json, --all don't go together" in err


def test_json_has_each_finding_and_the_summary(check):
    status, out, _ = check("--json", "demo.pcap")
    finding, summary = lines_of(out)
    assert status == 1
    assert (finding["kind"], finding["code"], finding["message"]) == ("finding", "unsubscribed-push", PUSH)
    assert (summary["kind"], summary["files"], summary["clean"]) == ("summary", ["demo.pcap"], False)
    assert summary["verdict"].startswith("whole: ")


def test_all_shows_findings_in_order_with_their_severity(check):
    _, out, _ = check("--all", "lost.pcap")
    assert [line.split()[0] for line in out.splitlines()[:-1]] == ["damage", "note", "damage", "violation"]


@pytest.fixture
def with_note(captures):
    """The dump_file with a log-in that uses SHA-1: worth a note."""
    sha1 = framed(build(LOGIN_REQUEST.replace(hash_scheme=0, password_hash=bytes(20))))
    data = dump_file().replace(framed(build(LOGIN_REQUEST)), sha1)
    (captures / "sha1.dump").write_bytes(data)
    return "sha1.dump"


def test_notes_are_shown_unless_they_are_not_wanted(check, with_note):
    status, out, _ = check(with_note)
    assert status == 0
    assert out.startswith("notes: worth knowing\n  sha1-login  connection 1, frame 1, ")
    verdict = "whole: 1 connection, 5 calls, every one answered; 1 note\n"
    assert check("--no-notes", with_note) == (0, verdict, "")
    assert [line["kind"] for line in lines_of(check("--json", "--no-notes", with_note)[1])] == ["summary"]


def test_strict_counts_notes(check, with_note):
    assert check("--strict", "--quiet", with_note)[0] == 1
    assert check("--strict", "--quiet", "demo.dump")[0] == 0


def test_several_files_are_one_capture_and_say_where(check):
    status, out, _ = check("--json", "demo.dump", "demo.dump")
    assert status == 0
    assert lines_of(out)[-1]["connections"] == 2
    (line,) = [line for line in lines_of(check("--json", "demo.pcap", "demo.dump")[1])][:1]
    assert line["connection"] == 1


def test_standard_input_is_read(check, captures, monkeypatch):
    class Stdin:
        buffer = io.BytesIO((captures / "demo.dump").read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert check("-")[0] == 0


def test_no_line_is_wider_than_asked_for(check):
    for width in ("40", "80"):
        out = check("--width", width, "lost.pcap")[1]
        assert max(map(len, out.splitlines())) <= int(width)


def test_the_list_has_every_code_also_as_json(check):
    status, out, _ = check("--list")
    assert status == 0
    assert all(f"  {code} " in out for code in RULES)
    assert [line["code"] for line in lines_of(check("--list", "--json")[1])] == list(RULES)


@pytest.mark.parametrize("arguments", [[], ["--all"], ["--json"]])
def test_no_output_holds_a_password_hash(check, arguments):
    for name in ("demo.pcap", "demo.dump", "lost.pcap"):
        _, out, err = check(*arguments, name)
        assert PASSWORD_HASH.hex() not in out + err


def test_an_interruption_shows_what_there_is(check, monkeypatch):
    events = Capture.events

    def interrupted(self):
        for count, event in enumerate(events(self)):
            if count == 3:
                raise KeyboardInterrupt
            yield event

    monkeypatch.setattr(Capture, "events", interrupted)
    status, out, _ = check("demo.pcap")
    assert status == 130
    assert out == ("interrupted: the rest was not read\nwhole: 1 connection, 2 calls, every one answered\n")
    status, out, _ = check("--json", "demo.pcap")
    assert (status, lines_of(out)[-1]["interrupted"]) == (130, True)
