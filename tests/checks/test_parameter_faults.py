import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import call
from volttools.checks.parameter_faults import Mistake, fault_of
from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.parameters import PARAMETER_SET


@pytest.mark.parametrize(
    ("data", "mistake", "path"),
    [
        ("0001 9d06", Mistake.ARRAY_WITHOUT_COUNT, "parameters[0].value.count"),
        ("0002 9d06 05 0000002a", Mistake.ARRAY_WITHOUT_COUNT, "parameters[0].value"),
        ("0002 05 0000002a 9d03", Mistake.ARRAY_WITHOUT_COUNT, "parameters[1].value.count"),
        ("0001 9d 0001 09 00000001 61", Mistake.ARRAY_WITHOUT_TYPE, "parameters[0].value"),
        ("0002 03 01 9d 0001 06 0000000000000001", Mistake.ARRAY_WITHOUT_TYPE, "parameters[1].value"),
        ("0001 03 05 ff", Mistake.BYTES_BEHIND, "parameters"),
        ("0001 63", Mistake.OTHER, "parameters[0].value"),
        ("", Mistake.OTHER, "parameters.count"),
        ("0001 09 00000005 61", Mistake.OTHER, "parameters[0].value"),
        ("ffff", Mistake.OTHER, "parameters"),
    ],
)
def test_known_mistakes_are_recognised(data, mistake, path):
    found = fault_of(bytes.fromhex(data.replace(" ", "")))
    assert (found.mistake, found.path) == (mistake, path)


def test_a_glued_call_is_told_with_its_place_and_name():
    found = fault_of(bytes.fromhex("0002 06 00000000".replace(" ", "")) + call("@Ping"))
    assert found.mistake is Mistake.GLUED_CALL
    assert found.message.endswith(
        "; a second call, @Ping, stands from byte 7 on: the first was never finished"
    )


@given(st.binary(max_size=80))
def test_any_bytes_that_are_no_set_have_a_fault(data):
    try:
        parse(PARAMETER_SET, data)
    except DecodeError:
        found = fault_of(data)
        assert found.message
        assert found.path.startswith("parameters")


def test_a_long_set_takes_no_long_time():
    data = bytes.fromhex("7fff") + b"\x9d\x06" * 500_000
    assert fault_of(data).mistake is Mistake.OTHER
