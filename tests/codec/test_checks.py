"""What is checked without making values is what parsing finds."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fast_ways import check_quick_check, is_read
from tests.formats.message_samples import MESSAGE_SAMPLES
from tests.strategies import invocations, responses
from volttools.codec import build, parse, quick_check
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, NULL, STRING, VOLTTABLE

KINDS = [Invocation, Response]
MANY = Table.of([("A", BIGINT), ("B", STRING)], [(i, "x" * (i % 70)) for i in range(80)])
FIXED = Table.of([("A", BIGINT)], [(i,) for i in range(80)])


@given(message=st.one_of(invocations(), responses()))
@example(Response(tables=[MANY, FIXED, Table.of([("A", BIGINT)])]))
@example(Invocation(procedure="P", parameters=[Parameter.of(VOLTTABLE, MANY), Parameter.of(NULL, None)]))
def test_what_was_built_can_be_read(message):
    kind, body = type(message), build(message)
    if is_read(kind, body) and "Opaque" not in repr(message):
        assert quick_check(kind, body)


@pytest.mark.parametrize("sample", MESSAGE_SAMPLES, ids=str)
def test_messages_of_every_kind_can_be_checked(sample):
    assert quick_check(sample.kind, sample.data) or "Opaque" in repr(parse(sample.kind, sample.data))


@given(
    data=st.one_of(
        st.sampled_from([sample.data for sample in MESSAGE_SAMPLES if len(sample.data) < 500]),
        st.one_of(invocations(), responses()).map(build),
        st.sampled_from([build(Response(tables=[MANY])), build(Response(tables=[FIXED, FIXED]))]),
        st.binary(max_size=60),
    ),
    cut=st.one_of(st.just(0), st.integers(0, 40)),
    changes=st.lists(
        st.tuples(st.integers(0, 2000), st.one_of(st.integers(0, 3), st.integers(0, 255))), max_size=3
    ),
)
def test_what_is_changed_is_readable_only_where_parsing_reads_it(data, cut, changes):
    changed = bytearray(data[: len(data) - cut])
    for at, value in changes:
        if changed:
            changed[at % len(changed)] = value
    body = bytes(changed)
    for kind in KINDS:
        check_quick_check(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_of_recorded_messages_no_other_is_left_to_parsing(kind):
    for sample in MESSAGE_SAMPLES:
        expected = is_read(kind, sample.data)
        if quick_check(kind, sample.data) != expected:
            assert expected
            assert "payload=Opaque" in repr(parse(kind, sample.data))


def test_text_that_is_no_utf8_can_be_read():
    table = Table.of([("A", STRING)], [("\udcff",)])
    assert quick_check(Response, build(Response(status_string="\udcfe", tables=[table])))
    body = build(Invocation(procedure="\udcff", parameters=[Parameter.of(STRING, "\udcfe")]))
    assert quick_check(Invocation, body)


def test_parameters_that_cannot_be_read_are_not_readable():
    body = build(Invocation(procedure="P", parameters=[Parameter.of(BIGINT, 1)]))
    assert quick_check(Invocation, body)
    assert not quick_check(Invocation, body + b"x")
    assert not quick_check(Invocation, body[:-1])
