"""An application whose server makes ids is replayed on a fresh server."""

import itertools
from decimal import Decimal

import pytest

import volttools
from tests.replay.made import ids, line, opened
from volttools.client import connect
from volttools.client.connection_settings import ConnectionSettings
from volttools.errors import UsageError
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, STRING
from volttools.mock import MockServer
from volttools.replay.finding import find_rules
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.safety import Nature
from volttools.replay.schedule import AsFastAsPossible, Order, Schedule
from volttools.replay.substitution import Substitution
from volttools.replay.values import Rule, Rules, Source, Use


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


def test_ids_inside_of_sql_and_json_and_decimals_are_those_of_the_new_server(tmp_path):
    table = {"columns": [["ID", "BIGINT"], ["SUM", "DECIMAL"], ["KEY", "STRING"]]}
    lines = []
    for n in range(3):
        first, at = 5 * n, 100 * n
        made = {**table, "rows": [[1000 + n, f"{2000 + n}.5", f"it's {n}"]]}
        lines += [
            line(first + 1, 1, at, "New", n, tables=[made]),
            line(
                first + 2, 1, at + 10, "@AdHoc", f"select * from t where id = {1000 + n} and x = 'it''s {n}'"
            ),
            line(first + 3, 1, at + 20, "Note", f'{{"order": "{1000 + n}", "at": 17}}'),
            line(first + 4, 1, at + 30, "Pay", params=[["DECIMAL", f"{2000 + n}.5"]]),
            line(first + 5, 1, at + 40, "@AdHoc", "select 17 from u"),
        ]
    with MockServer() as server:
        numbers = itertools.count(7000)

        def new(call):
            number = next(numbers)
            columns = [("ID", BIGINT), ("SUM", DECIMAL), ("KEY", STRING)]
            return Table.of(columns, [(number, Decimal(number) + Decimal("0.25"), f"her's {number}")])

        server.handle("New", new)
        for name in ("@AdHoc", "Note", "Pay"):
            server.handle(name, lambda call: 1)
        capture = opened(tmp_path, *lines)
        rules = find_rules(capture)
        wishes = Wishes(
            schedule=Schedule(pace=AsFastAsPossible(), scale=2), allowed=set(Nature), rules=rules,
            output=str(tmp_path / "out.pcapng"),
        )  # fmt: skip
        with prepare(
            opened(tmp_path, *lines), ConnectionSettings.of((server.host, server.port)), wishes
        ) as prepared:
            report = prepared.run()
        came = [(call.procedure, call.params[0]) for call in server.calls if call.procedure != "New"]
    found = report.as_json()["values"]
    assert [(rule["to"], rule["value"], rule["replaced"], rule["unknown"]) for rule in found["rules"]] == [
        ("@AdHoc", 1, 6, 0),
        ("@AdHoc", 2, 6, 0),
        ("Note", 1, 6, 0),
        ("Pay", None, 6, 0),
    ]
    assert found["unconfirmed"] == 0
    for number in range(7000, 7006):
        assert ("@AdHoc", f"select * from t where id = {number} and x = 'her''s {number}'") in came
        assert ("Note", f'{{"order": "{number}", "at": 17}}') in came
        assert ("Pay", Decimal(number) + Decimal("0.25")) in came
    assert came.count(("@AdHoc", "select 17 from u")) == 6


@pytest.mark.parametrize("is_text", [False, True], ids=["parameter", "text"])
def test_of_two_sources_of_a_parameter_none_takes_the_new_value_of_the_other_for_a_recorded_one(
    tmp_path, is_text
):
    """Ids of a fresh server are often among the recorded ones: 5 becomes 6, and the recorded 6 becomes 7."""
    name = "@AdHoc" if is_text else "Pay"
    old_5, old_6, new_7 = (f"select * from t where id = {n}" if is_text else n for n in (5, 6, 7))
    lines = [
        line(1, 1, 0, "New", tables=[ids(5)]), line(2, 1, 5, "Copy", tables=[ids(6)]),
        line(3, 1, 10, name, old_5), line(4, 1, 15, name, old_6),
    ]  # fmt: skip
    use = Use(name, 0, "select * from t where id = ?" if is_text else None)
    rules = Rules([Rule(Source(maker, 0, "ID"), use) for maker in ("New", "Copy")])
    numbers = itertools.count(6)
    with MockServer() as server:
        for maker in ("New", "Copy"):
            server.handle(maker, lambda call: Table.of([("ID", BIGINT)], [(next(numbers),)]))
        server.handle(name, 1)
        schedule = Schedule(pace=AsFastAsPossible(), order=Order.TOTAL)
        settings = ConnectionSettings.of((server.host, server.port))
        wishes = Wishes(schedule=schedule, allowed=set(Nature), rules=rules)
        with prepare(opened(tmp_path, *lines), settings, wishes) as prepared:
            report = prepared.run()
        came = [call.params[0] for call in server.calls if call.procedure == name]
    assert came == [old_6, new_7]
    assert [(found.replaced, found.unknown) for found in report.substitution.figures.values()] == [
        (1, 0),
        (1, 0),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {},
        [1],
        "x",
        {"source": 0, "copy": 1, "old": 1, "new": 2},
        {"source": 0, "copy": [1, 1], "old": {"hex": "xy"}, "new": 2},
        {"source": 0, "copy": [1, 1], "old": {"decimal": "x"}, "new": 2},
        {"source": 0, "copy": [1, 1], "old": [1], "new": 2},
        {"source": [0] * 1000, "copy": [1, 1], "old": 1, "new": 2},
    ],
)
def test_values_that_no_replay_has_noted_are_damage(value):
    with pytest.raises(UsageError, match="the journal is damaged") as raised:
        Substitution(Rules([])).remember([value])
    assert len(str(raised.value)) < 300
