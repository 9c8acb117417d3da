"""Cassettes of other clients' recordings hold their bytes, and play them."""

import pytest

from tests.cassettes.made import bodies
from tests.mock.wire import connected
from tests.requirements import shared_captures_dir
from volttools.cassettes import load
from volttools.codec import build
from volttools.mock import MockServer

pytestmark = pytest.mark.shared
SHARED = [path for path in sorted(shared_captures_dir().glob("*.pcap")) if path.stat().st_size < 2**20]


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_nothing_is_lost(path, tmp_path):
    recorded = load(path)
    recorded.save(tmp_path / "x.cassette")
    assert bodies(load(tmp_path / "x.cassette")) == bodies(recorded)


@pytest.mark.parametrize("name", ["failures", "java-types", "go-sync", "cpp-sync", "types-all"])
def test_a_call_gets_the_recorded_bytes(name, tmp_path, shared_captures):
    path = load(shared_captures / f"{name}.pcap").save(tmp_path / "x.cassette")
    count = 0
    with MockServer(cassette=path, strict=True) as server, connected(server) as wire:
        for interaction in load(path):
            if interaction.procedure.startswith("@"):
                continue  # which may be the node's own
            handle = interaction.invocation.client_handle
            wire.send_frame(build(interaction.invocation))
            expected = build(interaction.response.replace(client_handle=handle))
            assert wire.frame() == expected
            count += 1
    assert count
