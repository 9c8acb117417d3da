"""What commands that make the calls of a capture again share: when, which, and how far it is."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.connecting import Seconds
from volttools.cli.options import Number, _ParamType, option, together
from volttools.cli.selecting import wants_of

if TYPE_CHECKING:
    from volttools.capture.reader import Capture
    from volttools.protocol.events import Event
    from volttools.replay.driver import Replay
    from volttools.replay.replaying import Wishes
    from volttools.replay.safety import Nature
    from volttools.replay.schedule import Pace, Schedule
    from volttools.replay.values import Rules

_NUMBER = re.compile(r"(\d+(?:\.\d+)?|\.\d+)x?")


class Factor(_ParamType):
    """A number such as 2x or 0.5."""

    name = "factor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = _NUMBER.fullmatch(value)
        if match is None or not 1e-6 <= float(match[1]) <= 1e6:
            self.fail(f"{value!r} is no speed; write 2x for twice as fast, or 0.5", param, ctx)
        return float(match[1])


pace_options = together(
    option("Load", "--speed", type=Factor(), metavar="FACTOR", help="So many times as fast as recorded, such as 2x or 0.5."),
    option("Load", "--rate", metavar="RATE", help="So many calls a second, whatever the recorded times: 5000/s; 100..5000:60s goes from one to the other within a minute; 1000:30s,2000:30s,5000 are steps."),
    option("Load", "--as-fast-as-possible", is_flag=True, help="Each call as soon as its order and --in-flight allow."),
)  # fmt: skip

limit_options = together(
    option("Filters", "--count", type=Number(min=1), metavar="N", help="End after so many calls."),
    option("Filters", "--for", "for_s", type=Seconds(), metavar="TIME", help="End after so long, such as 10min; calls that are under way are waited for."),
)  # fmt: skip

connections_options = together(
    option("Load", "--scale", type=Number(min=1), default=1, metavar="N", help="Each recorded connection so many times, all doing the same at the same times."),
    option("Load", "--connections", type=Number(min=1), metavar="N", help="So many connections, on which the recorded ones are put together."),
    option("Load", "--in-flight", type=Number(min=1), metavar="N", help="Calls that may be under way on a connection; more of them wait.  [default: 3000]"),
)  # fmt: skip

reconnect_option = option("Safety", "--reconnect", "reconnect_s", type=Seconds(), default="30s", metavar="TIME", show_default=True, help="Try so long to get back a connection that was lost.")  # fmt: skip

order_option = option("Load", "--order", type=click.Choice(["connection", "causal", "total", "none"]), default="connection", show_default=True, help="connection: calls leave in the order of their connection, and wait for no answer. causal: they wait for the answers that their client had seen, and think as long. total: one after the other. none: on any connection.")  # fmt: skip

allowing_options = together(
    option("Safety", "--writes", is_flag=True, help="Make calls that write, and those of which nobody knows."),
    option("Safety", "--ddl", is_flag=True, help="Make calls that change the schema."),
    option("Safety", "--admin", is_flag=True, help="Make calls that administer the server: @Shutdown, @Pause, @SnapshotSave ..."),
)  # fmt: skip

without_answers_option = option("Filters", "--without-answers", is_flag=True, help="Also a capture that has only what clients sent: nobody knows then what was answered, and what failed.")  # fmt: skip

map_option = option("Output", "--map", "map_file", metavar="FILE", help="Values that the server made, such as ids, and which later calls use: put those of the new server in their place. FILE has the rules; if it isn't there, they are found in the capture and written to it.")  # fmt: skip

capture_keylog_option = option("Input", "--capture-keylog", multiple=True, metavar="FILE", type=click.Path(), help="Decrypt the TLS of the capture with that key log; may be repeated.")  # fmt: skip


def check_pace(options: Mapping[str, Any]) -> None:
    """Raise UsageError for paces that don't go together."""
    paces = [
        f"--{name.replace('_', '-')}" for name in ("speed", "rate", "as_fast_as_possible") if options[name]
    ]
    if len(paces) > 1:
        raise click.UsageError(f"{' and '.join(paces)} don't go together: each says when calls are due")


def pace_of(options: Mapping[str, Any]) -> Pace:
    """When calls are due."""
    from volttools.replay.schedule import AsFastAsPossible, Rate, Speed

    if options["rate"] is not None:
        return Rate.of(options["rate"])
    return AsFastAsPossible() if options["as_fast_as_possible"] else Speed(options["speed"] or 1.0)


def allowed_of(options: Mapping[str, Any]) -> set[Nature]:
    """What calls may do besides reading."""
    from volttools.replay.safety import Nature

    natures = {"writes": Nature.WRITE, "ddl": Nature.DDL, "admin": Nature.ADMIN}
    return {nature for name, nature in natures.items() if options[name]}


def schedule_of(options: Mapping[str, Any]) -> Schedule:
    """When calls are made, and which."""
    from volttools.replay.schedule import Order, Schedule

    loops = options.get("loop")
    return Schedule(
        pace=pace_of(options),
        order=Order(options["order"]),
        loops=1 if loops is None else loops or None,
        scale=options["scale"],
        connections=options["connections"],
        most_calls=options["count"],
        until_ns=None if options["for_s"] is None else round(options["for_s"] * 1e9),
    )


def wishes_of(options: Mapping[str, Any], capture: Capture) -> Wishes:
    """Which calls are made, when, and what they may do."""
    from volttools.client.requests import DEFAULT_IN_FLIGHT
    from volttools.replay.replaying import Wishes

    schedule, wants, path = schedule_of(options), wants_of(options, capture), options["map_file"]
    return Wishes(
        schedule=schedule,
        allowed=allowed_of(options),
        wants=wants,
        without_answers=options["without_answers"],
        rules=None if path is None else map_rules(capture, path, wants),
        reconnect_s=options["reconnect_s"],
        most_in_flight=options["in_flight"] or DEFAULT_IN_FLIGHT,
    )


def map_rules(capture: Capture, path: str, wants: Callable[[Event], bool] | None) -> Rules:
    """The rules of --map: those of the file, or what is found in the capture."""
    from volttools.replay.finding import find_rules
    from volttools.replay.values import read_rules, write_rules
    from volttools.words import counted

    if os.path.exists(path):
        return read_rules(path)
    capture.make_repeatable()
    rules = find_rules(capture, wants)
    write_rules(path, rules)
    say(f"{counted(len(rules.rules), 'rule')} for values that the server made: written to {path}")
    return rules


class ReplayProgress:
    """A line on stderr, where that is a terminal; and what is said meanwhile."""

    EVERY_S = 0.5

    def __init__(self, total: int | None, *, is_wanted: bool) -> None:
        self._total = total
        self._is_on = is_wanted and sys.stderr.isatty()
        self._drawn_at = time.monotonic()
        self._sent = 0
        self._is_drawn = False

    def tick(self, replay: Replay, title: str = "") -> None:
        """Draw the line anew, some times a second. title   what is going on, if there is more than one"""
        now = time.monotonic()
        passed = now - self._drawn_at
        if not self._is_on or passed < self.EVERY_S:
            return
        from volttools.replay.report import progress_text

        rate = max(0, replay.measures.sent - self._sent) / passed
        self._drawn_at, self._sent = now, replay.measures.sent
        text = title + progress_text(replay, self._total, rate)
        sys.stderr.write(f"\r\x1b[K{_whole_parts(text, shutil.get_terminal_size().columns - 1)}")
        sys.stderr.flush()
        self._is_drawn = True

    def say(self, text: str) -> None:
        """Say something above the line."""
        self.clear()
        say(text)

    def clear(self) -> None:
        """Wipe the line."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_drawn = False


def _whole_parts(text: str, width: int) -> str:
    """As many parts of an enumeration as there is room for."""
    return text if len(text) <= width else text[: width + 1].rpartition(", ")[0] or text[:width]
