"""Fields are those of the declarations; secrets and the like are not among them."""

import pytest

from tests.samples import PASSWORD_HASH, events, exchange
from volttools.codec import build
from volttools.filters.fields import FIELDS, NOT_ASKED, OTHER_NAMES
from volttools.filters.filter import Filter
from volttools.filters.shapes import Group, Kind, Many, Scalar, words_of
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import EXTENSIONS, Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import STATUS_NAMES, Response
from volttools.formats.types import STRING
from volttools.protocol.events import Damage, Direction, Exchange, Frame, Push


def inner(name):
    return FIELDS[name].shape.fields


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (Invocation, FIELDS),
        (Response, FIELDS),
        (LoginRequest, inner("login")),
        (LoginResponse, inner("login")),
        (ServerException, inner("exception")),
    ],
)
def test_every_declared_field_can_be_asked_or_has_a_reason(record, fields):
    left_out = NOT_ASKED.get(record, {})
    for declared in record.declaration.valued_fields():
        if declared.secret:
            continue
        if declared.attribute in left_out:
            instead = left_out[declared.attribute].split(":")[0]
            assert instead == "nothing" or instead.split(".")[0] in FIELDS
        else:
            assert fields[declared.attribute.removesuffix("_ms")].doc == declared.doc


def test_every_extension_can_be_asked():
    assert [kind.name for kind in EXTENSIONS] == list(inner("extensions"))[: len(EXTENSIONS)]
    kinds = {name: field.shape.kind for name, field in inner("extensions").items() if name != "types"}
    assert kinds == {
        "batch_timeout": Kind.DURATION,
        "all_partition": Kind.TRUTH,
        "partition_destination": Kind.NUMBER,
        "batch_call": Kind.TRUTH,
        "request_priority": Kind.NUMBER,
        "request_timeout": Kind.DURATION,
    }


def test_the_names_of_a_status_are_the_declared_ones():
    assert {number: name for name, number in FIELDS["status"].shape.names.items()} == STATUS_NAMES


def test_every_field_is_documented_and_of_some_event():
    for field in FIELDS.values():
        assert field.doc
        assert field.events
        assert words_of(field.shape)


def all_shapes(fields, prefix=""):
    for field in fields.values():
        shape = field.shape
        yield prefix + field.name, shape
        while isinstance(shape, Many):
            shape = shape.element
        if isinstance(shape, Group):
            yield from all_shapes(shape.fields, f"{prefix}{field.name}.")


def test_no_field_holds_a_hash_or_a_token():
    for name, shape in all_shapes(FIELDS):
        assert "password" not in name
        assert "token" not in name
        is_bytes = isinstance(shape, Scalar) and shape.kind is Kind.BYTES
        assert not is_bytes or name.startswith("exception.")


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_read_of_every_event(name):
    for event in [*events(), Damage(what="gap", message="")]:
        value = FIELDS[name].read(event)
        if event.kind not in FIELDS[name].events and name not in ("texts", "values"):
            assert value is None


def call(*extensions, version=2, **fields):
    """An exchange with an invocation of these extensions, and no response."""
    invocation = Invocation(procedure="P", version=version, **fields)
    if version == 2:
        invocation.extensions = list(extensions)
    return exchange(invocation, None, at_us=1, latency_us=1)


@pytest.mark.parametrize(
    ("event", "expression", "holds"),
    [
        (call(Extension(type=1, payload=250)), "extensions.batch_timeout == 250ms", True),
        (call(Extension(type=6, payload=250)), "extensions.request_timeout == 250us", True),
        (call(Extension(type=5, payload=4)), "extensions.request_priority == 4", True),
        (call(Extension(type=2)), "extensions.all_partition", True),
        (call(Extension(type=5, payload=4)), "extensions.all_partition", False),
        (call(Extension(type=5, payload=4)), "extensions.types[*] == 5", True),
        (call(Extension(type=5, payload=Opaque(b"ab"))), "exists extensions.request_priority", False),
        (call(Extension(type=5, payload=Opaque(b"ab"))), "extensions.types.count == 1", True),
        (
            call(version=1, batch_timeout_flag=1, batch_timeout_ms=7),
            "extensions.batch_timeout == 7ms",
            True,
        ),
        (call(version=1, batch_timeout_flag=-1), "exists extensions.batch_timeout", False),
        (call(version=0), "exists extensions", False),
        (call(version=1, batch_timeout_flag=-1), "exists extensions", True),
        (call(version=0), "exists extensions.types", False),
    ],
)
def test_extensions_are_read_with_their_units(event, expression, holds):
    assert Filter(expression).matches(event) is holds


def test_a_field_of_the_response_is_read_of_pushes_too():
    push = next(event for event in events() if event.kind == "push")
    assert Filter("status == SUCCESS and client_handle > 0 and exists push.name").matches(push)
    assert Filter("response_bytes == bytes and not exists request_bytes").matches(push)


def test_a_response_that_can_not_be_read_is_malformed():
    body = b"\x00" * 3
    frame = Frame(direction=Direction.SERVER, body=body, length=3, offset=0)
    connection = events()[0].connection
    for event in (
        Push(connection=connection, frame=frame, client_handle=5),
        Exchange(connection=connection, response_frame=frame),
    ):
        assert Filter("malformed and error and not partial").matches(event)
        assert not Filter("exists row_count or exists tables").matches(event)


def test_parameters_that_hold_a_log_in_can_not_be_asked_for():
    """As the official client glues calls: the hash would be read bit by bit with < and >."""
    login = build(LoginRequest(user="op", password_hash=PASSWORD_HASH))
    hidden = exchange(
        Invocation(procedure="database", parameters=[Parameter.of(STRING, "x")]),
        None,
        at_us=1,
        latency_us=1,
    )
    assert Filter("exists params[0] and values[*] == 'x' and texts[*] == 'x'").matches(hidden)
    hidden._invocation = hidden.read_invocation()
    hidden.request_frame.body = login
    for expression in (
        "params.count > 0",
        "exists values[*]",
        "exists params",
        'texts[*] == "x"',
        "exists sql",
    ):
        assert not Filter(expression).matches(hidden), expression


def test_other_names_lead_to_fields_and_hide_none():
    assert set(OTHER_NAMES.values()) <= set(FIELDS)
    assert not set(OTHER_NAMES) & set(FIELDS)
