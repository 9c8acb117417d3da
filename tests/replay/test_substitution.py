"""An application whose server makes ids is replayed on a fresh server."""

import itertools

import pytest

import volttools
from volttools.client import connect
from volttools.client.connection_settings import ConnectionSettings
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.mock import MockServer
from volttools.replay.finding import find_rules
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.safety import Nature
from volttools.replay.schedule import AsFastAsPossible, Order, Schedule


class Shop:
    """A server that gives orders their ids and keys."""

    def __init__(self, first):
        self._numbers = itertools.count(first)
        self.orders = {}
        self.paid = []

    def new(self, call):
        number = next(self._numbers)
        self.orders[number] = key = f"key-{number * 7919}"
        return Table.of([("STATUS", BIGINT), ("ID", BIGINT), ("KEY", STRING)], [(0, number, key)])

    def pay(self, call):
        number, key = call.params
        if self.orders.get(number) != key:
            raise ValueError(f"no order {number} with {key}")
        self.paid.append(number)
        return 1

    def ship(self, call):
        if not set(call.params[0]) <= set(self.orders):
            raise ValueError("no such orders")
        return 1

    def server(self):
        server = MockServer(max_calls=10_000)
        for name, handler in (("New", self.new), ("Pay", self.pay), ("Ship", self.ship)):
            server.handle(name, handler)
        return server


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """What an application did: three clients, orders of one paid by another."""
    path = str(tmp_path_factory.mktemp("shop") / "shop.pcapng")
    from volttools.client.tap import Tap

    tap = Tap(path)
    with Shop(100).server() as server:
        where = (server.host, server.port)
        with (
            connect(where, tap=tap, signatures=False) as one,
            connect(where, tap=tap, signatures=False) as other,
        ):
            for n in range(30):
                ((_, number, key),) = one.call("New", f"customer {n}").rows
                (other if n % 2 else one).call("Pay", number, key)
                if n % 5 == 4:
                    other.call("Ship", list(range(number - 4, number + 1)))
    return path


def replayed(recorded, shop, schedule, *, with_rules=True, **wishes):
    with shop.server() as server, volttools.open(recorded) as capture:
        rules = find_rules(capture) if with_rules else None
        settings = ConnectionSettings.of((server.host, server.port))
        wish = Wishes(schedule=schedule, allowed={Nature.WRITE}, rules=rules, recorded_target=True, **wishes)
        with prepare(capture, settings, wish) as prepared:
            return prepared.run()


def test_without_rules_it_shows_where_it_fails(recorded):
    report = replayed(
        recorded, Shop(5000), Schedule(pace=AsFastAsPossible(), order=Order.TOTAL), with_rules=False
    )
    assert report.measures.failures == {"USER_ABORT": 36}
    assert {example.procedure for example in report.measures.examples.values()} == {"Pay", "Ship"}


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("pace", [AsFastAsPossible()])
def test_with_them_it_is_clean_on_a_fresh_server(recorded, order, pace):
    shop = Shop(5000)
    report = replayed(recorded, shop, Schedule(pace=pace, order=order))
    assert report.measures.failed == 0, report.measures.examples
    assert sorted(shop.paid) == list(range(5000, 5030))
    found = report.as_json()["values"]
    assert (found["confirmed"], found["unconfirmed"]) == (60, 0)
    assert [
        (rule["to"], rule["parameter"], rule["replaced"], rule["unknown"]) for rule in found["rules"]
    ] == [
        ("Pay", 1, 30, 0),
        ("Pay", 2, 30, 0),
        ("Ship", 1, 30, 0),
    ]


def test_copies_have_values_of_their_own(recorded):
    shop = Shop(5000)
    report = replayed(recorded, shop, Schedule(pace=AsFastAsPossible(), scale=2, loops=2))
    assert report.measures.failed == 0, report.measures.examples
    assert sorted(shop.paid) == list(range(5000, 5120))


def test_values_that_do_not_come_are_told_and_the_recorded_ones_kept(recorded):
    shop = Shop(5000)
    shop.new = lambda call: 0
    report = replayed(recorded, shop, Schedule(pace=AsFastAsPossible()))
    assert (report.substitution.confirmed, report.substitution.unconfirmed) == (0, 60)
    assert all(found.replaced == 0 and found.unknown == 30 for found in report.substitution.figures.values())
    text = "\n".join("".join(piece for piece, _ in each) for each in report.lines())
    assert "  values      0 confirmed by new answers, 60 not\n" in text
    assert "Pay, parameter 1: 0 replaced, 0 the same, 30 not known and kept" in text


def test_a_replay_that_goes_on_knows_the_values_of_the_one_before(recorded, tmp_path):
    shop = Shop(5000)
    output = str(tmp_path / "out.pcapng")
    schedule = Schedule(pace=AsFastAsPossible(), order=Order.TOTAL)
    with shop.server() as server, volttools.open(recorded) as capture:
        rules = find_rules(capture)
        settings = ConnectionSettings.of((server.host, server.port))
        wishes = Wishes(
            schedule=schedule, allowed={Nature.WRITE}, rules=rules, recorded_target=True, output=output
        )
        with prepare(capture, settings, wishes) as prepared:
            server.handle("Ship", lambda call: prepared.stop() or 1)
            first = prepared.run()
    assert first.measures.sent < 60
    report = replayed(recorded, shop, schedule, output=output, resume=True)
    assert report.measures.failed == 0, report.measures.examples
    assert report.skipped + report.measures.sent == 66
    assert sorted(shop.paid) == list(range(5000, 5030))
