import click
import pytest

from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cli.selecting import filters_text, selection_options, wants_of

DEMO = ROOT / "captures" / "demo.pcap"


def parsed(*words):
    """The options as a command gets them."""
    found = {}

    @click.command()
    @selection_options
    def command(**options):
        found.update(options)

    command.main(list(words), standalone_mode=False)
    return found


def wanted(*words):
    with open_capture(DEMO) as capture:
        wants = wants_of(parsed(*words), capture)
        return [event.number for event in capture.events() if event.kind == "exchange" and wants(event)]


def test_no_option_asks_for_everything():
    with open_capture(DEMO) as capture:
        assert wants_of(parsed(), capture) is None


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["--errors", "--procedure", "fail"], [16, 17, 18, 20]),
        (["--where", "status == USER_ABORT"], [16]),
        (["--until", "2ms"], [1]),
        (["--since", "0.0848", "--connection", "1", "--connection", "9"], [20, 21, 22, 23]),
        (["--connection", "9"], []),
        (["--slow", "6ms"], [4, 9, 12, 13]),
    ],
)
def test_all_options_must_hold(words, numbers):
    assert sorted(wanted(*words)) == sorted(numbers)


def test_the_filters_are_told_as_they_were_written():
    assert filters_text(parsed("--slow", "1h")) == "--slow 3600000ms"
    words = ["--errors", "--slow", "5ms", "--since", "1s", "--connection", "3", "--procedure", "a*"]
    assert filters_text(parsed(*words, "--where", "late")) == (
        "--errors --slow 5ms --since 1s --connection 3 --procedure 'a*' --where late"
    )
