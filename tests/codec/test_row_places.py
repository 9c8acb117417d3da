import numpy as np
import pytest

from volttools.codec.row_places import NUMBER_CODES, number_type, overlapping, row_places
from volttools.codec.scalars import WRONG
from volttools.formats.table import Rows

PREFIX = Rows.prefix


def rows_of(lengths, *, behind=0):
    return b"ab" + b"".join(PREFIX.build(length) + b"\xff" * length for length in lengths) + bytes(behind)


# fmt: off
LENGTHS = [
    [],
    [0],
    [5],
    [0, 0, 0],
    [1, 255, 0, 17] * 20,
    [1, 256, 0, 17] * 20,     # short on average, but one is not
    [1, 512, 0, 17] * 20,     # its last byte says 0
    [300, 70_000, 1],
]
# fmt: on


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@pytest.mark.parametrize("behind", [0, 96])
def test_rows_are_found_whatever_their_lengths(lengths, behind):
    data = rows_of(lengths, behind=behind)
    starts, stops = row_places(data, 2, len(data), len(lengths), PREFIX)
    assert (stops - starts).tolist() == lengths
    assert starts.dtype == stops.dtype == np.int64
    at = 2
    for start, length in zip(starts.tolist(), lengths, strict=True):
        assert start == at + 4
        at = start + length


@pytest.mark.parametrize("wrong", [-1, -5, -(2**31), 2**31 - 1, 4, 300])
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("others", [1, 400])
def test_a_row_that_is_not_within_is_refused(wrong, which, others):
    lengths = [others] * 3
    data = bytearray(rows_of(lengths))
    at = 2 + which * (4 + others)
    data[at : at + 4] = PREFIX.build(wrong)
    if 0 <= wrong < others:
        return
    with pytest.raises(WRONG):
        row_places(bytes(data), 2, len(data), 3, PREFIX)


def test_a_row_may_not_go_on_behind_the_table():
    data = rows_of([3, 3]) + rows_of([3])
    end = len(rows_of([3, 3]))
    row_places(data, 2, end, 2, PREFIX)
    for less in range(1, 8):
        with pytest.raises(WRONG):
            row_places(data, 2, end - less, 2, PREFIX)


def test_overlapping_bytes_are_gathered_by_their_places():
    assert overlapping(b"abcde", 3)[np.array([2, 0])].tolist() == [b"cde", b"abc"]
    with pytest.raises(IndexError):
        overlapping(b"abcde", 3)[np.array([3])]
    assert len(overlapping(b"ab", 3)) == 0


def test_numbers_have_the_same_size_for_numpy_as_for_struct():
    sizes = {code: number_type(code).itemsize for code in NUMBER_CODES}
    assert sizes == dict(zip("bBhHiIlLqQefd", [1, 1, 2, 2, 4, 4, 4, 4, 8, 8, 2, 4, 8], strict=True))
    with pytest.raises(KeyError):
        number_type("s")
