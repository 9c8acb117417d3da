import pytest

from benchmarks.growth.words import in_words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1, "", "1"),
        (300, "", "300"),
        (999.9, "", "1 k"),
        (1_000, "", "1 k"),
        (30_000, "", "30 k"),
        (1e6, "", "1 M"),
        (1e-9, "s", "1 ns"),
        (4.39e-11, "s", "0.0439 ns"),
        (2e-7, "s", "200 ns"),
        (1.2345e-6, "s", "1.23 us"),
        (0.5, "s", "500 ms"),
        (12.0, "s", "12 s"),
        (28.7e6, "B", "28.7 MB"),
        (4e9, "B", "4 GB"),
    ],
)
def test_values_have_three_digits_and_a_fitting_unit(value, unit, words):
    assert in_words(value, unit) == words
