"""`volttools mock`: a server that clients believe, for tests and for trying things out."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.ending import ended_by_signals
from volttools.cli.injecting import check_fault_options, fault_options, open_injector
from volttools.cli.options import (
    Command,
    Duration,
    Number,
    _ParamType,
    console_options,
    examples,
    keylog_option,
    option,
    together,
)

if TYPE_CHECKING:
    from volttools.mock import Passthrough, Tls

_HELP = """Be a VoltDB server for tests: answer as recorded, by functions, or as told over HTTP.

Clients, in whatever language, connect, log in, learn the topology and call. A call with the procedure
and the parameters of a recorded one gets the recorded response; one that nothing answers, a miss, fails
with a text that says what there is. A FILE is a capture; of a DIR all captures are taken. Without any,
answers are those of --handlers and of the control.

The control is HTTP with JSON on loopback: tests in any language add answers, read calls, stop nodes, and
a browser shows calls and misses; docs/control.md tells more.

Captures and handlers that change are read again; connections stay. On a terminal a view goes on, with the
keys q to quit and 1 .. 9 to stop or start a node; otherwise calls are printed as `volttools decode` does.
Ctrl-C, SIGTERM and SIGHUP end it, with a summary. Exit status: 0; 1 with --strict, if there were misses, or
calls could not all be logged; 2 could not run, as where the port is taken.
"""

_MORE = """\b
Until Ctrl-C:
  $ volttools mock recorded.pcapng --strict --log calls.jsonl
  $ volttools mock --nodes 3 --handlers handlers.py --schema votes.sql
  $ volttools mock --cassette votes.cassette --record new --passthrough db1
  $ volttools mock --tls --user op --password-file secret.txt

docs/mock.md tells more, and how to do it in a Python test."""


class Latency(_ParamType):
    """ "recorded", or a factor."""

    name = "latency"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | float:
        if value in ("none", "recorded"):
            return str(value)
        try:
            factor = float(value)
        except ValueError:
            factor = -1.0
        if not 0 <= factor < float("inf"):
            self.fail(f"{value!r} is neither recorded nor a factor such as 2", param, ctx)
        return factor


_addresses = together(
    option("Server", "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where it listens; 0.0.0.0 lets other machines in. With --nodes, an address for all, or one each, with commas."),
    option("Server", "--port", type=Number(0, 65535), default=21212, show_default=True, metavar="N", help="Its port; 0 takes a free one. Further nodes have the ports behind it."),
    option("Server", "--nodes", type=Number(1, 64), default=1, show_default=True, metavar="N", help="A cluster of so many nodes."),
    option("Server", "--partitions", type=Number(1, 1024), metavar="N", help="How many partitions it has.  [default: those of the capture, else one a node]"),
    option("Server", "--admin-port", type=Number(0, 65535), metavar="N", help="Listen there as well, as for administrators; of further nodes, on the ports behind it."),
    option("Server", "--for", "for_ns", type=Duration(), metavar="TIME", help="End after so long."),
)  # fmt: skip

_logins = together(
    option("Log-in", "--user", "users", multiple=True, metavar="NAME[:PASSWORD]", help="Let in only these; may be repeated. Without a password here, it is that of --password-file or VOLTTOOLS_PASSWORD. Without --user and --users everybody is let in."),
    option("Log-in", "--password-file", metavar="FILE", help="The password is the first line of that file."),
    option("Log-in", "--users", "users_file", metavar="FILE", help="Let in those of that file: NAME:PASSWORD in each line."),
)  # fmt: skip

_tls = together(
    option("TLS", "--tls", is_flag=True, help="Clients speak TLS. Without --cert a certificate is made on the spot, and the authority that clients must trust is printed. Needs the extra tls."),
    option("TLS", "--ca-out", metavar="FILE", help="Write that authority there, in PEM, instead of printing it."),
    option("TLS", "--cert", metavar="FILE", help="The certificate: PEM, with its chain and, without --key, its key. Implies --tls."),
    option("TLS", "--key", metavar="FILE", help="The key of --cert."),
    option("TLS", "--client-ca", metavar="FILE", help="Clients must show a certificate of an authority in that file. Implies --tls."),
)  # fmt: skip

_answers = together(
    option("Answers", "--handlers", metavar="FILE.py", help="A Python file whose functions answer the procedures of their names; docs/mock.md has more."),
    option("Answers", "--schema", metavar="FILE.sql", help="DDL: its tables and procedures are in the catalog, parameters are checked, and tables have their default procedures; docs/schema.md."),
    option("Answers", "--read-only", multiple=True, metavar="PATTERN", help="Recorded procedures, and those of --handlers, that only read, says the catalog then, to `volttools replay` too; * and ? stand for anything; may be repeated."),
    option("Answers", "--cassette", metavar="FILE", help="Answer from a cassette, and record into it as --record says; docs/cassettes.md."),
    option("Answers", "--record", type=click.Choice(["none", "once", "new", "new_episodes", "all"]), default="none", show_default=True, help="Which answers of --passthrough go into --cassette: none; once, if there is no such file; new, those that it doesn't have, also called new_episodes; all."),
    option("Answers", "--passthrough", metavar="HOST[:PORT]", help="Ask that server what nothing here answers. User, password and TLS are those of the environment and the profile."),
    option("Answers", "--profile", metavar="NAME", help="The profile for --passthrough."),
    option("Answers", "--latency", type=Latency(), default="none", metavar="recorded|FACTOR", help="Give recorded answers as late as they were recorded, or so many times as late; by default at once."),
    option("Answers", "--strict", is_flag=True, help="Exit status 1 if nothing answered some call, and say which."),
    keylog_option,
    fault_options("Answers"),
)  # fmt: skip

_control = together(
    option("Control", "--control-port", type=Number(0, 65535), default=0, metavar="N", help="The port of the control.  [default: a free one]"),
    option("Control", "--control-host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where it listens. Who reaches it can read and change everything."),
    option("Control", "--no-control", is_flag=True, help="Have none."),
)  # fmt: skip

_views = together(
    option("View", "--log", metavar="FILE|-", help="Write calls there, as they are answered: JSON lines that every command reads as a capture. A file that is there is written over."),
    option("View", "-q", "--quiet", is_flag=True, help="Show nothing while it runs, but where it listens and trouble."),
    option("View", "--json", "as_data", is_flag=True, help="Print JSON: an object with the ports, one a call, and a summary."),
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples("volttools mock captures/demo.pcap --port 0 --for 100ms --json", more=_MORE),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR]...", type=click.Path(allow_dash=True))
@_addresses
@_answers
@_control
@_logins
@_tls
@_views
@console_options
def command(files: tuple[str, ...], **options: Any) -> int:
    from volttools.cli.mock_view import View
    from volttools.mock import MockServer
    from volttools.mock.reloading import Reloading
    from volttools.mock.users import users_of

    _check(options)
    if options["no_control"]:  # with it, faults can be added while it runs
        check_fault_options(options)
    users = users_of(
        options["users"],
        file=options["users_file"],
        password_file=options["password_file"],
        environment=os.environ,
    )
    played = _played(files, options)
    reloading = Reloading(
        files,
        options["handlers"],
        keylog=options["keylog"] or None,
        read_only=options["read_only"],
        latency=options["latency"],
    )
    hosts = options["host"].split(",")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_silent_log())
        view = stack.enter_context(View(options))
        injector, fault_log = open_injector(options, view.take_fault)
        stack.enter_context(fault_log)
        server = MockServer(
            host=hosts[0] if len(hosts) == 1 else hosts,
            port=options["port"],
            nodes=options["nodes"],
            partitions=options["partitions"],
            admin_port=options["admin_port"],
            users=users,
            tls=_tls_of(options),
            faults=injector,
            recording=reloading.recording,
            schema=None if options["schema"] is None else Path(options["schema"]),
            passthrough=_passthrough(options),
            **played,
            control_port=None if options["no_control"] else options["control_port"],
            control_host=options["control_host"],
        )
        reloading.serve(server)
        server.watch(view.take)
        with ended_by_signals(view.end), server:
            view.tell_where(server)
            view.show(server, reloading)
            found = view.snapshot(server)
        view.finish()
        unmatched = server.unmatched
        if options["strict"] and unmatched is not None:
            say(str(unmatched))
        return view.tell(found, misses=0 if unmatched is None else unmatched.count)


@contextlib.contextmanager
def _silent_log() -> Iterator[None]:
    """Misses are shown here, so that Python needn't print them as warnings that nobody handles."""
    handler = logging.NullHandler()
    log = logging.getLogger("volttools.mock")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _check(options: dict[str, Any]) -> None:
    """Options that don't go together."""
    if options["key"] and not options["cert"]:
        raise click.UsageError("--key needs --cert")
    if options["ca_out"] and (options["cert"] or not options["tls"]):
        raise click.UsageError("--ca-out is for the authority that is made by --tls without --cert")
    if options["password_file"] and all(":" in user for user in options["users"]):
        raise click.UsageError("--password-file is for a --user without a password")
    if options["as_data"] and options["log"] == "-":
        raise click.UsageError("--json prints calls already: give --log a file, or leave one of them out")


def _played(files: tuple[str, ...], options: dict[str, Any]) -> dict[str, Any]:
    """What is said of a cassette, for `MockServer`."""
    if options["cassette"] is None:
        if options["record"] != "none":
            raise click.UsageError("--record is about a --cassette")
        return {}
    if files:
        raise click.UsageError(
            "--cassette and FILE don't go together: a cassette can be a FILE, to be played alone"
        )
    from volttools.cassettes.modes import RecordMode

    cassette, mode = options["cassette"], options["record"]
    is_new = not Path(cassette).exists()
    if is_new and mode == "none":
        raise click.UsageError(f"there is no cassette {cassette}; --record once --passthrough HOST makes one")
    if RecordMode.of(mode).records(is_new=is_new) and options["passthrough"] is None:
        raise click.UsageError(
            f"--record {mode} asks a real server what {cassette} doesn't have: give its address with --passthrough HOST"
        )
    return {"cassette": cassette, "record_mode": mode, "latency": options["latency"]}


def _passthrough(options: dict[str, Any]) -> Passthrough | None:
    target = options["passthrough"]
    if target is None:
        if options["profile"] is not None:
            raise click.UsageError("--profile is for --passthrough")
        return None
    from volttools.client.connection_settings import ConnectionSettings
    from volttools.mock import Passthrough

    settings = ConnectionSettings.of(target, profile=options["profile"])
    return Passthrough(
        target=target,
        user=settings.user,
        password=settings.password(),
        ssl_context=settings.ssl_context(),
    )


def _tls_of(options: dict[str, Any]) -> Tls | bool:
    if not (options["tls"] or options["cert"] or options["client_ca"]):
        return False
    from volttools.mock import Tls

    return Tls(certfile=options["cert"], keyfile=options["key"], client_ca=options["client_ca"])
