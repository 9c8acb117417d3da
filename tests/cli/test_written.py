import io

import click
import pytest

from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cli.written import Writing

DEMO = ROOT / "captures" / "demo.pcap"


def options(output, **others):
    defaults = {"to": None, "split": None, "overwrite": False, "as_data": False, "progress": False}
    return {"output": str(output), **defaults, **others}


def test_that_nothing_matched_is_said(tmp_path, capsys):
    with Writing(options(tmp_path / "x.pcapng")) as writing, open_capture(DEMO) as capture:
        assert writing.tell(writing.convert(capture, wants=lambda event: False), is_narrow=True) == 0
    assert "nothing matched, so there is nothing in it" in capsys.readouterr().err


def test_a_source_without_messages_is_not_said_to_match_nothing(tmp_path, capsys):
    with Writing(options(tmp_path / "x.pcapng")) as writing, open_capture(io.BytesIO()) as capture:
        assert writing.tell(writing.convert(capture)) == 0
    assert "no messages were found, so there is nothing in it" in capsys.readouterr().err


def test_an_interruption_is_said_as_a_part_may_be_written(tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt), Writing(options(tmp_path / "x.pcapng")):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "volttools: interrupted: the rest was neither read nor written\n"


def test_two_things_cannot_go_to_standard_output():
    with pytest.raises(click.UsageError, match="both want standard output"):
        Writing(options("-", as_data=True))
