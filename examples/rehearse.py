"""Would the new server do the same? Two servers of a small shop, where the new one does six things otherwise.

python examples/rehearse.py

Both are mock servers in this process. What clients did on the old one is recorded, and rehearsed on both; five
of the six are regressions, and one - the hits of a search come in another order - is none.
"""

import asyncio
import os
import sys
import tempfile
from decimal import Decimal

import volttools
from volttools.client import connect
from volttools.client.connection_settings import ConnectionSettings
from volttools.client.tap import Tap
from volttools.compare import Settings
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, INTEGER, STRING
from volttools.mock import MockServer
from volttools.rehearse.rehearsing import Wishes, prepare
from volttools.rehearse.report import Page

WORDS = ("hammer", "nail", "saw", "drill")


def open_shop(server: MockServer, *, is_new: bool) -> None:
    """Let a server be the shop, as it was or as it is after the upgrade."""
    sessions = iter(range(1_000_000))

    def product(call):
        number = call.params[0]
        if is_new and number % 13 == 0:
            raise ValueError(f"no product {number}")
        return Table.of([("ID", BIGINT), ("NAME", STRING)], [(number, f"{WORDS[number % 4]} {number}")])

    def price(call):
        cents = 995 + 100 * call.params[0]
        if is_new and call.params[0] % 10 == 0:
            cents += 1
        return Table.of([("PRICE", DECIMAL)], [(Decimal(cents).scaleb(-2),)])

    def stock(call):
        return Table.of([("QTY", INTEGER if is_new else BIGINT)], [(call.params[0] * 3 % 50,)])

    def category(call):
        rows = [(number, word) for number, word in enumerate(WORDS)]
        return Table.of([("ID", BIGINT), ("NAME", STRING)], rows[: 3 if is_new else 4])

    def search(call):
        rows = [(f"{call.params[0]} {number}",) for number in range(3)]
        return Table.of([("HIT", STRING)], rows[::-1] if is_new else rows)

    def session(call):
        return Table.of(
            [("USER", STRING), ("SESSION", BIGINT)], [(call.params[0], next(sessions) + id(server))]
        )

    reading = {
        "GetProduct": product,
        "GetPrice": price,
        "GetStock": stock,
        "ListCategory": category,
        "Search": search,
        "GetSession": session,
    }

    def after_a_while(name, handler):
        async def answer(call):
            await asyncio.sleep(0.02 if is_new and name == "Search" else 0.005)
            return handler(call)

        return answer

    for name, handler in reading.items():
        server.handle(name, after_a_while(name, handler), read_only=True)
    server.handle("Buy", 1)


def record(server: MockServer, path: str) -> None:
    """What clients do on a day, in half a second."""
    with connect((server.host, server.port), tap=Tap(path)) as client:
        for number in range(1, 41):
            calls = [client.submit(name, number) for name in ("GetProduct", "GetPrice", "GetStock")]
            calls.append(client.submit("ListCategory", f"category {number % 3}"))
            calls.append(client.submit("Search", WORDS[number % 4]))
            calls.append(client.submit("GetSession", f"user {number}"))
            if number % 4 == 0:
                calls.append(client.submit("Buy", number))
            for call in calls:
                call.result()


def rehearse(settings: Settings) -> list[str]:
    """Record, rehearse with these settings, and give the lines of the page; the evidence is written here."""
    with MockServer() as old, MockServer() as new:
        open_shop(old, is_new=False)
        open_shop(new, is_new=True)
        record(old, "shop.pcapng")
        servers = [ConnectionSettings.of((server.host, server.port)) for server in (old, new)]
        wishes = Wishes(settings=settings, allow_recorded_old=True)
        with volttools.open("shop.pcapng") as capture, prepare(capture, *servers, wishes) as prepared:
            found = prepared.run()
    return ["".join(text for text, _ in line).rstrip() for line in Page(width=100).lines(found)]


def main() -> None:
    """Show the page."""
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)  # the evidence goes with it
        sys.stdout.write("\n".join(rehearse(Settings(slower=1.0, examples=5))) + "\n")


if __name__ == "__main__":
    main()
