"""Whole captures after redaction: every frame still reads, has its shape, and holds no text of a user."""

from pathlib import Path

import pytest

from tests.redaction.messages_of import redactor, shape
from tests.requirements import ROOT, SHARED_CAPTURES
from volttools.capture.reader import open as open_capture
from volttools.codec import parse
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.protocol.events import Direction, Exchange
from volttools.protocol.procedures import takes_sql
from volttools.protocol.shapes import is_login_request, is_login_response

OWN = sorted(path for path in (ROOT / "captures").iterdir() if path.name != "README.md")
SHARED = sorted(
    path for path in (SHARED_CAPTURES / "server").glob("*") if path.suffix in (".pcap", ".pcapng", ".dump")
)
MOST_TEXTS = 500  # that are searched for in one capture
SERVERS_OWN = "Attempted violation of constraint"  # one test sends such a word
LONGEST_KEPT = 4  # characters that may be there by chance


def texts_of(value):
    """The texts in values, parameters and tables."""
    if isinstance(value, str):
        return {value} if len(value) > LONGEST_KEPT else set()
    if isinstance(value, Table):
        return texts_of([cell for row in value.rows for cell in row])
    if isinstance(value, (list, tuple)):
        return set().union(*map(texts_of, value))
    return set()


def user_texts(event):
    """What a user said or was told, in calls of user procedures."""
    if event.kind != "exchange" or event.procedure is None or event.procedure.startswith("@"):
        return set()
    found = set()
    if event.invocation is not None and not isinstance(event.invocation.parameters, Opaque):
        found |= texts_of([parameter.value for parameter in event.invocation.parameters])
    if event.response is not None:
        found |= texts_of(event.response.tables)
    return found


def names_of(event):
    """The names of procedures and columns, which stay."""
    if event.kind != "exchange":
        return set()
    tables = event.response.tables if event.response else []
    return {event.procedure, *(column.name for table in tables for column in table.columns)}


def check_whole(frame, body, procedure):
    """A whole frame that could be read can be read, and has the same shape."""
    if frame.direction is Direction.CLIENT:
        if is_login_request(frame.body):
            old, new = parse(LoginRequest, frame.body), parse(LoginRequest, body)
            assert new == old.replace(user=new.user, password_hash=bytes(len(old.password_hash)))
            return
        old, new = parse(Invocation, frame.body), parse(Invocation, body)
        assert new.procedure == old.procedure
    elif procedure is None and is_login_response(frame.body):
        old, new = parse(LoginResponse, frame.body), parse(LoginResponse, body)
        assert new == old.replace(leader_address=new.leader_address)
        return
    else:
        old, new = parse(Response, frame.body), parse(Response, body)
        assert [table.header for table in new.tables] == [table.header for table in old.tables]
    assert shape(new) == shape(old)


def check(path: Path):
    known = redactor()
    output, texts, names, frames = [], set(), set(), 0
    with open_capture(path) as capture:
        for event in capture.events():
            texts |= user_texts(event)
            procedure = getattr(event, "procedure", None)
            names |= names_of(event)
            for frame, body in known.bodies(event):
                frames += 1
                if frame.is_whole and event.kind != "damage":
                    readable = not isinstance(event, Exchange) or event.is_readable
                    if readable:
                        check_whole(frame, body, procedure)
                    else:
                        assert len(body) == len(frame.body)
                if procedure is None or not procedure.startswith("@") or takes_sql(procedure):
                    output.append(body)
    data = b"\0".join(output)
    kept = "\n".join(filter(None, names)) + SERVERS_OWN
    searched = sorted(text for text in texts if text not in kept)[:MOST_TEXTS]
    found = [text for text in searched if text.encode("utf-8", "surrogateescape") in data]
    assert not found
    assert sum(known.report.messages.values()) == frames


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_capture_of_the_project_goes_through(path):
    check(path)


@pytest.mark.shared
@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_a_shared_capture_goes_through(path):
    check(path)
