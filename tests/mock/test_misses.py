"""A strict server says at the end what it had no answer for."""

import asyncio

import pytest

from tests.mock.wire import connected
from volttools.mock import ANY, MockServer, UnmatchedCalls, misses


def missed(server, *, times=1, then=None):
    with connected(server) as wire:
        for _ in range(times):
            wire.call("P", 1)
            wire.call("Q")
    if then is not None:
        raise then


def test_a_strict_server_fails_at_its_end_with_all_misses():
    with pytest.raises(UnmatchedCalls) as caught, MockServer(strict=True) as server:
        missed(server)
    assert str(caught.value) == (
        "2 calls had no answer in the mock server:\n"
        "  call 1: Procedure P was not found\n"
        "  call 2: Procedure Q was not found"
    )
    assert isinstance(caught.value, AssertionError)
    assert [miss.procedure for miss in caught.value.misses] == ["P", "Q"]
    server.close()  # once is enough


def test_without_a_miss_it_does_not_and_neither_does_another_server():
    with MockServer(strict=True) as server, connected(server) as wire:
        wire.call("@Ping")
    with MockServer() as server:
        missed(server)
    assert len(server.misses) == 2


@pytest.mark.parametrize("forget", [MockServer.reset, MockServer.clear_calls])
def test_a_strict_server_counts_what_was_reset_as_well(forget):
    server = MockServer(strict=True).start()
    missed(server)
    forget(server)
    assert (server.misses, server.miss_count, server.unmatched.count) == ([], 0, 2)
    missed(server)
    with pytest.raises(UnmatchedCalls, match="4 calls had no answer") as caught:
        server.close()
    assert [miss.procedure for miss in caught.value.misses] == ["P", "Q", "P", "Q"]


def test_what_the_test_raised_comes_first():
    with pytest.raises(KeyError) as caught, MockServer(strict=True) as server:
        missed(server, then=KeyError("the test's own"))
    assert "2 calls had no answer" in caught.value.__notes__[0]


def test_of_many_some_are_named():
    with (
        pytest.raises(UnmatchedCalls, match="30 calls had no answer") as caught,
        MockServer(strict=True) as server,
    ):
        missed(server, times=15)
    assert str(caught.value).endswith("  and 10 more")


def test_so_it_is_with_asyncio():
    async def main():
        async with MockServer(strict=True) as server:
            await asyncio.to_thread(missed, server)

    with pytest.raises(UnmatchedCalls):
        asyncio.run(main())


def test_a_miss_says_what_there_is_and_what_was_probably_meant():
    with MockServer(schema="create procedure Declared from class p.Declared;") as server:
        server.handle("Vote", 1)
        server.stub("Pay").returns(1)
        for number in range(10):
            server.handle(f"H{number}", 1)
        with connected(server) as wire:
            texts = [wire.call(name).status_string for name in ("Nope", "vot")]
    there = "There are handlers of H0, H1, H2, H3, H4, H5, H6, H7 and 3 more; stubs of Pay; declared procedures Declared"
    assert texts == [
        f"Procedure Nope was not found. {there}",
        f"Procedure vot was not found. Did you mean Vote? {there}",
    ]


def test_names_of_megabytes_are_not_kept():
    with MockServer() as server, connected(server) as wire:
        assert len(wire.call("P" * 2**20).status_string) > 2**20
    (miss,) = server.misses
    assert len(miss.text) + len(miss.procedure) < 5_000


def test_a_call_knows_that_it_was_missed_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(misses, "MOST_KEPT", 2)
    with MockServer() as server, connected(server) as wire:
        for name in ("A", "@Ping", "B", "C"):
            wire.call(name)
        assert [call.is_miss for call in server.calls] == [True, False, True, True]
        assert [miss.procedure for miss in server.misses] == ["A", "B"]
        assert server.miss_count == 3
        server.clear_calls()
        assert (server.misses, server.miss_count) == ([], 0)


def test_a_miss_names_the_stub_that_is_nearest_and_the_first_difference():
    with MockServer() as server, connected(server) as wire:
        server.stub("P").with_params(1, ANY, "x").returns(1)
        server.stub("P").with_params(2, 3, ...).returns(1)
        server.stub("Once").returns(1).once()
        wire.call("Once")
        texts = [
            wire.call(name, *parameters).status_string
            for name, *parameters in (("P", 1, 7, "y"), ("P", 2, 4), ("P",), ("Once",))
        ]
    assert texts == [
        "No stub has an answer for P(1, 7, 'y'). The nearest is the stub of P(1, ANY, 'x'): "
        "params[2] is 'y', expected was 'x'.",
        "No stub has an answer for P(2, 4). The nearest is the stub of P(2, 3, ...): "
        "params[1] is 4, expected was 3.",
        "No stub has an answer for P(). The nearest is the stub of P(2, 3, ...): "
        "it has 0 parameters, expected were 2.",
        "No stub has an answer for Once(): the stub of Once(...) has given all that it has.",
    ]
    assert [miss.text for miss in server.misses] == texts
