"""Every capture goes to every format and back with the same frames."""

import io
import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.requirements import ROOT
from tests.samples import PASSWORD_HASH, dump_file, pcap
from volttools.capture.conversion import LinesError, NumberSet, convert, encode
from volttools.capture.reader import open as open_capture
from volttools.errors import CaptureError, UsageError
from volttools.filters.errors import FilterError
from volttools.filters.filter import compile_filter
from volttools.jsonlines.lines import event_line, line_text
from volttools.protocol.events import Exchange
from volttools.protocol.traffic import Sent

CAPTURES = sorted(path for path in (ROOT / "captures").iterdir() if path.name != "README.md")
DEMO = ROOT / "captures" / "demo.pcap"


def whole_frames(*paths):
    """The whole frames of each connection, in order; connections in any order."""
    found = {}
    with open_capture(*paths) as capture:
        for step in capture.steps():
            if isinstance(step, Sent) and step.frame.is_whole and not step.is_full:
                frames = found.setdefault(step.connection.number, [])
                frames.append((step.frame.direction.value, step.frame.body))
    return sorted(found.values())


def all_frames(path):
    """Every frame with its holes and times, by connection."""
    found = {}
    with open_capture(path) as capture:
        for step in capture.steps():
            if isinstance(step, Sent):
                f = step.frame
                answers = step.procedure if f.is_whole else None  # a dump_file's last frame is not paired
                facts = (f.direction.value, f.body, f.length, tuple(f.missing), f.seen_at_ns, answers)
                found.setdefault(step.connection.number, []).append(facts)
    return list(found.values())


def converted(path, target, **settings):
    with open_capture(path) as capture:
        return convert(capture, str(target), keep_login_hashes=True, **settings)


def assert_goes_everywhere_and_back(path, tmp_path):
    pcapng, lines, dump = (tmp_path / f"x{suffix}" for suffix in (".pcapng", ".jsonl", ".dump"))
    converted(path, pcapng, overwrite=True)
    assert all_frames(pcapng) == all_frames(path)
    converted(pcapng, lines, overwrite=True)
    assert all_frames(lines) == all_frames(path)
    encode(lines, str(pcapng), overwrite=True)
    assert whole_frames(pcapng) == whole_frames(path)
    for old in tmp_path.glob("x-*.dump"):
        old.unlink()
    made = converted(lines, dump, by_connection=True)
    assert whole_frames(*made.files) == whole_frames(path) if made.files else not whole_frames(path)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_a_capture_goes_everywhere_and_back(path, tmp_path):
    assert_goes_everywhere_and_back(path, tmp_path)


def test_every_recording_goes_everywhere_and_back(shared_captures, tmp_path):
    for path in sorted(shared_captures.iterdir()):
        if path.suffix in (".pcap", ".pcapng", ".dump"):
            assert_goes_everywhere_and_back(path, tmp_path)


REUSED_PORTS = "port-used-again.pcap"
"""There a connection really has the ports of an earlier one, which tshark notes."""


def test_tshark_reads_every_recording_without_a_complaint(tshark, shared_captures, tmp_path):
    target = tmp_path / "x.pcapng"
    wrong = "tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed"
    for path in sorted(shared_captures.iterdir()):
        if path.suffix not in (".pcap", ".pcapng", ".dump"):
            continue
        converted(path, target, overwrite=True)
        flags = "" if path.name == REUSED_PORTS else " || tcp.analysis.flags"
        checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
        done = subprocess.run(
            [tshark, "-n", "-r", target, *checks, "-Y", wrong + flags],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "", path.name
        assert "cut short" not in done.stderr
        assert "damaged" not in done.stderr


def test_tshark_follows_a_stream_to_its_bytes(tshark, tmp_path):
    target = tmp_path / "x.pcapng"
    converted(DEMO, target)
    done = subprocess.run(
        [tshark, "-n", "-r", target, "-q", "-z", "follow,tcp,raw,0"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [
        line.strip() for line in done.stdout.splitlines() if set(line.strip()) <= set("0123456789abcdef")
    ]
    ((*frames,),) = whole_frames(DEMO)
    assert "".join(filter(None, lines)) == "".join((len(b).to_bytes(4, "big") + b).hex() for _, b in frames)


# ------------------------------------------------------------------------ secrets


@pytest.mark.parametrize("suffix", [".pcapng", ".dump", ".jsonl", ".frames", ".hex"])
@pytest.mark.parametrize("source", [pcap(), dump_file()], ids=["pcap", "dump"])
def test_hashes_are_written_only_if_they_are_asked_for(suffix, source, tmp_path):
    target = tmp_path / f"x{suffix}"
    for keep in (False, True):
        with open_capture(io.BytesIO(source)) as capture:
            convert(capture, str(target), keep_login_hashes=keep, overwrite=True)
        data = target.read_bytes()
        assert (PASSWORD_HASH in data or PASSWORD_HASH.hex().encode() in data) is keep


# ------------------------------------------------------------------------ pieces


def slow(event):
    return isinstance(event, Exchange) and (event.latency_ns or 0) > 2_000_000


@pytest.mark.parametrize("suffix", [".pcapng", ".dump"])
def test_a_piece_has_what_was_wanted_and_the_login(suffix, tmp_path):
    with open_capture(DEMO) as capture:
        wanted = [exchange.request_frame.body for exchange in capture if slow(exchange)]
        assert 1 < len(wanted) < capture.summary.exchanges
    made = converted(DEMO, tmp_path / f"x{suffix}", wants=slow)
    with open_capture(tmp_path / f"x{suffix}") as capture:
        events = list(capture.events())
    assert [event.kind for event in events] == ["login", *["exchange"] * len(wanted)]
    assert [event.request_frame.body for event in events[1:]] == wanted
    assert all(event.response is not None for event in events)
    assert (made.exchanges, made.frames) == (len(wanted), 2 * len(wanted) + 2)


def test_what_is_wanted_may_be_an_expression(tmp_path):
    wanted = 'procedure == "Fail"'
    for number, wants in enumerate((wanted, compile_filter(wanted), compile_filter(wanted).matches)):
        with open_capture(DEMO) as capture:
            assert convert(capture, str(tmp_path / f"{number}.pcapng"), wants=wants).exchanges == 5


def test_an_expression_that_is_none_is_told_before_anything_is_written(tmp_path):
    with open_capture(DEMO) as capture, pytest.raises(FilterError, match="no field"):
        convert(capture, str(tmp_path / "x.pcapng"), wants="nothing == 1")
    assert list(tmp_path.iterdir()) == []


def test_json_lines_of_a_piece_hold_just_that(tmp_path):
    made = converted(DEMO, tmp_path / "x.jsonl", wants=slow)
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert kinds == ["capture", *["exchange"] * made.exchanges]


def test_a_piece_of_a_stream_that_can_be_read_once(tmp_path):
    with open_capture(io.BytesIO(pcap())) as capture:
        made = convert(capture, str(tmp_path / "x.pcapng"), wants=lambda event: event.kind == "exchange")
    assert made.exchanges == 5


def test_nothing_wanted_is_an_empty_capture(tmp_path):
    made = converted(DEMO, tmp_path / "x.pcapng", wants=lambda event: False)
    assert (made.frames, made.connections) == (0, 0)
    assert whole_frames(tmp_path / "x.pcapng") == []


def test_several_captures_become_one_by_time(tmp_path):
    with open_capture(DEMO, ROOT / "captures" / "types-all.pcap") as capture:
        convert(capture, str(tmp_path / "x.pcapng"))
    with open_capture(tmp_path / "x.pcapng") as capture:
        times = [step.time_ns for step in capture.steps() if isinstance(step, Sent)]
        assert capture.summary.connections == 2
    assert times == sorted(times)


def test_what_is_no_capture_leaves_no_file(tmp_path):
    with open_capture(io.BytesIO(b"no capture at all")) as capture, pytest.raises(CaptureError):
        convert(capture, str(tmp_path / "x.pcapng"))
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------ encode


def test_lines_that_are_wrong_are_all_named_and_nothing_is_written(tmp_path):
    lines = tmp_path / "edited.jsonl"
    lines.write_text(
        '{"procedure":"A","params":[["BIGINT","x"]]}\n{"procedure":"A","params":[]}\n{"kind":"song"}\n'
    )
    with pytest.raises(LinesError) as caught:
        encode(str(lines), str(tmp_path / "x.pcapng"))
    assert str(caught.value).splitlines() == [
        f"{lines}: line 1: params[0]: BIGINT: expected a whole number, got 'x'",
        f"{lines}: line 3: kind: expected one of capture, exchange, fragment, login, push, damage, summary, got 'song'",
    ]
    assert not (tmp_path / "x.pcapng").exists()


def test_of_many_wrong_lines_the_first_are_named(tmp_path):
    (tmp_path / "x.jsonl").write_text("{}\n" * 30)
    with pytest.raises(LinesError) as caught:
        encode(str(tmp_path / "x.jsonl"), "x.hex")
    assert str(caught.value).splitlines()[-1].endswith("and 10 more lines")
    assert len(caught.value.lines) == 30


def test_what_is_not_json_lines_is_told(tmp_path):
    with pytest.raises(UsageError) as caught:
        encode(str(DEMO), str(tmp_path / "x.hex"))
    assert str(caught.value) == f"{DEMO} holds no JSON lines: it is what `convert` reads"


def test_an_edited_line_changes_its_frame_and_no_other(tmp_path):
    lines, target = tmp_path / "x.jsonl", tmp_path / "x.pcapng"
    converted(DEMO, lines)
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    edited = next(line for line in found if line["kind"] == "exchange" and line["params"])
    edited["params"][0][1] = 4242
    lines.write_text("".join(line_text(line) + "\n" for line in found))
    encode(str(lines), str(target))
    ((*before,),), ((*after,),) = whole_frames(DEMO), whole_frames(target)
    with open_capture(DEMO) as capture:
        login = next(event for event in capture.events() if event.kind == "login")
    changed = [a for a, b in zip(after, before, strict=True) if a != b and b[1] != login.request_frame.body]
    assert [direction for direction, _ in changed] == ["client"]
    with open_capture(target) as capture:
        call = next(exchange for exchange in capture if exchange.number == edited["number"])
        assert call.invocation.parameters[0].value == 4242


def test_lines_of_hashes_are_encoded_with_them(tmp_path):
    with open_capture(io.BytesIO(dump_file())) as capture:
        lines = [line_text(event_line(event, keep_login_hashes=True)) for event in capture.events()]
    encode(io.BytesIO("\n".join(lines).encode()), str(tmp_path / "x.dump"))
    assert (tmp_path / "x.dump").read_bytes() == dump_file()


@given(st.sets(st.integers(0, 5_000)), st.integers(0, 5_000))
def test_a_set_of_numbers_holds_what_was_put_in(numbers, other):
    found = NumberSet()
    for number in numbers:
        found.add(number)
    assert (other in found) is (other in numbers)
    assert all(number in found for number in numbers)
