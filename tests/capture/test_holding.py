"""Runs that wait: the first copy of a byte counts, soft ones give way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from volttools.capture.holding import HeldRuns, Run


def run(offset: int, data: bytes, *, arrival: int = 0, ack: int | None = None, soft=False) -> Run:
    return Run(offset, offset + len(data), data, ack, None, arrival, soft)


def unknown(offset: int, length: int) -> Run:
    return Run(offset, offset + length, None, None, None, 0, True)


def shape(held: HeldRuns) -> list[tuple[int, bytes | int]]:
    return [(r.offset, r.end - r.offset if r.data is None else r.data) for r in held.runs]


@given(st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=20)), max_size=20))
def test_the_first_copy_of_each_byte_is_held(pieces):
    held = HeldRuns()
    expected: dict[int, int] = {}
    for offset, data in pieces:
        held.add(run(offset, data))
        for position, value in enumerate(data, offset):
            expected.setdefault(position, value)
    found = {r.offset + i: value for r in held.runs for i, value in enumerate(r.data or b"")}
    assert found == expected
    assert held.held_bytes == len(expected)
    assert all(a.end <= b.offset for a, b in zip(held.runs, held.runs[1:], strict=False))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=20), st.booleans()), max_size=20)
)
def test_real_bytes_replace_soft_ones_and_never_the_reverse(pieces):
    held = HeldRuns()
    real: dict[int, int] = {}
    covered: set[int] = set()
    for offset, data, is_soft in pieces:
        held.add(unknown(offset, len(data)) if is_soft else run(offset, data))
        covered.update(range(offset, offset + len(data)))
        if not is_soft:
            for position, value in enumerate(data, offset):
                real.setdefault(position, value)
    assert {r.offset + i: v for r in held.runs for i, v in enumerate(r.data or b"")} == real
    assert {i for r in held.runs for i in range(r.offset, r.end)} == covered
    assert held.soft == sum(r.is_soft for r in held.runs)


def test_one_segment_fills_all_holes_that_it_spans():
    held = HeldRuns()
    held.add(run(2, b"C"))
    held.add(run(5, b"F"))
    held.add(run(0, b"abcdefgh"))
    assert shape(held) == [(0, b"ab"), (2, b"C"), (3, b"de"), (5, b"F"), (6, b"gh")]


def test_a_copy_with_an_earlier_acknowledgment_lowers_it_for_its_bytes_only():
    held = HeldRuns()
    held.add(run(0, b"abcd", ack=100))
    held.add(run(1, b"bc", ack=50))
    held.add(run(0, b"abcd", ack=150))
    assert [(r.offset, r.ack) for r in held.runs] == [(0, 100), (1, 50), (3, 100)]


def test_a_shift_below_zero_drops_what_is_before_the_start():
    held = HeldRuns()
    held.add(run(0, b"abc"))
    held.add(run(5, b"fg"))
    held.shift(-2)
    assert shape(held) == [(0, b"c"), (3, b"fg")]
    assert held.held_bytes == 3


def test_pop_first_and_clear_keep_the_counts():
    held = HeldRuns()
    held.add(unknown(0, 10**9))
    held.add(run(10**9, b"x"))
    assert held.pop_first().data is None
    assert (held.soft, held.held_bytes) == (0, 1)
    held.clear()
    assert (held.runs, held.held_bytes) == ([], 0)
