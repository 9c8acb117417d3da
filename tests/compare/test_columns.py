import pytest

from volttools.compare.columns import pair_columns
from volttools.formats.table import Column


def columns(text):
    """Columns of names with their types: "A1 B2"."""
    return [Column(word[:-1], int(word[-1])) for word in text.split()]


@pytest.mark.parametrize(
    ("a", "b", "paired", "only_a", "only_b", "is_moved"),
    [
        ("A5 B6", "A5 B6", [(0, 0), (1, 1)], [], [], False),
        ("A5 B6", "B6 A5", [(0, 1), (1, 0)], [], [], True),
        ("A5 B6", "A5 C6", [(0, 0), (1, 1)], [], [], False),
        ("A5 B6 C6", "A5 C6", [(0, 0), (2, 1)], [1], [], False),
        ("A5 C6", "A5 B6 C6", [(0, 0), (1, 2)], [], [1], False),
        ("A5 A6", "A5 A6", [(0, 0), (1, 1)], [], [], False),
        ("5 5", "5 5", [(0, 0), (1, 1)], [], [], False),
        ("A5", "B9 C9", [], [0], [0, 1], False),
    ],
)
def test_columns_go_by_name_then_by_place(a, b, paired, only_a, only_b, is_moved):
    found = pair_columns(columns(a), columns(b))
    assert (found.paired, found.only_a, found.only_b, found.is_moved) == (paired, only_a, only_b, is_moved)
