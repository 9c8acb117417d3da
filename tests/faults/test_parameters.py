import pytest

from volttools.faults.parameters import (
    Wrong,
    choice,
    duration,
    field_path,
    hex_bytes,
    share,
    text,
    value_of,
    whole,
)

LETTERS = {"ALPHA": 1, "BETA": 2}


@pytest.mark.parametrize(
    ("parameter", "written", "value"),
    [
        (duration("time", ""), "20ms", 0.02),
        (duration("time", ""), "1.5 s", 1.5),
        (whole("n", "", least=1), 3, 3),
        (share("p", ""), 1, 1.0),
        (share("p", ""), 0.25, 0.25),
        (text("t", ""), "", ""),
        (choice("c", "", LETTERS), "beta", 2),
        (choice("c", "", LETTERS), 2, 2),
        (hex_bytes("b", ""), "00 FF", "00ff"),
        (field_path("f", ""), "tables[0].rows[12].A B", "tables[0].rows[12].A B"),
    ],
)
def test_values_are_read_as_they_are_written(parameter, written, value):
    assert value_of(parameter, written) == value


@pytest.mark.parametrize(
    ("parameter", "written", "error"),
    [
        (duration("time", ""), 20, 'expected a time such as "20ms", got 20'),
        (duration("time", ""), "-1s", "expected a time such as \"20ms\", got '-1s'"),
        (whole("n", "", least=1), 0, "expected a whole number, from 1 on, got 0"),
        (whole("n", "", least=1, most=9), True, "expected a whole number, 1 .. 9, got True"),
        (share("p", ""), 1.5, "expected a number 0 .. 1, got 1.5"),
        (share("p", ""), float("nan"), "expected a number 0 .. 1, got nan"),
        (text("t", ""), 1, "expected a text, got 1"),
        (choice("c", "", LETTERS), "bta", "there is no 'bta'; did you mean BETA?"),
        (choice("c", "", LETTERS), 7, "there is no 7; write one of ALPHA, BETA"),
        (hex_bytes("b", ""), "0g", "expected bytes such as \"00 ff\", got '0g'"),
        (
            field_path("f", ""),
            "tables[x]",
            "expected a field such as tables[0].rows[0].NAME, got 'tables[x]'",
        ),
        (field_path("f", ""), 3, "expected a field such as tables[0].rows[0].NAME, got 3"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_wanted(parameter, written, error):
    with pytest.raises(Wrong) as raised:
        value_of(parameter, written)
    assert str(raised.value) == error
