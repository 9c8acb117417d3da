"""Floors and goals: the one place where they stand.

A row of the table that is named here must reach its floor, or `make bench` fails; its goal is what it shall
reach. What the number of a row means is its unit (`figure.Unit`), which also tells whether more is better.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.figure import Unit
from benchmarks.figure import Unit as U


@dataclass(frozen=True)
class Goal:
    """What one row of the table has to reach.

    unit    of floor and goal
    floor   the worst that is accepted
    goal    what is wanted; None: nothing beyond the floor
    miss    where the goal is missed: why, as measured; for the document
    """

    row: str
    unit: Unit
    floor: float
    goal: float | None = None
    miss: str = ""


# fmt: off
GOALS = [
    # ratio to the official client, unless said
    Goal("rows: 100 k of bigint, integer, float",      U.RATIO,        6.5,     10,
         "making and freeing the tuples alone, list(Struct.iter_unpack(rows)), is 6.8 to 7.6"),
    Goal("rows: 20 mixed columns",                     U.RATIO,        7,       9),
    Goal("rows: 2 varchar + decimal mix",              U.RATIO,        8,       10,
         "half of a row is the two strings, see the next row; of the rest most is Context.scaleb"),
    Goal("rows: the same without decimal",             U.RATIO,        4.2,     5,
         "a loop that does nothing but unpack, decode and append, on rows without NULLs, is 4.7"),
    Goal("rows: 5 varchar",                            U.RATIO,        3.5,     4.5,
         "a loop that does nothing but unpack, decode and append, on rows without NULLs, is 3.6"),
    Goal("small response: all",                        U.RATIO,        6,       8),
    Goal("small response: lazy rows",                  U.RATIO,        10,      14),
    Goal("small response: head only",                  U.RATIO,        40,      50),
    Goal("columns: fixed to Arrow",                    U.RATIO,        250,     400,
         "each column is a pass over all rows, 0.5 ns a value, as are the lengths of rows and the NULLs; smaller blocks cost more calls of numpy than they save"),
    Goal("columns: fixed to Arrow, against memcpy",    U.TIMES,        6,       4),
    Goal("columns: varchar to Arrow, validated",       U.RATIO,        25,      60),
    Goal("invocation encoded: types known",            U.RATIO,        8,       10),
    Goal("invocation encoded: types inferred",         U.RATIO,        4,       6),
    Goal("build 1,000 rows: bigint, integer, float",   U.RATIO,        4,       6),
    Goal("build 1,000 rows: 2 varchar + decimal mix",  U.RATIO,        4,       6),
    Goal("calls: blocking",                            U.RATIO,        1.9,     2.2),
    Goal("calls: asyncio, 3,000 in flight",            U.RATIO,        5,       8),
    Goal("scan: responses",                            U.RATIO,        35,      50),
    Goal("scan: invocations",                          U.RATIO,        6,       10),
    Goal("capture: pcapng to exchanges",               U.RATIO,        2,       6),
    Goal("capture: decode to summary",                 U.RATIO,        4,       10,
         "events that are read and not counted are 3.7 to 4.1; a third of the time counts them, and checks every message"),
    Goal("mock: recorded answers",                     U.CALLS,        20_000,  30_000),
    Goal("proxy: recording",                           U.CALLS,        12_000,  20_000),
    Goal("proxy: added p99 at 1 k calls/s",            U.MICROSECONDS, 300,     200),
    Goal("replay: as fast as possible",                U.CALLS,        15_000,  30_000),
    Goal("replay: own lag, p99 of 3,750 calls/s",      U.MICROSECONDS, 2_000,   500),
    Goal("start: --help against python -c pass",       U.TIMES,        5,       4.2),
    Goal("start: first line of decode",                U.MILLISECONDS, 250,     150),
    Goal("memory: capture decoded",                    U.MEGABYTES,    300,     150),
    Goal("memory: capture digested",                   U.MEGABYTES,    300,     150),
    Goal("memory: captures compared",                  U.MEGABYTES,    300,     150),
    # promised by what came before: kept
    Goal("mock: first answer of a server",             U.MILLISECONDS, 100),
    Goal("voltdbclient: status",                       U.RATIO,        1.8),
    Goal("voltdbclient: status, a time-out each",      U.RATIO,        1.8),
    Goal("voltdbclient: 10 rows of 3 columns",         U.RATIO,        1.5),
    Goal("voltdbclient: 10,000 rows of 10 columns",    U.RATIO,        2),
]
# fmt: on

BY_ROW = {goal.row: goal for goal in GOALS}
