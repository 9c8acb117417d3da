import json

import pytest

from tests.stats.samples import exchange
from volttools.cli.digest_page import DigestPage, Look
from volttools.stats.digest import Digest


@pytest.fixture
def digest():
    made = Digest()
    made.add(exchange())
    return made


def test_a_page_is_printed(digest, capfd):
    DigestPage(digest, Look(files=["a.pcap"], width=80)).print()
    assert "digest by procedure" in capfd.readouterr().out


def test_while_it_grows_json_has_a_line_only_for_what_is_new(digest, capfd):
    page = DigestPage(digest, Look(as_json=True), every_ns=1)
    page.draw()
    page.draw()
    digest.add(exchange(number=2))
    page.draw()
    assert [json.loads(line)["calls"] for line in capfd.readouterr().out.splitlines()] == [1, 2]


@pytest.mark.parametrize("look", [Look(as_json=True), Look(as_csv=True), Look()])
def test_nothing_is_drawn_that_does_not_grow_or_has_no_terminal(digest, look, capfd):
    DigestPage(digest, look, every_ns=None).draw()
    DigestPage(digest, look, every_ns=10**15).draw()
    if not look.as_json:
        DigestPage(digest, look, every_ns=1).draw()
    assert capfd.readouterr().out == ""
