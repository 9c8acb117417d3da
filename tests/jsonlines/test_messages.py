import json

import pytest

from tests.samples import PASSWORD_HASH, call, events, exchange
from volttools.capture.reader import open as open_capture
from volttools.codec import build
from volttools.errors import UsageError
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.response import Response
from volttools.jsonlines.lines import event_line, line_text
from volttools.jsonlines.messages import frames_from_json, messages_from_json
from volttools.protocol.events import Damage, Direction


def there_and_back(event, **settings):
    return frames_from_json(json.loads(line_text(event_line(event, **settings))))


@pytest.mark.parametrize("index", range(7))
def test_a_line_builds_the_frames_it_was_made_of(index):
    event = events()[index]
    found = there_and_back(event, keep_login_hashes=True)
    assert [data for _, data in found] == [frame.with_prefix() for frame in event.frames]
    assert [direction for direction, _ in found] == [frame.direction for frame in event.frames]


def test_without_its_hash_a_login_builds_with_zeros():
    login = events()[0]
    (_, request), _ = there_and_back(login)
    assert request == login.request_frame.with_prefix().replace(PASSWORD_HASH, bytes(32))


def test_an_edited_value_is_built():
    line = event_line(events()[1])
    line["params"][0] = ["BIGINT", 99]
    line["procedure"] = "ORDERS.upsert"
    message = messages_from_json(line)[0]
    assert isinstance(message, Invocation)
    assert (message.procedure, message.parameters[0].value) == ("ORDERS.upsert", 99)
    build(message)


def test_a_frame_that_cannot_be_parsed_comes_as_it_is():
    event = exchange(call("A", 1), Response())
    event.request_frame.body = b"\x00\x00"
    message = messages_from_json(event_line(event))[0]
    assert message == RawFrame(body=b"\x00\x00")
    assert there_and_back(event)[0] == (Direction.CLIENT, b"\x00\x00\x00\x02\x00\x00")


def test_lines_without_messages_give_none():
    assert messages_from_json(event_line(Damage(what="gap", message=""))) == []
    assert messages_from_json({"kind": "capture"}) == messages_from_json({"kind": "summary"}) == []


@pytest.mark.parametrize(
    "line", [{}, {"kind": "song"}, {"kind": "exchange"}, {"kind": "push", "response": {}}]
)
def test_what_is_no_line_of_the_schema_is_refused(line):
    with pytest.raises(UsageError, match="not a line of schema version 1"):
        messages_from_json(line)


def test_every_recorded_frame_survives_json(shared_captures):
    for path in sorted(shared_captures.iterdir()):
        if path.suffix not in (".pcap", ".pcapng", ".dump"):
            continue
        for event in open_capture(path).events():
            if isinstance(event, Damage):
                continue
            whole = [frame.with_prefix() for frame in event.frames if frame.is_whole]
            found = there_and_back(event, keep_login_hashes=True)
            assert [data for _, data in found] == whole, path.name
