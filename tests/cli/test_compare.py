import io
import json
import re

import pytest

from tests.samples import conversation, pcap
from volttools.cli import run
from volttools.cli.comparing import rules_of_files
from volttools.cli.progress import Progress
from volttools.codec import build
from volttools.formats.frame import RawFrame
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT


@pytest.fixture
def compare(captures, capsys):
    """Run compare; gives status, stdout and stderr."""

    def function(*arguments):
        status = run(["compare", *map(str, arguments)])
        return (status, *capsys.readouterr())

    return function


def dump(rows, tables=None):
    """The sample dump_file, with another result of the last call."""
    frames = []
    for _, message, _ in conversation():
        if isinstance(message, Response) and message.client_handle == 5:
            made = tables or [Table.of([("C1", BIGINT)], [(row,) for row in rows])]
            message = message.replace(tables=made)
        if getattr(message, "client_handle", 0) != 2**63 - 2:
            frames.append(build(RawFrame(body=build(message))) + b"\n")
    return b"".join(frames)


@pytest.fixture
def other(captures):
    """The dump_file with another value."""
    (captures / "other.dump").write_bytes(dump([4]))
    return "other.dump"


def test_a_capture_equals_itself_and_its_other_forms(compare):
    status, out, err = compare("demo.pcap", "demo.dump")
    assert (status, err) == (0, "")
    assert out == (
        "A demo.pcap  5 calls on 1 connection; 1 notification (topology)\n"
        "B demo.dump  5 calls on 1 connection\n"
        "\n"
        "the same: 5 pairs of calls\n"
    )


def test_a_difference_is_status_1_and_told(compare, other):
    status, out, _ = compare("demo.dump", other)
    assert status == 1
    assert out.splitlines()[3:7] == [
        "differences",
        "  1 of 1  Everything  column C1: another value",
        "      A 5  3",
        "      B 5  4",
    ]
    assert out.splitlines()[-1] == "different: 1 of 5 pairs of calls differ"


@pytest.mark.parametrize(
    "options",
    [
        ["--ignore-column", "C?"],
        ["--ignore-procedure", "every*"],
        ["--ignore-kind", "value"],
        ["--rules", "rules.toml"],
        ["--noise", "noise.dump"],
        ["--procedure", "ORDERS*"],
        ["--where", 'procedure != "Everything"'],
    ],
)
def test_what_does_not_count_makes_no_difference(compare, other, captures, options):
    (captures / "rules.toml").write_text('[[rule]]\nprocedure = "Everything"\ncolumn = "C1"\n')
    (captures / "noise.dump").write_bytes(dump([5]))
    assert compare("demo.dump", other, "--quiet", *options) == (0, "", "")


def test_noise_of_other_calls_teaches_nothing_and_is_refused(compare, captures):
    renamed = (captures / "demo.dump").read_bytes().replace(b"NoSuchProcedure", b"AnotherProcedur")
    (captures / "renamed.dump").write_bytes(renamed)
    status, out, err = compare(
        "demo.dump", "demo.dump", "--noise", "renamed.dump", "--procedure", "*Procedur*"
    )
    assert (status, out) == (2, "")
    assert err == "volttools: renamed.dump: nothing to learn: it has no call in common with demo.dump\n"


def test_noise_is_shown_saved_edited_and_used(compare, other, captures):
    (captures / "noise.dump").write_bytes(dump([5]))
    status, out, _ = compare("demo.dump", other, "--noise", "noise.dump", "--save-rules", "noise.toml")
    assert status == 0
    assert (
        "noise: what differs by itself, and was not compared\n  Everything  column C1: another value" in out
    )
    assert (captures / "noise.toml").read_text() == (
        "# What differs by itself, learned by volttools compare from demo.dump, noise.dump.\n"
        "\n"
        "# differed in 1 of 1 pair\n"
        "[[rule]]\n"
        'procedure = "Everything"\n'
        'kind = "value"\n'
        'column = "C1"\n'
        'action = "ignore"\n'
    )
    assert compare("demo.dump", other, "--rules", "noise.toml")[0] == 0
    status, _, err = compare("demo.dump", other, "--noise", "noise.dump", "--save-rules", "noise.toml")
    assert (status, "is there already" in err) == (2, True)


def test_a_rule_that_matters_nowhere_is_told(compare):
    _, out, _ = compare("demo.dump", "demo.dump", "--ignore-procedure", "Vote*")
    assert "a rule mattered nowhere: procedure Vote*\n" in out


def test_json_has_groups_and_the_summary(compare, other):
    status, out, _ = compare("demo.dump", other, "--json")
    group, summary = map(json.loads, out.splitlines())
    assert (status, group["difference"], group["columns"]) == (1, "value", ["C1", "C1"])
    assert (summary["kind"], summary["same"], summary["files"]) == ("summary", False, ["demo.dump", other])


def test_junit_is_written_beside_it(compare, other, captures):
    assert compare("demo.dump", other, "--quiet", "--junit", "compare.xml")[0] == 1
    assert re.search(r'name="Everything">\s*<failure type="value"', (captures / "compare.xml").read_text())


def test_captures_without_a_call_in_common_are_different(compare, captures):
    renamed = (captures / "demo.dump").read_bytes().replace(b"NoSuchProcedure", b"AnotherProcedur")
    (captures / "renamed.dump").write_bytes(renamed)
    status, out, _ = compare("demo.dump", "renamed.dump", "--procedure", "*Procedur*")
    assert (status, out.splitlines()[-1]) == (1, "different: the captures have no call in common")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["empty.pcap", "demo.dump"], "volttools: nothing to compare: empty.pcap has no calls"),
        (["demo.dump", "demo.dump", "--tolerance", "nan"], "volttools compare: invalid value for '--tolerance': 'nan' is not a number"),
        (["demo.dump", "song.txt"], "volttools: song.txt: "),
        (["demo.dump", "no such file"], "volttools: no such file: "),
        (["demo.dump"], "volttools compare: missing argument 'B'"),
        (["-", "-"], "volttools compare: standard input can be only one of the captures"),
        (["demo.dump", "demo.dump", "--save-rules", "x"], "volttools compare: --save-rules needs --noise"),
        (["demo.dump", "demo.dump", "--ignore-kind", "valu"], "volttools compare: --ignore-kind: there is no 'valu'; did you mean value?"),
        (["demo.dump", "demo.dump", "--key", "procedur"], "volttools: column 1: no field is called 'procedur'"),
        (["demo.dump", "demo.dump", "--junit", "demo.dump"], "volttools compare: --junit demo.dump: that file is read"),
        (["demo.dump", "demo.dump", "--procedure", "Nobody"], "volttools: nothing to compare: no call of either capture is one that was asked for"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_status_2_and_one_sentence(compare, arguments, error):
    status, out, err = compare(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(error)


def test_standard_input_can_be_compared_with_noise(compare, captures, monkeypatch):
    (captures / "noise.dump").write_bytes(dump([5]))
    stream = io.TextIOWrapper(io.BytesIO(pcap()))
    monkeypatch.setattr("sys.stdin", stream)
    assert compare("-", "demo.dump", "--noise", "noise.dump", "--quiet") == (0, "", "")


def test_rules_of_files_stand_in_their_order(tmp_path):
    (tmp_path / "a.toml").write_text('default.within = "5 s"\n[[rule]]\ncolumn = "A"\n')
    (tmp_path / "b.toml").write_text('[[rule]]\ncolumn = "B"\n')
    found = rules_of_files([str(tmp_path / "a.toml"), str(tmp_path / "b.toml")])
    assert [rule.columns for rule in found.rules] == [("A",), ("B",)]
    assert found.default.within_us == 5_000_000


def test_a_side_may_be_several_files_and_the_commands_name_them(compare, other, captures):
    (captures / "part-1.dump").write_bytes((captures / "demo.dump").read_bytes())
    (captures / "part-2.dump").write_bytes((captures / "demo.dump").read_bytes())
    assert compare("part-?.dump", "demo.dump", "--also-b", "demo.pcap", "--quiet") == (0, "", "")
    status, out, _ = compare("-v", "part-?.dump", "demo.dump", "--also-b", other)
    assert status == 1
    assert out.startswith("A part-?.dump  10 calls on 2 connections\nB demo.dump, other.dump  10 calls")
    assert "      volttools decode -v --exchange 10 part-?.dump\n" in out
    assert "      volttools decode -v --exchange 10 demo.dump other.dump\n" in out


def test_what_a_replay_has_mapped_does_not_count(compare, other, captures):
    (captures / "ids.toml").write_text(
        '[[value]]\nfrom = "Everything"\ncolumn = "C1"\nto = "Pay"\nparameter = 1\n'
    )
    status, out, _ = compare("demo.dump", other, "--map", "ids.toml")
    assert (status, out.splitlines()[-1]) == (0, "the same: 5 pairs of calls")
    assert "mattered nowhere" not in out
    assert compare("demo.dump", other, "--map", "not there")[0] == 2
    (captures / "five.dump").write_bytes(dump([5]))
    (captures / "again.dump").write_bytes(dump([4]))
    more = ("--also-a", "again.dump", "--also-b", "again.dump", "--map", "ids.toml")
    status, out, err = compare(other, "five.dump", *more)
    assert err == ""
    assert status == 1
    assert "column C1: an id that each server makes for itself became another one than elsewhere" in out
    assert out.splitlines()[5:7] == ["      A 10  4 (elsewhere 5 in B)", "      B 10  4"]


def test_floats_are_the_same_within_the_tolerance_that_is_given(compare, captures, capsys):
    answer = [Table.of([("F", FLOAT)], [(1.0,)])]
    (captures / "a.dump").write_bytes(dump([], tables=answer))
    assert run(["decode", "--json", "a.dump"]) == 0
    lines = capsys.readouterr().out
    (captures / "a.jsonl").write_text(lines)
    (captures / "b.jsonl").write_text(lines.replace("[[1.0]]", "[[1.0000001]]"))
    assert compare("a.jsonl", "b.jsonl", "--tolerance", "1e-6", "--quiet")[0] == 0
    for more in (), ("--tolerance", "1e-8"):
        status, out, _ = compare("a.jsonl", "b.jsonl", *more)
        assert status == 1
        assert "column F: another value" in out


def test_progress_is_of_both_captures_also_where_they_are_one_file(compare, captures, monkeypatch):
    told = []
    monkeypatch.setattr(Progress, "update", lambda self, done, total=None: told.append((done, total)))
    assert compare("--quiet", "demo.pcap", "demo.pcap")[0] == 0
    size = (captures / "demo.pcap").stat().st_size
    assert told[-1] == (2 * size, 2 * size)
