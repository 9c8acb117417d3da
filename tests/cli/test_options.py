from typing import get_args

import click
import pytest

from tests.samples import START_NS
from volttools.capture.writers import Format
from volttools.cli.convert import command as convert
from volttools.cli.decode import command as decode
from volttools.cli.options import Duration, DurationWithUnit, Expression, Moment, make_console, moment_ns
from volttools.filters.filter import compile_filter
from volttools.render.export import FORMATS


@pytest.mark.parametrize(
    ("text", "ns"),
    [("10ms", 10_000_000), ("1.5 s", 1_500_000_000), ("2", 2_000_000_000), ("0.5", 500_000_000)],
)
def test_durations_are_seconds_unless_they_have_a_unit(text, ns):
    assert Duration().convert(text, None, None) == ns


@pytest.mark.parametrize("text", ["ms", "-5ms", "-5", "10 parsecs", ""])
def test_what_is_no_duration_says_how_to_write_one(text):
    with pytest.raises(click.BadParameter, match="write a number and its unit, such as 10ms"):
        Duration().convert(text, None, None)


def test_a_number_alone_is_no_duration_where_it_could_be_another_unit():
    assert DurationWithUnit().convert("10ms", None, None) == 10_000_000
    with pytest.raises(click.BadParameter, match="'10' is no duration; write a number and its unit"):
        DurationWithUnit().convert("10", None, None)
    slow = next(param for param in decode.params if param.name == "slow")
    assert isinstance(slow.type, DurationWithUnit)


@pytest.mark.parametrize(
    ("text", "offset_ns"),
    [
        ("1.5s", 1_500_000_000),
        ("-1s", -1_000_000_000),
        ("0.0022", 2_200_000),
        ("5", 5_000_000_000),
        ("2026-01-02 03:04:06", 1_000_000_000),
        ("2026-01-02 03:04:06.5 UTC", 1_500_000_000),
        ("2026-01-02 03:04:06Z", 1_000_000_000),
        ("2026-01-02T03:04:06", 1_000_000_000),
        ("2026-01-02 04:04:06+01:00", 1_000_000_000),
        ("03:04:06.25", 1_250_000_000),
    ],
)
def test_moments_are_absolute_or_from_the_start(text, offset_ns):
    assert Moment().convert(text, None, None) == text
    assert moment_ns(text, start_ns=START_NS, local=False) == START_NS + offset_ns


def test_what_is_no_moment_says_how_to_write_one():
    with pytest.raises(click.BadParameter, match="'soon' is no time; write '2026-01-02 03:04:05'"):
        Moment().convert("soon", None, None)


@pytest.mark.parametrize(
    ("color", "environment", "coloured"),
    [
        ("auto", {}, False),  # a pipe
        ("always", {}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_as_asked(color, environment, coloured, monkeypatch, capsys):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    make_console(color, None).print("x", style="red")
    assert ("\x1b[31m" in capsys.readouterr().out) is coloured


@pytest.mark.usefixtures("capsys")
def test_where_there_is_no_screen_the_width_is_200():
    assert make_console("auto", None).width == 200
    assert make_console("auto", 90).width == 90


def test_an_expression_becomes_a_filter():
    wanted = Expression().convert("latency > 5ms", None, None)
    assert wanted == compile_filter("latency > 5ms")
    assert Expression().convert(wanted, None, None) is wanted


@pytest.mark.parametrize(
    ("written", "completed"),
    [
        ("laten", ["latency"]),
        ("late or sta", ["late or status", "late or status_string"]),
        ("not (par", ["not (params", "not (partial"]),
        ("", []),
        ("latency > 5ms and ", []),
    ],
)
def test_the_last_word_of_an_expression_is_completed(written, completed):
    option = click.Option(["--where"])
    found = Expression().shell_complete(click.Context(click.Command("x")), option, written)
    assert [item.value for item in found] == completed


def choices(command, name):
    """What an option of a command can be."""
    return next(tuple(param.type.choices) for param in command.params if param.name == name)


def test_formats_are_those_of_the_library():
    """The command line says them again, as help is not to import what writes them."""
    assert choices(convert, "to") == get_args(Format)
    assert choices(decode, "format") == FORMATS
