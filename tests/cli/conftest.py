"""What tests of several commands run on."""

import pytest

from tests.capture.files import pcap_head
from tests.samples import dump_file, pcap


@pytest.fixture
def captures(tmp_path, monkeypatch):
    """The sample conversation as files, in the working directory of the test.

    It has a push to nobody, but for the dump_file; `lost` has a hole.
    """
    (tmp_path / "demo.pcap").write_bytes(pcap())
    (tmp_path / "demo.dump").write_bytes(dump_file())
    (tmp_path / "lost.pcap").write_bytes(pcap(lost=frozenset({7})))
    (tmp_path / "empty.pcap").write_bytes(pcap_head())
    (tmp_path / "song.txt").write_text("la la la\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path
