"""Options of `decode` that contradict each other are refused."""

import pytest

from volttools.cli import run


@pytest.mark.parametrize(
    "others",
    [["-v"], ["--hex"], ["--rows", "3"], ["--no-summary"], ["--csv"], ["--context", "1", "--errors"]],
    ids=lambda others: others[0],
)
def test_the_summary_alone_goes_with_nothing_that_shows_exchanges(captures, capsys, others):
    assert run(["decode", "--summary-only", *others, "demo.pcap"]) == 2
    assert "don't go together" in capsys.readouterr().err
