"""JSON lines are a capture like any other."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.requirements import ROOT
from volttools.capture import jsonlines_file
from volttools.capture.jsonlines_file import JsonLinesFile, looks_like_json_lines
from volttools.capture.reader import open as open_capture
from volttools.errors import CaptureError
from volttools.jsonlines.lines import event_line, line_text
from volttools.protocol.events import Damage
from volttools.protocol.traffic import Opened, Sent

CAPTURES = sorted(path for path in (ROOT / "captures").iterdir() if path.name != "README.md")


def lines_of(path):
    with open_capture(path) as capture:
        return [line_text(event_line(event, keep_login_hashes=True)) for event in capture.events()]


def sent(capture):
    """Every frame with all that is known of it, by number."""
    found = [step for step in capture.steps() if isinstance(step, Sent)]
    found = [(step, step.frame) for step in found]
    facts = [
        [
            *(s.connection.number, s.connection.client, s.is_login, s.procedure),
            *(f.number, f.direction, f.body, f.missing, f.seen_at_ns, f.after_gap, f.closed_by),
        ]
        for s, f in found
    ]
    return sorted(facts, key=lambda frame: frame[4])


def file_of(lines):
    return io.BytesIO("\n".join(lines).encode())


def assert_comes_back(path):
    lines = lines_of(path)
    with open_capture(file_of(lines)) as capture:
        assert [line_text(event_line(e, keep_login_hashes=True)) for e in capture.events()] == lines
    with open_capture(file_of(lines)) as capture, open_capture(path) as original:
        assert sent(capture) == sent(original)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_a_capture_comes_back_from_its_lines(path):
    assert_comes_back(path)


def test_every_recording_comes_back_from_its_lines(shared_captures):
    for path in sorted(shared_captures.iterdir()):
        if path.suffix in (".pcap", ".pcapng", ".dump"):
            assert_comes_back(path)


def test_lines_without_numbers_are_sent_in_their_order():
    lines = ['{"kind":"login","user":"ann","response":{}}', '{"procedure":"A","params":[],"response":{}}']
    with open_capture(file_of([*lines, '{"procedure":"B","params":[]}'])) as capture:
        steps = list(capture.steps())
    frames = [(s.frame.number, s.frame.direction.value, s.procedure) for s in steps if isinstance(s, Sent)]
    assert frames == [
        (1, "client", None),
        (2, "server", None),
        (3, "client", None),
        (4, "server", "A"),
        (5, "client", None),
    ]
    assert [step.is_whole for step in steps if isinstance(step, Opened)] == [True]


def test_several_files_count_on():
    lines = lines_of(ROOT / "captures" / "late-response.dump")
    with open_capture(file_of(lines), file_of(lines)) as capture:
        numbers = [exchange.number for exchange in capture]
        connections = {event.connection.number for event in capture_events(lines)}
    assert numbers == list(range(1, len(numbers) + 1))
    assert connections == {1, 2}


def capture_events(lines):
    with open_capture(file_of(lines), file_of(lines)) as capture:
        return [event for event in capture.events() if event.connection is not None]


def nested_tables(depth):
    table = '{"columns":[],"rows":[]}'
    for _ in range(depth):
        table = '{"columns":[["t","VOLTTABLE"]],"rows":[[' + table + "]]}"
    return '{"procedure":"A","params":[["VOLTTABLE",' + table + "]]}"


# fmt: off
BAD = [
    ("{",                     "line 2 can't be read: no JSON: expecting property name enclosed in double quotes at column 2"),
    ('{"a": NaN}',            "line 2 can't be read: no JSON: NaN; write it as text, such as \"nan\""),
    ("[]",                    "line 2 can't be read: expected an object, got []"),
    ("x" * 9,                 "line 2 can't be read: no JSON: expecting value at column 1"),
    ('{"a": 1, "a": 2}',      "line 2 can't be read: no JSON: an object has two members called 'a'"),
    (nested_tables(250),      "line 2 can't be read: tables in tables in tables, too deep to be built"),
    ('{"client": "1.2.3.4:5", "connection": 1, "procedure": "A"}',
     "line 2 can't be read: client: expected '127.0.0.1:7', as in a line of this connection before, got '1.2.3.4:5'"),
    ("[" * 100_000,           "line 2 can't be read: no JSON that can be read: "),
    ('{"number": ' + "9" * 5_000 + "}", "line 2 can't be read: no JSON that can be read: "),
]
# fmt: on


@pytest.mark.parametrize(("line", "message"), BAD)
def test_a_line_that_cannot_be_read_is_damage_and_the_next_is_read(line, message):
    good = '{"procedure":"A","params":[],"connection":1,"client":"127.0.0.1:7"}'
    with open_capture(file_of([good, line, good])) as capture:
        first, damage, second = capture.events()
    assert first.procedure == second.procedure == "A"
    assert isinstance(damage, Damage)
    assert damage.message.startswith(message)
    assert (damage.offset, damage.length) == (len(good) + 1, len(line))


def test_bytes_that_are_no_text_are_damage():
    with open_capture(io.BytesIO(b'{"procedure":"\xff\xfe","params":[]}')) as capture:
        (damage,) = capture.events()
    assert damage.message == "line 1 can't be read: no UTF-8 at byte 14"


def test_who_wants_every_line_is_told_of_the_bad_ones():
    errors = []
    found = JsonLinesFile(file_of(["{}", '{"procedure": 5}']), on_error=lambda *error: errors.append(error))
    assert list(found) == []
    assert [(number, error.path) for number, error in errors] == [(1, None), (2, "procedure")]


def test_empty_lines_and_a_byte_order_mark_mean_nothing():
    data = b'\xef\xbb\xbf\n\n{"procedure":"A","params":[]}\r\n\n'
    with open_capture(io.BytesIO(data)) as capture:
        assert [exchange.procedure for exchange in capture] == ["A"]


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(jsonlines_file, "MAX_LINE_BYTES", 1_000)
    with (
        open_capture(io.BytesIO(b'{"x": "' + b"a" * 3_000_000)) as capture,
        pytest.raises(CaptureError) as caught,
    ):
        list(capture.events())
    assert "a line of more than 1,000 bytes: these are no JSON lines" in str(caught.value)


@pytest.mark.parametrize(("first", "is_it"), [(b"{}", True), (b" \n{", True), (b"[]", False), (b"", False)])
def test_json_lines_are_known_by_their_beginning(first, is_it):
    assert looks_like_json_lines(first) is is_it


@given(st.data())
def test_no_change_of_a_line_does_harm(data):
    """Any part of a line may be anything."""
    line = json.loads(lines_of(ROOT / "captures" / "dump-normal.dump")[data.draw(st.integers(0, 9))])
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )
    place = line
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(anything)
        break
    with open_capture(io.BytesIO(json.dumps(line).encode())) as capture:
        for event in capture.events():
            event_line(event)


def test_files_that_were_put_together_count_on_from_capture_line_to_capture_line():
    lines = ['{"kind":"capture","schema":1}', *lines_of(ROOT / "captures" / "dump-normal.dump")]
    with open_capture(file_of(lines)) as once, open_capture(file_of(lines * 2)) as twice:
        first, both = sent(once), sent(twice)
    assert len(both) == 2 * len(first)
    assert [facts[4] for facts in both] == list(range(1, len(both) + 1))
    assert {facts[0] for facts in both} == {1, 2}
    assert [facts[5:] for facts in both] == [facts[5:] for facts in first] * 2


def test_frames_that_have_the_same_number_by_mistake_are_all_sent():
    lines = [
        '{"kind":"login","user":"a","request_frame":1}',
        '{"procedure":"A","params":[],"request_frame":1}',
    ]
    with open_capture(file_of(lines)) as capture:
        assert [step.is_login for step in capture.steps() if isinstance(step, Sent)] == [True, False]


def test_a_line_that_begins_with_a_blank_goes_on_with_the_one_before():
    text = b'{"procedure":"A",\n "params":[],\n\t"connection":1\n }\n{"procedure":"B","params":[]}\n'
    first, second = JsonLinesFile(io.BytesIO(text))
    assert (first.procedure, second.procedure) == ("A", "B")
    assert second.request_frame.offset == text.index(b'{"procedure":"B"')


def test_an_object_that_is_whole_does_not_go_on():
    text = b'{"procedure":"A","params":[]}\n {"procedure":"B","params":[]}\n'
    assert [event.procedure for event in JsonLinesFile(io.BytesIO(text))] == ["A", "B"]


def test_a_mistake_in_an_object_of_several_lines_has_its_own_line():
    text = b'{"procedure":"A","params":[]}\n{"procedure":"B",\n "params":\n x}\n{"procedure": 5}\n'
    errors = []
    found = list(
        JsonLinesFile(io.BytesIO(text), on_error=lambda line, error: errors.append((line, str(error))))
    )
    assert len(found) == 1
    assert [line for line, _ in errors] == [4, 5]
    assert errors[0][1].startswith("no JSON: expecting value at column 2")


@pytest.mark.parametrize("size", [1, 7, 64])
def test_lines_that_go_on_are_found_however_little_is_read_at_once(size, monkeypatch):
    class Slow(io.RawIOBase):
        def __init__(self, data):
            self.data = data

        def read(self, count=-1):
            piece, self.data = self.data[:size], self.data[size:]
            return piece

    text = b'{"procedure":"A",\n "params":[]}\n' * 3
    assert [event.procedure for event in JsonLinesFile(Slow(text))] == ["A"] * 3
