from __future__ import annotations

import pytest

from volttools.codec import build, parse
from volttools.formats.invocation import EXTENSIONS, Extension, Invocation, InvocationHead, timeout_flag
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT


@pytest.mark.parametrize("code", range(32))
def test_the_length_of_an_extension_is_a_power_of_two(code: int) -> None:
    length = 2 ** (code - 1) if code else 0
    if length <= 4096:
        data = bytes([99, code]) + bytes(length)
        assert parse(Extension, data) == Extension(type=99, payload=bytes(length))
        assert build(Extension(type=99, payload=bytes(length))) == data


@pytest.mark.parametrize("kind", EXTENSIONS, ids=lambda kind: kind.name)
def test_a_known_extension_of_a_wrong_length_is_kept(kind: object) -> None:
    for code in range(6):
        length = 2 ** (code - 1) if code else 0
        data = bytes([kind.code, code]) + bytes(range(1, length + 1))  # type: ignore[attr-defined]
        extension = parse(Extension, data)
        assert build(extension) == data
        is_right = length == kind.payload.sizeof()  # type: ignore[attr-defined]
        assert isinstance(extension.payload, Opaque) is not is_right


def test_names_of_extensions() -> None:
    names = [Extension(type=code).name for code in range(8)]
    assert names[0] == "extension_0"
    assert names[1:7] == [kind.name for kind in EXTENSIONS]
    assert names[7] == "extension_7"


def test_an_invocation_says_whether_its_parameters_could_be_read() -> None:
    whole = build(Invocation(procedure="P", parameters=[Parameter.of(BIGINT, 1)]))
    assert parse(Invocation, whole).is_readable
    assert not parse(Invocation, whole[:-1]).is_readable
    assert not parse(Invocation, whole + b"\0").is_readable


def test_a_call_glued_behind_a_half_written_one_is_kept() -> None:
    """A call of the official client that fails while it is written leaves its bytes before the next."""
    half = build(Invocation(procedure="A", parameters=[Parameter.of(BIGINT, 1)]))[:-4]
    glued = half + build(Invocation(procedure="B"))
    invocation = parse(Invocation, glued)
    assert invocation.procedure == "A"
    assert isinstance(invocation.parameters, Opaque)
    assert build(invocation) == glued


def test_the_head_is_what_the_whole_begins_with() -> None:
    for version in (0, 1, 2):
        invocation = Invocation(
            version=version,
            procedure="P",
            client_handle=-5,
            batch_timeout_flag=1 if version == 1 else None,
            batch_timeout_ms=9 if version == 1 else None,
            extensions=[] if version == 2 else None,
        )
        head = parse(InvocationHead, build(invocation))
        assert (head.version, head.procedure, head.client_handle) == (version, "P", -5)
        assert head.batch_timeout_ms == invocation.batch_timeout_ms
        assert build(head) == build(invocation)


def test_version_1_says_whether_a_time_out_follows() -> None:
    assert (timeout_flag(None), timeout_flag(0), timeout_flag(5)) == (-1, 1, 1)
