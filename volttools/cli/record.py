"""`volttools record`: a proxy between clients and servers that writes down what they say."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from volttools.cli.digest_page import EVERY_NS, DigestPage, Look
from volttools.cli.ending import ended_by_signals
from volttools.cli.injecting import check_fault_options, fault_options, open_injector
from volttools.cli.options import (
    Command,
    Duration,
    _ParamType,
    console_options,
    examples,
    keep_option,
    make_console,
    option,
    together,
)
from volttools.filters.units import read_duration, read_size

if TYPE_CHECKING:
    from ssl import SSLContext

    from volttools.capture.rewriting import Rewriter
    from volttools.hooks import Script
    from volttools.protocol.events import Event
    from volttools.record.proxy import Proxy
    from volttools.record.rotation import Rotation
    from volttools.stats.digest import Digest

MOST_WAITING_EVENTS: Final = 10_000
"""So many may wait for a terminal that is slower than the calls; others are not shown."""

_HELP = """Record what clients and servers say, as a proxy between them.

Clients, in whatever language, connect to where it listens; it connects to the server for each of them
and passes on every byte, whatever becomes of the recording. Half-closed connections, resets and slow
readers are passed on as they are.

The name of the output tells the format: .pcapng (what passed, as TCP streams with its addresses and
times in ns), .jsonl (calls, when they are answered), .dump (dump_files, one a connection). What passed
more than 100 ms ago is there, also after kill -9; with --sync each, all that passed. Where the disk is
full, that is said, clients notice nothing, and what is missing is marked in the recording.

Zeros stand for password hashes and Kerberos tokens unless --keep-login-hashes is given.

Ctrl-C, SIGTERM and SIGHUP end it, with a summary. Exit status: 0 all that passed was recorded; 1
something was not, or went wrong; 2 could not run.
"""

_MORE = """\b
Until Ctrl-C:
  $ volttools record --listen :21213 --to db1:21212 -o out.pcapng
  $ volttools record --listen :21213 --to db1 --listen :21214 --to db2 -o out.pcapng --rotate 1GB --keep 10
  $ volttools record --listen :21213 --to db1 --decode
  $ volttools record --listen :21213 --to db1 --digest
  $ volttools record --listen :21213 --to db1 -o - | wireshark -k -i -

docs/record.md tells more, and how to record in a Python test."""


class Limit(_ParamType):
    """A size or a time: 1GB, 10min; gives ("max_bytes" or "max_ns", number)."""

    name = "limit"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        size = read_size(value)
        if size:
            return "max_bytes", size
        time_ns = read_duration(value)
        if time_ns is None or time_ns <= 0:
            self.fail(f"{value!r} is neither a size such as 1GB nor a time such as 10min", param, ctx)
        return "max_ns", time_ns


_routes = together(
    option("Connections", "--listen", multiple=True, metavar="[HOST]:PORT", help="Where clients connect to: :21213 is 127.0.0.1:21213, and 0.0.0.0:21213 lets other machines in. Port 0 takes a free one, which is the default. May be repeated, with a --to for each."),
    option("Connections", "--to", "servers", multiple=True, required=True, metavar="HOST[:PORT]", help="The server; its port is 21212 by default."),
    option("Connections", "--for", "for_ns", type=Duration(), metavar="TIME", help="End after so long, such as 60, 1.5s or 5m."),
)  # fmt: skip

_tls = together(
    option("TLS", "--listen-tls", is_flag=True, help="Clients speak TLS. The certificate is signed by a CA that is made on first use and kept; its file, which clients must trust, is told. Needs the extra tls."),
    option("TLS", "--cert", metavar="FILE", help="Clients speak TLS, with this certificate: PEM, with its chain and, without --key, its key."),
    option("TLS", "--key", metavar="FILE", help="The key of --cert."),
    option("TLS", "--tls-dir", metavar="DIR", help="Where the CA of --listen-tls is kept.  [default: ~/.local/share/volttools]"),
    option("TLS", "--to-tls", is_flag=True, help="Servers speak TLS; their certificates must be good."),
    option("TLS", "--ca", metavar="FILE", help="With --to-tls: whom to trust, in PEM, in the place of whom the system trusts."),
    option("TLS", "--insecure", is_flag=True, help="With --to-tls: trust everyone."),
)  # fmt: skip

_outputs = together(
    option("Output", "-o", "--output", metavar="FILE", help="What is written; - is standard output (pcapng). Without it nothing is."),
    option("Output", "--format", "format", type=click.Choice(["pcapng", "json", "dump"]), help="The format, where the name of the output doesn't tell it."),
    option("Output", "--overwrite", is_flag=True, help="Write over a file that is there."),
    option("Output", "--sync", type=click.Choice(["soon", "each"]), default="soon", show_default=True, help="each: bytes are written before they are passed on. That costs time on the way."),
    option("Output", "--rotate", type=Limit(), multiple=True, metavar="SIZE|TIME", help="Go on in a new file, FILE-20260105T101112Z-0001 and so on, at a size such as 1GB or after a time such as 10min; may be given for both."),
    option("Output", "--keep", type=click.IntRange(min=1), metavar="N", help="Of rotated files keep N, and delete older ones, those of earlier runs too."),
    option("Output", "--gzip", "compress", is_flag=True, help="Compress rotated files when they are whole."),
)  # fmt: skip

_secrets = together(
    keep_option,
    option("Input", "--redact", metavar="FILE|all", help="Replace values as `volttools redact` does, before anything is written or shown: by the rules of a TOML file, or all. What can't be read is left out."),
    option("Input", "--key-file", metavar="FILE", help="The key for --redact; by default a random one."),
)  # fmt: skip

_changes = together(
    option("Changes", "--script", metavar="FILE.py", help="Call its on_exchange(exchange) with each call that ended, and its rewrite(message) with each message before it goes on, which may change it; docs/record.md has more."),
    option("Changes", "--rewrite-topology", is_flag=True, help="Give clients of a cluster the addresses of the listeners, where they ask for those of its nodes: otherwise they go around the proxy. Each node needs a --listen and a --to."),
    fault_options("Changes"),
)  # fmt: skip

_views = together(
    option("View", "--decode", is_flag=True, help="Print calls as `volttools decode` does, as they are answered."),
    option("View", "--digest", is_flag=True, help="Print a digest of the calls at the end, as `volttools stats` does, and when SIGUSR1 comes; on a terminal it is drawn anew every second. With --json as a line of JSON."),
    option("View", "-q", "--quiet", is_flag=True, help="Show nothing, neither while it runs nor in the end; trouble is still said. A pcapng costs a third less, as calls are not decoded."),
    option("View", "--json", "as_data", is_flag=True, help="Print the summary as JSON, on standard output."),
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples("volttools record --to 127.0.0.1:21212 --for 100ms --json", more=_MORE),
)
@_routes
@_tls
@_outputs
@_changes
@_secrets
@_views
@console_options
def command(**options: Any) -> int:
    from volttools.hooks import Script
    from volttools.record.proxy import Proxy, routes_of
    from volttools.record.recorder import Recorder

    _check(options)
    listen_tls, to_tls = _contexts(options)
    routes = routes_of(options["servers"], options["listen"], listen_tls=listen_tls, to_tls=to_tls)
    rewriter = None if options["redact"] is None else _redactor(options["redact"], options["key_file"])
    waiting: queue.SimpleQueue[Event | str | DigestPage | None] = queue.SimpleQueue()
    script = None if options["script"] is None else Script(options["script"], waiting.put)
    view = _View(options, waiting, script)
    recorder = Recorder(
        options["output"],
        to=options["format"],
        keep_login_hashes=options["keep_login_hashes"],
        rewriter=rewriter,
        rotation=_rotation(options),
        overwrite=options["overwrite"],
        writes_at_once=options["sync"] == "each",
        comment=None if rewriter is not None else _comment(options),
        decodes=not options["quiet"] or options["as_data"],
        on_event=view.take if options["decode"] or options["digest"] or script is not None else None,
        on_trouble=waiting.put,
    )
    _allow_many_connections()
    injector = None
    fault_log: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if options["faults"] is not None:
        injector, fault_log = open_injector(options, waiting.put)
    proxy = Proxy(
        routes=routes,
        recorder=recorder,
        rewrites=[script.rewrite] if script is not None and script.rewrites else [],
        rewrites_topology=options["rewrite_topology"],
        faults=injector,
    )
    with fault_log, view.shown_on_signal(), ended_by_signals(lambda: waiting.put(None)):
        with proxy:
            for here, route in zip(proxy.addresses, routes, strict=True):
                _say(f"listening on {here} for {route.to}")
            view.show(proxy)
        view.finish()
    return view.tell(proxy)


def _check(options: dict[str, Any]) -> None:
    """Raise UsageError for what doesn't go together."""
    for name in ("decode", "as_data", "digest"):
        if options["output"] == "-" and options[name]:
            shown = "json" if name == "as_data" else name
            raise click.UsageError(f"--{shown} and -o - don't go together: both want standard output")
    if options["digest"] and (options["decode"] or options["quiet"]):
        other = "decode" if options["decode"] else "quiet"
        raise click.UsageError(f"--digest and --{other} don't go together: give one of them")
    if options["decode"] and options["as_data"]:
        raise click.UsageError("--decode and --json don't go together: both want standard output")
    for name, needs in (("key", "cert"), ("tls_dir", "listen_tls"), ("ca", "to_tls"), ("insecure", "to_tls")):
        if options[name] and not options[needs]:
            raise click.UsageError(f"--{name.replace('_', '-')} needs --{needs.replace('_', '-')}")
    if options["listen_tls"] and options["cert"]:
        raise click.UsageError("--listen-tls makes a certificate, and --cert is one: give one of them")
    if options["output"] is None:
        for name in ("rotate", "keep", "compress", "overwrite", "format"):
            if options[name]:
                shown = "gzip" if name == "compress" else name
                raise click.UsageError(f"--{shown} is about what is written: give -o FILE too")
    if not options["rotate"] and (options["keep"] or options["compress"]):
        shown = "keep" if options["keep"] else "gzip"
        raise click.UsageError(
            f"--{shown} is about files that are rotated: give --rotate too, such as --rotate 1GB"
        )
    check_fault_options(options)
    if options["key_file"] is not None and options["redact"] is None:
        raise click.UsageError("--key-file is the key for --redact: give that too")
    if options["redact"] is not None and options["keep_login_hashes"]:
        raise click.UsageError("--redact and --keep-login-hashes don't go together")


def _contexts(options: dict[str, Any]) -> tuple[SSLContext | None, SSLContext | None]:
    """TLS towards clients and towards servers."""
    from volttools.record.addresses import address

    listen_tls = to_tls = None
    if options["cert"] or options["listen_tls"] or options["to_tls"]:
        from pathlib import Path

        from volttools.record import tls

        if options["cert"]:
            listen_tls = tls.server_context(options["cert"], options["key"])
        elif options["listen_tls"]:
            folder = Path(options["tls_dir"]) if options["tls_dir"] else tls.default_folder()
            hosts = [address(text).host for text in options["listen"]]
            listen_tls, ca = tls.own_context(hosts, folder)
            _say(f"clients must trust {ca}")
        if options["to_tls"]:
            to_tls = tls.client_context(ca_file=options["ca"], insecure=options["insecure"])
    return listen_tls, to_tls


def _rotation(options: dict[str, Any]) -> Rotation | None:
    from volttools.record.rotation import Rotation

    if not options["rotate"]:
        return None
    return Rotation(**dict(options["rotate"]), keep=options["keep"], compress=options["compress"])


def _redactor(rules: str, key_file: str | None) -> Rewriter:
    from volttools.redaction import keys
    from volttools.redaction.redactor import Redactor
    from volttools.redaction.rules import Rules, read_rules

    key = keys.random_key() if key_file is None else keys.read_key(key_file)
    return Redactor(Rules() if rules == "all" else read_rules(rules), key)


def _comment(options: dict[str, Any]) -> str:
    """The command line, as far as it holds no secrets."""
    words = ["volttools record"]
    words += [f"--listen {text}" for text in options["listen"]]
    words += [f"--to {text}" for text in options["servers"]]
    return " ".join([*words, f"-o {options['output']}"])


def _allow_many_connections() -> None:
    """Each takes two file descriptors, and systems allow 1,024 unless they are asked for more."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class _View:
    """What is shown while it runs, and in the end."""

    def __init__(
        self,
        options: dict[str, Any],
        waiting: queue.SimpleQueue[Event | str | DigestPage | None],
        script: Script | None,
    ) -> None:
        self._options = options
        self._script = script
        self._waiting = waiting
        self._not_shown = 0
        self._digest: Digest | None = None
        self._page: DigestPage | None = None
        if options["digest"]:
            self._begin_digest()
        draws_digest = options["digest"] and sys.stdout.isatty()
        self._is_live = (
            sys.stderr.isatty() and not options["quiet"] and not options["decode"] and not draws_digest
        )
        for_ns = options["for_ns"]
        self._ends_at = None if for_ns is None else time.monotonic() + for_ns / 10**9
        if options["decode"]:
            self._prepare_lines()

    def take(self, event: Event) -> None:
        """Take an event, from the thread that relays: it must not wait."""
        if self._script is not None:
            self._script.event(event)
        if not self._options["decode"] and self._digest is None:
            return
        if self._waiting.qsize() < MOST_WAITING_EVENTS:
            self._waiting.put(event)
        else:
            self._not_shown += 1

    def show(self, proxy: Proxy) -> None:
        """Show what happens until it is over."""
        if not self._is_live:
            self._wait(None)
            return
        from rich.console import Console

        from volttools.record.screen import Screen

        with Screen(Console(stderr=True, highlight=False), proxy.snapshot) as screen:
            self._wait(screen)

    def _wait(self, screen: Any) -> None:
        while True:
            left = None if self._ends_at is None else self._ends_at - time.monotonic()
            if left is not None and left <= 0:
                return
            pause = 0.25 if screen is not None or self._page is not None else 3600.0
            try:
                item = self._waiting.get(timeout=pause if left is None else min(pause, left))
            except queue.Empty:
                pass
            else:
                if item is None:
                    return
                self._one(item)
            if screen is not None:
                screen.draw()
            if self._page is not None:
                self._page.draw()

    def finish(self) -> None:
        """Show what is left, as everything has ended."""
        while not self._waiting.empty():
            item = self._waiting.get()
            if item is not None:
                self._one(item)
        if self._page is not None:
            self._page.close()
        if self._not_shown:
            what = "shown" if self._digest is None else "counted"
            _say(f"{self._not_shown:,} events came faster than they could be {what}; they are recorded")

    def tell(self, proxy: Proxy) -> int:
        """The summary; gives the exit status."""
        from volttools.record.screen import summary_lines

        found = proxy.snapshot()
        if self._page is not None:
            self._page.print()
            sys.stdout.flush()
        if self._options["as_data"]:
            click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        elif not self._options["quiet"]:
            for line in summary_lines(found):
                _say(line)
        return 1 if found.lost_bytes or found.failures else 0

    def _prepare_lines(self) -> None:
        from volttools.render.cells import LineWriter
        from volttools.render.lines import LineRenderer

        console = make_console(self._options["color"], self._options["width"])
        one_line = self._options["width"] is None and not sys.stdout.isatty()
        self._lines = LineRenderer(console, one_line=one_line, width=console.width)
        self._writer = LineWriter(console, immediate=False)
        self._writer.write(self._lines.header())

    def _begin_digest(self) -> None:
        from volttools.stats.digest import Digest

        options = self._options
        output = options["output"]
        look = Look(
            files=[] if output is None else [output],
            as_json=options["as_data"],
            can_repeat=output is not None and not options["rotate"] and options["format"] in (None, "pcapng"),
            color=options["color"],
            width=options["width"],
        )
        self._digest = Digest()
        self._page = DigestPage(self._digest, look, every_ns=EVERY_NS if not look.as_json else None)

    @contextlib.contextmanager
    def shown_on_signal(self) -> Iterator[None]:
        """Let SIGUSR1 print the digest of what came so far."""
        page = self._page
        if page is None or not hasattr(signal, "SIGUSR1"):
            yield
            return
        before = signal.signal(signal.SIGUSR1, lambda number, frame: self._waiting.put(page))
        try:
            yield
        finally:
            signal.signal(signal.SIGUSR1, before)

    def _one(self, item: Event | str | DigestPage) -> None:
        if isinstance(item, str):
            _say(item)
        elif isinstance(item, DigestPage):
            if not item.is_drawn:
                item.print()
                sys.stdout.flush()
        elif self._digest is not None:
            self._digest.add(item)
        else:
            self._print_lines(item)

    def _print_lines(self, event: Event) -> None:
        for line in self._lines.lines(event):
            self._writer.write(line)
        if self._waiting.empty():
            self._writer.flush()
            sys.stdout.flush()


def _say(text: str) -> None:
    click.echo(f"volttools: {text}", err=True)
