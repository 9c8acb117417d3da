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
        assert writing.tell(writing.convert(capture, wants=lambda event: False)) == 0
    assert "nothing matched, so there is nothing in it" in capsys.readouterr().err


def test_two_things_cannot_go_to_standard_output():
    with pytest.raises(click.UsageError, match="both want standard output"):
        Writing(options("-", as_data=True))
