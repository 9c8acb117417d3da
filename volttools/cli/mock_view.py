"""What `volttools mock` shows and logs: calls as they are answered, faults, and a summary."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from volttools.cli import say
from volttools.cli.options import make_console

if TYPE_CHECKING:
    from volttools.mock import MockServer
    from volttools.mock.calls import Call
    from volttools.mock.figures import Snapshot
    from volttools.mock.reloading import Reloading
    from volttools.protocol.events import Exchange

MOST_WAITING: Final = 100_000
MOST_WAITING_BYTES: Final = 64 * 2**20
"""So many calls, and so much of them, may wait to be shown and logged, as where nobody reads what is printed;
others are counted only by the server."""

MOST_BUGS_SAID: Final = 100
"""So many different failures of handlers are said."""

DRAWN_EVERY_S: Final = 0.25


class View:
    """What is shown and logged while it runs, and in the end."""

    def __init__(self, options: dict[str, Any]) -> None:
        from volttools.mock.figures import Figures

        self._options = options
        self._waiting: queue.SimpleQueue[tuple[Call, bytes] | str | None] = queue.SimpleQueue()
        self._figures = Figures()
        self._not_taken = 0
        self._bugs_said: set[str] = set()
        # Each is written by one thread only.
        self._bytes_taken = self._bytes_shown = 0
        self._log: IO[bytes] | None = None
        self._is_over = False
        for_ns = options["for_ns"]
        self._ends_at = float("inf") if for_ns is None else time.monotonic() + for_ns / 10**9
        self._prints_calls = not (options["quiet"] or options["as_data"] or options["log"] == "-")
        self._is_live = self._prints_calls and sys.stdout.isatty()

    def __enter__(self) -> View:
        if self._options["log"] == "-":
            self._log = sys.stdout.buffer
        elif self._options["log"] is not None:
            self._log = Path(self._options["log"]).open("wb")  # closed by `__exit__`
        if self._log is not None:
            from volttools.jsonlines.lines import capture_line

            self._write(self._log, capture_line(["volttools mock"]))
        if self._prints_calls and not self._is_live:
            self._prepare_lines()
        return self

    def __exit__(self, *_: object) -> None:
        if self._log is not None and self._options["log"] != "-":
            self._log.close()

    # ------------------------------------------------- in the server's thread

    def take(self, call: Call, frame: bytes) -> None:
        """Take a call that was answered; this must not wait."""
        waiting = self._bytes_taken - self._bytes_shown
        if self._waiting.qsize() < MOST_WAITING and waiting < MOST_WAITING_BYTES:
            self._bytes_taken += call.size + len(frame)
            self._waiting.put((call, frame))
        else:
            self._not_taken += 1

    def take_fault(self, text: str) -> None:
        """Take a fault that was injected."""
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put(text)

    def end(self) -> None:
        """Let it end; called by a signal."""
        self._waiting.put(None)

    # --------------------------------------------------------------- showing

    def tell_where(self, server: MockServer) -> None:
        """Say where it listens, at once."""
        made_ca = self._options["tls"] and not self._options["cert"]
        if made_ca and self._options["ca_out"] is not None:
            Path(self._options["ca_out"]).write_bytes(server.ca_pem)
        control = None if self._options["no_control"] else server.control_url
        if self._options["as_data"]:
            nodes = [
                {"host": node.host, "port": node.port, "admin_port": node.admin_port} for node in server.nodes
            ]
            found: dict[str, Any] = {"kind": "listening", "nodes": nodes, "control_url": control}
            if made_ca:
                found["ca_pem"] = server.ca_pem.decode()
            self._write(sys.stdout.buffer, found)
            return
        say(f"listening on {', '.join(f'{node.host}:{node.port}' for node in server.nodes)}")
        admin = [f"{node.host}:{node.admin_port}" for node in server.nodes if node.admin_port is not None]
        if admin:
            say(f"for administrators on {', '.join(admin)}")
        if control is not None:
            say(f"control on {control}")
        if made_ca:
            where = self._options["ca_out"]
            say("clients must trust this authority:" if where is None else f"clients must trust {where}")
            if where is None:
                click.echo(server.ca_pem.decode(), err=True, nl=False)

    def show(self, server: MockServer, reloading: Reloading) -> None:
        """Show what happens until it is over."""
        if self._is_live:
            self._show_live(server, reloading)
            return
        from volttools.mock.reloading import LOOK_S

        look_at = time.monotonic() + LOOK_S
        while not self._is_over and (now := time.monotonic()) < self._ends_at:
            with contextlib.suppress(queue.Empty):
                self._one(self._waiting.get(timeout=max(0.0, min(look_at, self._ends_at) - now)))
            if time.monotonic() >= look_at:
                for told in reloading.look():
                    self._told(told)
                look_at = time.monotonic() + LOOK_S

    def _show_live(self, server: MockServer, reloading: Reloading) -> None:
        from volttools.mock.reloading import LOOK_S
        from volttools.mock.screen import screen_lines
        from volttools.render.keys import Keys
        from volttools.render.live import LiveLines
        from volttools.render.styles import sign

        console = make_console(self._options["color"], self._options["width"])
        live = LiveLines(console)
        look_at = 0.0
        with Keys(live.stop, live.start) as keys, live:
            while not self._is_over and not keys.is_ended and time.monotonic() < self._ends_at:
                self._drain()
                if time.monotonic() >= look_at:
                    for told in reloading.look():
                        self._told(told)
                    look_at = time.monotonic() + LOOK_S
                ellipsis = sign(console, "ellipsis")
                lines = screen_lines(self.snapshot(server), console.width, ellipsis, has_keys=keys.are_there)
                live.draw(lines)
                for key in keys.read(DRAWN_EVERY_S):
                    self._press(key, server)

    def _press(self, key: str, server: MockServer) -> None:
        from volttools.errors import UsageError

        if key == "q":
            self._is_over = True
        elif key.isdigit() and len(server.nodes) > 1 and 1 <= int(key) <= len(server.nodes):
            node = server.nodes[int(key) - 1]
            try:
                if node.is_up:
                    server.stop_node(node.index)
                else:
                    server.start_node(node.index)
            except UsageError as error:
                self._figures.say(str(error))

    def snapshot(self, server: MockServer) -> Snapshot:
        """How it is."""
        from volttools.mock.figures import NodeFigures, Snapshot

        figures = self._figures
        unmatched = server.unmatched
        return Snapshot(
            nodes=[
                NodeFigures(number=node.index, address=f"{node.host}:{node.port}", is_up=node.is_up)
                for node in server.nodes
            ],
            open=len(server.connections),
            connections=server.connection_count,
            calls=figures.calls,
            calls_per_s=figures.calls_per_s(time.monotonic()),
            errors=figures.errors,
            misses=0 if unmatched is None else unmatched.count,
            faults=len(server.faults.log),
            procedures=dict(figures.procedures),
            said=figures.said,
            control_url=None if self._options["no_control"] else server.control_url,
        )

    def finish(self) -> None:
        """Show what is left, as everything has ended."""
        self._drain()
        if self._not_taken:
            say(f"{self._not_taken:,} calls came faster than they could be shown and logged")

    def tell(self, found: Snapshot, *, misses: int) -> int:
        """The summary, with the misses that there were up to the end; gives the exit status."""
        from volttools.mock.screen import summary_lines

        figures = self._figures
        found = dataclasses.replace(
            found,
            calls=figures.calls,
            errors=figures.errors,
            misses=misses,
            procedures=dict(figures.procedures),
        )
        if self._options["as_data"]:
            self._write(sys.stdout.buffer, found.as_json())
        elif not self._options["quiet"]:
            for line in summary_lines(found):
                say(line)
        has_missed = self._options["strict"] and found.misses
        return 1 if has_missed or (self._log is not None and self._not_taken) else 0

    # ---------------------------------------------------------------- within

    def _prepare_lines(self) -> None:
        from volttools.render.cells import LineWriter
        from volttools.render.lines import LineRenderer

        console = make_console(self._options["color"], self._options["width"])
        self._lines = LineRenderer(console, one_line=self._options["width"] is None, width=console.width)
        self._writer = LineWriter(console, immediate=False)
        self._has_header = False

    def _drain(self) -> None:
        while not self._waiting.empty():
            self._one(self._waiting.get())

    def _one(self, item: tuple[Call, bytes] | str | None) -> None:
        from volttools.jsonlines.lines import exchange_line
        from volttools.mock.exchanges import exchange_of

        if item is None:
            self._is_over = True
            return
        if isinstance(item, str):
            self._told(item)
            return
        exchange = exchange_of(*item)
        self._bytes_shown += item[0].size + len(item[1])
        self._figures.take(exchange, time.monotonic())
        self._say_bug(item[0], exchange)
        if self._log is not None:
            self._write(self._log, exchange_line(exchange))
        if self._options["as_data"] and not self._options["quiet"]:
            self._write(sys.stdout.buffer, exchange_line(exchange))
        if self._prints_calls and not self._is_live:
            if not self._has_header:
                self._writer.write(self._lines.header())
                self._has_header = True
            for line in self._lines.lines(exchange):
                self._writer.write(line)
            if self._waiting.empty():
                self._flush()

    def _say_bug(self, call: Call, exchange: Exchange) -> None:
        """Say, once, what a handler raised that it didn't mean to, or returned that is no answer."""
        from volttools.formats.response import UNEXPECTED_FAILURE

        if self._is_live or call.exception is None or call.status != UNEXPECTED_FAILURE:
            return
        response = exchange.response
        text = f"{call.procedure}: {(response and response.status_string) or call.exception}"
        if text not in self._bugs_said and len(self._bugs_said) < MOST_BUGS_SAID:
            self._bugs_said.add(text)
            say(" ".join(text.split()))

    def _told(self, text: str) -> None:
        """Say something that isn't a call."""
        if self._is_live:
            self._figures.say(text)
        else:
            say(text)

    def _flush(self) -> None:
        self._writer.flush()
        sys.stdout.flush()

    def _write(self, out: IO[bytes], line: dict[str, Any]) -> None:
        from volttools.jsonlines.lines import line_bytes

        out.write(line_bytes(line))
        if self._waiting.empty():
            out.flush()
