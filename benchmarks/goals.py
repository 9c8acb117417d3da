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
         "a bare loop that makes the same tuples and checks nothing (benchmarks/bare.py, 'of the limit') takes four fifths of ours: making and freeing 100,000 tuples with the garbage collector on is the work"),
    Goal("rows: 20 mixed columns",                     U.RATIO,        7,       9,
         "of ten columns two are strings and one is a decimal: see the rows with those, which are at 86 to 92 % of a bare loop"),
    Goal("rows: 2 varchar + decimal mix",              U.RATIO,        8,       10,
         "half of a row is the two strings, see the next row; of the rest most is Context.scaleb"),
    Goal("rows: the same without decimal",             U.RATIO,        4.2,     5,
         "a bare loop that unpacks, decodes and appends, and checks neither NULLs nor lengths (benchmarks/bare.py), is at the floor itself; ours is at 86 % of it"),
    Goal("rows: 5 varchar",                            U.RATIO,        3.5,     4.5,
         "a bare loop that unpacks, decodes and appends, and checks neither NULLs nor lengths (benchmarks/bare.py), is below the floor itself; ours is at 92 % of it"),
    Goal("small response: all",                        U.RATIO,        6,       8,
         "1.6 us, of which the lazy row is 0.95; the rest makes the row, the Response and its Table, which are objects that users get"),
    Goal("small response: lazy rows",                  U.RATIO,        10,      14,
         "0.7 of 0.98 us is the table: its header, looked up by its bytes, and the check of where its rows end"),
    Goal("small response: head only",                  U.RATIO,        40,      50),
    Goal("columns: fixed to Arrow",                    U.RATIO,        250,     400,
         "it takes 4.4 times as long as memcpy of the same bytes; at the goal of 4 times it would be some 235 beside this peer, so the floor lies beyond the other goal. Each column is a pass over all rows, 0.5 ns a value, as are the lengths of rows and the NULLs; smaller blocks cost more calls of numpy than they save"),
    Goal("columns: fixed to Arrow, against memcpy",    U.TIMES,        6,       4,
         "three passes for the columns, one for the lengths of rows, three for NULLs, of 22 to 27 us each, and 50 us for a table of any size"),
    Goal("columns: varchar to Arrow, validated",       U.RATIO,        25,      60,
         "finding where each row begins is a loop in Python, some 70 ns a row, and two fifths of it; no faster scan was found"),
    Goal("invocation encoded: types known",            U.RATIO,        8,       10,
         "0.43 us, of which one pack of all the numbers, as a bare call, takes 0.2, and the string's encode 0.05"),
    Goal("invocation encoded: types inferred",         U.RATIO,        4,       6,
         "0.43 us is the encoder, as with known types, and 0.26 the types of the values"),
    Goal("build 1,000 rows: bigint, integer, float",   U.RATIO,        4,       6),
    Goal("build 1,000 rows: 2 varchar + decimal mix",  U.RATIO,        4,       6,
         "nearly half is DECIMAL: the same without it takes 0.62 ms, not 1.18"),
    Goal("calls: blocking",                            U.RATIO,        1.9,     2.2,
         "half of a call is a bare send and recv with a time-out; runs of one day gave 2.2 to 2.6"),
    Goal("calls: asyncio, 3,000 in flight",            U.RATIO,        5,       8,
         "of 9.6 us a call, asyncio's own futures and gather take 2.3; the rest is spread over encoding, bookkeeping and the event loop, none above 0.7"),
    Goal("scan: responses",                            U.RATIO,        35,      50,
         "at the goal, but for the noise: 44 to 51"),
    Goal("scan: invocations",                          U.RATIO,        6,       10,
         "the name of the procedure is of any length, so each head takes an unpack, a decode and another unpack; 0.45 us"),
    Goal("capture: pcapng to exchanges",               U.RATIO,        1.6,       6,
         "set anew, from 2, which had no prototype: dpkt takes 12 us a packet with Ethernet. A loop that only reads blocks, unpacks headers, looks up the connection and makes frames of one side takes 2.1 (5.7x); ours takes 6.3 with order, damage and pairing, some 900 bytecodes"),
    Goal("capture: decode to summary",                 U.RATIO,        2.5,       10,
         "set anew, from 4, which had no prototype: reading events without counting them is 3.7 to 4.1x by itself; a third of the whole is the check that each message can be read, and the counts, 5 us an exchange"),
    Goal("mock: recorded answers",                     U.CALLS,        20_000,  30_000,
         "calls a second of CPU move with the machine, from 25,000 to 52,000 in runs of one day"),
    Goal("proxy: recording",                           U.CALLS,        12_000,  20_000,
         "calls a second of CPU move with the machine, from 14,400 to 27,000 in runs of one day; of 37 us a call passing it on takes 20, as in a relay of a few lines"),
    Goal("proxy: added p99 at 1 k calls/s",            U.MICROSECONDS, 300,     200,
         "a plain relay's own p99 is 130 to 150 us on this machine when nothing else runs, and milliseconds when something does: it is told beside ours"),
    Goal("replay: as fast as possible",                U.CALLS,        15_000,  30_000,
         "calls a second of CPU move with the machine, from 29,600 to 58,000 in runs of one day"),
    Goal("replay: own lag, p99 of 3,750 calls/s",      U.MICROSECONDS, 2_000,   500,
         "the machine had no room: with nothing else running it is 80 us"),
    Goal("start: --help against python -c pass",       U.TIMES,        5,       4.2,
         "click takes 4.1 by itself"),
    Goal("start: first line of decode",                U.MILLISECONDS, 250,     150,
         "imports are most of it; a quarter is making the 109 classes of the declarations"),
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
