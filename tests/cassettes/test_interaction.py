"""From an exchange and back."""

from tests.cassettes.made import interaction
from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cassettes import Interaction


def test_an_interaction_as_an_exchange_is_the_same_interaction():
    one = interaction(time_ns=1_000, latency_ns=500)
    exchange = one.exchange(3)
    assert (exchange.number, exchange.procedure, exchange.status, exchange.latency_ns) == (
        3,
        "Select",
        1,
        500,
    )
    assert Interaction.of(exchange) == one


def test_what_is_not_whole_is_none():
    with open_capture(ROOT / "captures" / "lost-many.pcapng") as capture:
        found = [(Interaction.of(each), each.invocation, each.response) for each in capture]
    assert any(one is None for one, _, _ in found)
    assert all((one is None) == (call is None or answer is None) for one, call, answer in found)
