"""What commands that replay share."""

import pytest

from volttools.cli.replaying import _whole_parts

TEXT = "1.00 s: 5 sent, 1,783/s, lag 3 ms"


@pytest.mark.parametrize(
    ("width", "shown"),
    [(80, TEXT), (33, TEXT), (32, "1.00 s: 5 sent, 1,783/s"), (22, "1.00 s: 5 sent"), (8, "1.00 s: ")],
)
def test_a_line_of_progress_is_cut_between_its_parts(width, shown):
    assert _whole_parts(TEXT, width) == shown
