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
         "of ten columns two are strings and one is a decimal: see the rows with those"),
    Goal("rows: 2 varchar + decimal mix",              U.RATIO,        8,       10,
         "half of a row is the two strings, see the next row; of the rest most is Context.scaleb"),
    Goal("rows: the same without decimal",             U.RATIO,        4.2,     5,
         "a bare loop that unpacks, decodes and appends, and checks neither NULLs nor lengths (benchmarks/bare.py, 'of the limit'), hardly reaches the floor itself"),
    Goal("rows: 5 varchar",                            U.RATIO,        3.5,     4.5,
         "a bare loop that unpacks, decodes and appends, and checks neither NULLs nor lengths (benchmarks/bare.py, 'of the limit'), hardly reaches the floor itself"),
    Goal("small response: all",                        U.RATIO,        6,       8,
         "most of it is that of the lazy row, see there; the rest makes the row, the Response and its Table, which are objects that users get"),
    Goal("small response: lazy rows",                  U.RATIO,        10,      14,
         "all but the head, see the next row, is the table: its header, looked up by its bytes, and the check of where its rows end"),
    Goal("small response: head only",                  U.RATIO,        40,      50),
    Goal("columns: fixed to Arrow",                    U.RATIO,        250,     400,
         "each column is a pass over all rows, as are the lengths of rows and the NULLs: the next row tells how far that is from memcpy of the same bytes; smaller blocks cost more calls of numpy than they save"),
    Goal("columns: fixed to Arrow, against memcpy",    U.TIMES,        6,       4,
         "three passes for the columns, one for the lengths of rows, three for NULLs, and what a table of any size takes (see how the cost grows, of one row)"),
    Goal("columns: varchar to Arrow, validated",       U.RATIO,        25,      60,
         "finding where each row begins is a loop in Python; no faster scan was found"),
    Goal("invocation encoded: types known",            U.RATIO,        8,       10,
         "most of it is one pack of all the numbers, and the encode of the string"),
    Goal("invocation encoded: types inferred",         U.RATIO,        4,       6,
         "it is the encoder, as with known types, and finding the types of the values"),
    Goal("build 1,000 rows: bigint, integer, float",   U.RATIO,        4,       6),
    Goal("build 1,000 rows: 2 varchar + decimal mix",  U.RATIO,        4,       6,
         "DECIMAL takes more than its share: each value becomes a number of 128 bits"),
    Goal("calls: blocking",                            U.RATIO,        1.9,     2.2,
         "half of a call is a bare send and recv with a time-out ('of the limit')"),
    Goal("calls: asyncio, 3,000 in flight",            U.RATIO,        5,       8,
         "asyncio's own futures and gather are the largest part; the rest is spread over encoding, bookkeeping and the event loop"),
    Goal("scan: responses",                            U.RATIO,        35,      50,
         "just below it, see the spread"),
    Goal("scan: invocations",                          U.RATIO,        6,       10,
         "the name of the procedure is of any length, so each head takes an unpack, a decode and another unpack"),
    Goal("capture: pcapng to exchanges",               U.RATIO,        1.6,       6,
         "the peer only makes its objects of a packet's layers, with nothing done with them; ours includes order, damage, frames and pairing. The floor was 2 at first, which had no prototype"),
    Goal("capture: decode to summary",                 U.RATIO,        2.5,       10,
         "it checks each message, of clients as well, where the peer reads answers alone; the rest is reading events, see the rows above. The floor was 4 at first, which had no prototype"),
    Goal("mock: recorded answers",                     U.CALLS,        20_000,  30_000,
         "each call is parsed, looked up and kept for server.calls; calls a second of CPU move with the machine, see the spread"),
    Goal("proxy: recording",                           U.CALLS,        12_000,  20_000,
         "half of it is passing calls on, as the relay of a few lines does; calls a second of CPU move with the machine, see the spread"),
    Goal("proxy: added p99 at 1 k calls/s",            U.MICROSECONDS, 300,     200,
         "it is told beside that of a plain relay, which on a busy machine is late as well"),
    Goal("replay: as fast as possible",                U.CALLS,        15_000,  30_000,
         "calls a second of CPU move with the machine, see the spread"),
    Goal("replay: own lag, p99 of 3,750 calls/s",      U.MICROSECONDS, 2_000,   500,
         "the machine had no room: see the bare timer"),
    Goal("start: --help against python -c pass",       U.TIMES,        5,       4.2,
         "most of it is the import of click ('of the limit')"),
    Goal("start: first line of decode",                U.MILLISECONDS, 250,     150,
         "imports are most of it, among them making the classes of the declarations"),
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
