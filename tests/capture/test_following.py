"""Captures that grow, are rotated, emptied, replaced, or come through pipes."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import volttools
from tests.capture.files import NOW, enhanced, interface, pcap_head, section
from tests.capture.growth import Script, append, delete, rename, text_of, together, write
from tests.capture.traffic import Traffic, calls, dump_of, pcap_of
from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, answer, call
from volttools.capture.following import Following
from volttools.errors import CaptureError

SESSION = calls(Traffic().logs_in(0), *((n, name) for n, name in enumerate("ABCDEF", 1)))
OTHER = calls(Traffic(client_port=2222).logs_in(0.25), (1.25, "X"), (2.25, "Y"))
HEAD = pcap_head()
EVENTS = ["login", *(f"{name} 1" for name in "ABCDEF")]


def records(*traffic):
    """The packets of a pcap file, without its header."""
    return [
        pcap_of(one)[len(HEAD) :]
        for one in (part(packet) for packet in sorted(p for t in traffic for p in t.packets))
    ]


def part(packet):
    traffic = Traffic()
    traffic.packets = [packet]
    return traffic


RECORDS = records(SESSION)


def followed(*paths, steps):
    script = Script(*steps)
    return [text_of(event) for event in script.follow(*paths)], script


def test_an_event_comes_with_the_packet_that_completes_it(tmp_path):
    path = tmp_path / "x.pcap"
    script = Script()
    script.steps = [
        write(path, HEAD + b"".join(RECORDS[:3])),
        script.expects(),
        append(path, RECORDS[3]),
        script.expects("login"),
    ]
    for name, request, response in zip("ABC", RECORDS[4::2], RECORDS[5::2], strict=False):
        script.steps += [
            append(path, request),
            script.expects(),
            append(path, response),
            script.expects(f"{name} 1"),
        ]
    script.follow(path)
    assert script.steps == []
    assert script.missing == [f"{path}: not there yet; waiting for it"]


def test_half_a_packet_is_waited_for_and_is_no_damage_in_the_end(tmp_path):
    path = tmp_path / "x.pcap"
    data = pcap_of(SESSION)
    steps = [append(path, data[i : i + 7]) for i in range(0, len(data) - 1, 7)]
    assert followed(path, steps=steps)[0] == EVENTS
    path.unlink()
    assert followed(path, steps=[write(path, data[:-30])])[0] == [*EVENTS[:-1], "F None"]


def test_what_is_there_already_is_read_first(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(SESSION))
    events, script = followed(path, steps=[])
    assert events == EVENTS
    assert script.missing == []
    assert script.capture.summary.bytes == path.stat().st_size


def test_calls_in_flight_are_told_when_it_is_stopped(tmp_path):
    path = tmp_path / "x.pcap"
    assert followed(path, steps=[write(path, HEAD + b"".join(RECORDS[:7]))])[0] == ["login", "A 1", "B None"]


def test_a_packet_whose_time_is_odd_comes_at_once(tmp_path):
    path = tmp_path / "x.pcap"
    later = Traffic()
    later.next = SESSION.next
    later.packets = [
        (seconds + 10**8, packet) for seconds, packet in SESSION.packets[4:]
    ]  # the clock was set
    first, second, *_ = records(later)
    packets = []
    script = Script()
    script.steps = [
        write(path, HEAD + b"".join(RECORDS[:4])),
        script.expects("login"),
        append(path, first + second[:20]),
        lambda: packets.append(script.capture.summary.packets),
        append(path, second[20:]),
        script.expects("A 1"),
    ]
    script.follow(path)
    assert (script.steps, packets) == ([], [5])


# ---------------------------------------------------------------------------- rotation

FIRST, SECOND, THIRD = (
    HEAD + b"".join(RECORDS[:5]),
    HEAD + b"".join(RECORDS[5:9]),
    HEAD + b"".join(RECORDS[9:]),
)


def test_a_file_under_the_same_name_goes_on_where_the_old_one_ended(tmp_path):
    path, old = tmp_path / "x.pcap", tmp_path / "x.pcap.old"
    steps = [
        write(path, FIRST[:-20]),
        together(rename(path, old), append(old, FIRST[-20:]), write(path, SECOND)),
        together(delete(path), write(path, THIRD)),
    ]
    events, script = followed(path, steps=steps)
    assert events == EVENTS
    assert script.capture.summary.connections == 1


def test_an_empty_new_file_doesnt_end_the_old_one(tmp_path):
    path, old = tmp_path / "x.pcap", tmp_path / "x.pcap.1"
    steps = [
        write(path, FIRST),
        together(rename(path, old), write(path, b"")),
        append(old, SECOND[len(HEAD) :]),
        append(path, THIRD),
    ]
    assert followed(path, steps=steps)[0] == EVENTS


def test_a_file_that_ends_in_half_a_packet_is_cut_when_it_is_left(tmp_path):
    path = tmp_path / "x.pcap"
    steps = [write(path, FIRST[:-9]), together(delete(path), write(path, SECOND))]
    events, _ = followed(path, steps=steps)
    assert any(event.startswith("file cut: the file is cut off in packet 5") for event in events)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_file_that_is_written_anew_in_place_is_read_from_its_start(tmp_path, at_once):
    path = tmp_path / "x.pcap"
    emptied = [] if at_once else [write(path, b"")]
    steps = [write(path, FIRST), *emptied, write(path, SECOND + THIRD[len(HEAD) :])]
    assert followed(path, steps=steps)[0] == EVENTS


def test_a_writer_who_goes_on_behind_the_hole_of_copytruncate_is_followed(tmp_path):
    path = tmp_path / "x.pcap"

    def empty_and_go_on():
        with open(path, "r+b") as file:
            file.truncate(0)
            file.seek(len(FIRST))
            file.write(SECOND[len(HEAD) :])

    steps = [write(path, FIRST), empty_and_go_on, append(path, THIRD[len(HEAD) :])]
    assert followed(path, steps=steps)[0] == EVENTS


def test_header_byte_order_and_format_may_change_between_files(tmp_path):
    path = tmp_path / "x"
    blocks = section("big") + interface("big")
    for seconds, packet in SESSION.packets[5:]:
        blocks += enhanced(packet, int((NOW + seconds) * 10**6), order="big")
    steps = [write(path, FIRST), together(delete(path), write(path, blocks))]
    assert followed(path, steps=steps)[0] == EVENTS


def test_numbers_behind_the_name_are_gone_through_and_old_ones_are_not(tmp_path):
    path = tmp_path / "x.pcap"
    for number in (1, 2, 3):
        write(f"{path}{number}", pcap_of(OTHER), at=1000 + number)()
    steps = [
        write(path, FIRST),
        write(f"{path}1", SECOND),
        together(write(f"{path}2", THIRD), write(f"{path}.gz", b"\x1f\x8b" + bytes(100))),
    ]
    assert followed(path, steps=steps)[0] == EVENTS


def test_a_ring_is_read_in_the_order_in_which_it_was_written(tmp_path):
    ring = [tmp_path / f"x.pcap{n}" for n in range(3)]
    write(ring[2], FIRST, at=2000)()
    write(ring[0], SECOND, at=2001)()
    last = HEAD + RECORDS[-1]
    steps = [write(ring[1], THIRD[: -len(RECORDS[-1])], at=2002), write(ring[2], last, at=2003)]
    assert followed(tmp_path / "x.pcap", steps=steps)[0] == EVENTS


def test_a_pattern_is_followed_across_the_files_that_appear(tmp_path):
    names = [tmp_path / f"ring_{n:05}_20260101.pcap" for n in range(1, 4)]
    (tmp_path / "ring_notes.txt").write_text("not a capture, and longer than a frame's head would be")
    steps = [
        write(names[0], FIRST),
        together(write(names[1], SECOND), delete(names[0])),
        together(write(names[2], THIRD), write(f"{names[0]}.gz", b"\x1f\x8b" + bytes(100))),
    ]
    events, script = followed(tmp_path / "ring_*", steps=steps)
    assert events == EVENTS
    assert script.missing == [f"{tmp_path / 'ring_*'}: no capture matches yet; waiting for one"]


def test_a_file_that_grows_after_it_was_left_is_told_once(tmp_path):
    long = HEAD + b"".join(RECORDS[:12])
    assert len(long) > 1024
    one, two = tmp_path / "1.pcap", tmp_path / "2.pcap"
    steps = [
        write(one, long),
        write(two, HEAD + RECORDS[12]),
        append(one, RECORDS[12]),
        append(one, RECORDS[13]),
        append(two, RECORDS[13]),
    ]
    events, _ = followed(tmp_path / "?.pcap", steps=steps)
    told = [event for event in events if event not in EVENTS]
    assert len(told) == 1
    assert told[0].startswith("unreadable: it grew after a newer file had been begun")


@given(
    st.lists(
        st.tuples(st.sampled_from(["append", "replace", "anew", "number"]), st.integers(1, 9)), max_size=12
    ),
    st.integers(1, 200),
)
def test_any_appends_and_rotations_give_what_is_read_at_once(tmp_path_factory, cuts, piece):
    directory = tmp_path_factory.mktemp("growing")
    path = directory / "x.pcap"
    packets = records(SESSION, OTHER)
    current, number = path, 0
    steps = []
    for what, count in [*cuts, ("append", len(packets))]:
        part, packets = b"".join(packets[:count]), packets[count:]
        if what == "append" or not steps:
            if not steps:
                part = HEAD + part
            steps += [append(current, part[i : i + piece]) for i in range(0, len(part), piece)]
        elif what == "number":
            number += 1
            current = f"{path}{number}"
            steps.append(write(current, HEAD + part))
        elif what == "replace":
            steps.append(together(delete(current), write(current, HEAD + part)))
        else:
            steps += [write(current, b""), write(current, HEAD + part)]
    events, script = followed(path, steps=steps)
    whole = volttools.open(io.BytesIO(pcap_of(SESSION, OTHER)))
    assert events == [text_of(event) for event in whole.events()]
    assert script.capture.summary.connections == 2


# ---------------------------------------------------------------------------- several


def test_several_files_are_merged_by_time_and_then_as_they_come(tmp_path):
    one, two = tmp_path / "1.pcap", tmp_path / "2.pcap"
    there = records(OTHER)[:6]
    write(one, HEAD + b"".join(RECORDS[:6]))()
    write(two, HEAD + b"".join(there))()
    script = Script()
    script.steps = [
        script.expects("login", "login", "A 1", "X 1"),
        append(two, b"".join(records(OTHER)[6:])),
        script.expects("Y 1"),
        append(one, b"".join(RECORDS[6:8])),
        script.expects("B 1"),
    ]
    script.follow(one, two)
    assert script.steps == []


def test_a_slow_file_is_looked_at_now_and_then_while_another_has_packets(tmp_path):
    one, two = tmp_path / "1.pcap", tmp_path / "2.pcap"
    write(one, pcap_of(SESSION))()
    write(two, HEAD)()
    looks = []
    script = Script()
    real = os.stat

    def counting(path, *args, **kwargs):
        looks.append(path)
        return real(path, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "stat", counting)
        script.follow(one, two)
    assert looks.count(str(two)) < len(RECORDS)


# ---------------------------------------------------------------------------- time


def lost_request():
    """A call of which the request is lost, and what its file would be."""
    lost = calls(Traffic().logs_in(0), (1, "A"))
    lost.sends(2, CLIENT, call("B", 2)).sends(2, SERVER, answer(2))
    del lost.packets[-2]
    return lost


def test_what_waits_for_a_lost_segment_is_given_up_though_no_packet_comes(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(lost_request()))
    script = Script()
    script.steps = [
        script.expects("login", "A 1"),
        script.passes(4.9),
        script.expects(),
        script.passes(0.2),
        script.expects("push"),  # an answer to nothing that was seen
    ]
    script.follow(path)
    assert script.steps == []


def test_nothing_is_given_up_while_its_writer_holds_more_in_a_buffer(tmp_path):
    path = tmp_path / "x.pcap"
    data = pcap_of(lost_request())
    path.write_bytes(data + RECORDS[6][:20])
    script = Script()
    script.steps = [script.expects("login", "A 1"), script.passes(60), script.expects()]
    script.follow(path)
    assert script.steps == []


def test_it_ends_when_nothing_came_for_so_long(tmp_path):
    path = tmp_path / "x.pcap"
    script = Script()
    script.steps = [
        script.passes(2.9),
        append(path, HEAD + b"".join(RECORDS[:6])),
        script.passes(2.9),
        append(path, RECORDS[6]),
        script.passes(3),
        script.expects("never asked"),
    ]
    assert [text_of(event) for event in script.follow(path, idle_s=3)] == ["login", "A 1", "B None"]
    assert len(script.steps) == 1


def test_a_file_that_never_comes_is_an_error(tmp_path):
    path = tmp_path / "x.pcap"
    script = Script()
    script.steps = [script.passes(3)]
    with pytest.raises(CaptureError) as caught:
        script.follow(path, idle_s=3)
    assert str(caught.value) == f"{path}: nothing was there for 3 s"


# ---------------------------------------------------------------------------- dump_files


def test_a_dump_file_is_followed_across_clients_and_half_frames(tmp_path):
    path = tmp_path / "dump"
    data = dump_of(LOGIN, ACCEPTED, call("D", 1), answer(1), call("E", 1), answer(1))
    second = dump_of(LOGIN, ACCEPTED, call("F", 1))
    steps = [
        *(append(path, data[i : i + 11]) for i in range(0, len(data), 11)),
        write(path, second),
        append(path, answer(1)[:9]),
    ]
    events, script = followed(path, steps=steps)
    assert events == ["login", "D 1", "E 1", "login", "F None"]
    assert script.capture.summary.connections == 2


def test_a_bare_length_in_a_dump_file_is_told_once_enough_follows(tmp_path):
    path = tmp_path / "dump"
    lengths = (500).to_bytes(4, "big")
    data = dump_of(LOGIN, ACCEPTED, call("D", 1)) + lengths + dump_of(*[call("E", 1), answer(1)] * 20)
    steps = [append(path, data[i : i + 13]) for i in range(0, len(data), 13)]
    events, _ = followed(path, steps=steps)
    assert events == [text_of(event) for event in volttools.open(io.BytesIO(data)).events()]
    assert any(event.startswith("incomplete frame") for event in events)


# ---------------------------------------------------------------------------- what can't be


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Dear diary, " * 10, "not a capture, it begins with 'Dear diary, Dear': give"),
        (
            b"\x1f\x8b" + bytes(100),
            "compressed with gzip: only what isn't compressed can be followed; unpack",
        ),
    ],
)
def test_what_is_no_capture_is_an_error_or_damage_if_it_comes_later(tmp_path, data, message):
    path = tmp_path / "x.pcap"
    path.write_bytes(data)
    with pytest.raises(CaptureError) as caught:
        Script().follow(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    write(path, FIRST)()
    steps = [together(delete(path), write(path, data)), together(delete(path), write(path, SECOND))]
    events, _ = followed(path, steps=steps)
    damage = [event for event in events if event.startswith("unreadable")]
    assert [event.startswith(f"unreadable: {message}") for event in damage] == [True]
    assert events[-1] == "C None"


def test_a_directory_is_no_file_to_follow(tmp_path):
    with pytest.raises(
        CaptureError, match="a directory: to follow the files in it, give a pattern in quotes"
    ):
        volttools.open(tmp_path, follow=True)


# ---------------------------------------------------------------------------- pipes


BLOCKS = [enhanced(packet, int((NOW + seconds) * 10**6)) for seconds, packet in SESSION.packets]


@pytest.mark.parametrize(("head", "packets"), [(HEAD, RECORDS), (section() + interface(), BLOCKS)])
def test_a_pipe_shows_each_call_before_the_next_packet_is_written(head, packets):
    read_end, write_end = os.pipe()
    script = Script()
    pairs = [packets[i] + packets[i + 1] for i in range(4, len(packets), 2)]

    def send(data):
        return lambda: os.write(write_end, data)

    script.steps = [send(head + b"".join(packets[:4])), script.expects("login")]
    for name, pair in zip("ABCDEF", pairs, strict=True):
        script.steps += [send(pair), script.expects(f"{name} 1")]
    script.steps.append(lambda: os.close(write_end))
    with os.fdopen(read_end, "rb", buffering=0) as pipe:
        script.follow(pipe)
    assert script.steps == []


def test_a_pipe_is_read_to_its_end_when_it_is_stopped():
    read_end, write_end = os.pipe()
    script = Script()
    script.steps = [
        lambda: script.capture.stop(),  # and tcpdump as well
        together(lambda: os.write(write_end, pcap_of(SESSION)), lambda: os.close(write_end)),
    ]
    with os.fdopen(read_end, "rb", buffering=0) as pipe:
        assert [text_of(event) for event in script.follow(pipe)] == EVENTS


def test_stopped_it_ends_though_more_keeps_coming(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(SESSION))
    script = Script()
    capture = script.capture = volttools.open(path, follow=Following(clock=lambda: script.now))
    seen = []
    for event in capture.events():
        seen.append(text_of(event))
        capture.stop()
        script.now += 0.2
    assert seen == EVENTS[:4]


def test_files_are_followed_again_and_a_pipe_is_not(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(SESSION))
    capture = volttools.open(path, follow=Following(idle_s=0))
    assert [text_of(event) for event in capture.events()] == EVENTS
    assert [text_of(event) for event in capture.events()] == EVENTS
    capture = volttools.open(io.BytesIO(pcap_of(SESSION)), follow=True)
    assert [text_of(event) for event in capture.events()] == EVENTS
    with pytest.raises(CaptureError, match="a stream can be read only once"):
        list(capture.events())


def test_a_pipe_that_ends_in_half_a_packet_is_cut():
    events = volttools.open(io.BytesIO(pcap_of(SESSION)[:-20]), follow=True).events()
    assert [text_of(event)[:32] for event in events][-2:] == ["file cut: the file is cut off in", "F None"]
