"""What commands that call a server share: how they connect, and as whom."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from volttools.cli import say
from volttools.cli.options import Duration, keep_option, option, together

if TYPE_CHECKING:
    from ssl import SSLContext

    from volttools.client import Client
    from volttools.client.tap import Tap

F = TypeVar("F", bound=Any)

CONNECT_S = 10.0
"""Seconds for each address, with the log-in, unless --timeout is shorter."""

_NUMBER = re.compile(r"\d+(\.\d*)?")


class Seconds(Duration):
    """A time such as 500ms; a number alone is seconds. Gives seconds, more than 0."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, float):
            return value
        seconds = super().convert(f"{value}s" if _NUMBER.fullmatch(value) else value, param, ctx) / 1e9
        if not seconds:
            self.fail(f"{value!r} is no time at all; write 2, 1.5s or 500ms", param, ctx)
        return seconds


hosts_option = option("Connection", "-H", "--host", "hosts", multiple=True, metavar="HOST[:PORT]", help="The server; its port is 21212 by default. Several, repeated or with commas, are tried in turn. [default: VOLTTOOLS_HOST, else localhost]")  # fmt: skip

login_options = together(
    option("Connection", "--user", metavar="NAME", help="Whom to log in as.  [default: VOLTTOOLS_USER, else nobody]"),
    option("Connection", "--password", "asks_for_password", is_flag=True, help="Ask for the password. Without this it is that of VOLTTOOLS_PASSWORD."),
    option("Connection", "--password-file", metavar="FILE", help="The password is the first line of that file."),
    option("Connection", "--timeout", type=Seconds(), metavar="TIME", help="So long a call, and connecting, may take, such as 5, 1.5s or 500ms.  [default: 10s to connect, 120s for a call]"),
    option("TLS", "--tls", is_flag=True, help="The server speaks TLS; the other options of TLS imply it."),
    option("TLS", "--ca", "--trust-store", "trust_store", metavar="FILE", help="Who vouches for the server: PEM, PKCS12 or JKS, in the place of whom the system trusts. The password of a store is VOLTTOOLS_TRUST_STORE_PASSWORD."),
    option("TLS", "--key-store", metavar="FILE", help="Who the client is: PEM, PKCS12 or JKS with a private key. Its password is VOLTTOOLS_KEY_STORE_PASSWORD."),
    option("TLS", "--ssl-config", metavar="FILE", help="The property file of the official clients, which names both stores."),
)  # fmt: skip

tap_options = together(
    option("Recording", "--tap", metavar="FILE", help="Record what passes; the name tells the format: .pcapng, .jsonl, .dump."),
    option("Recording", "--dump", metavar="FILE", help="Record what passes as a dump_file, whatever its name."),
    option("Recording", "--overwrite", is_flag=True, help="Write over a file that is there."),
    keep_option,
)  # fmt: skip


def connected(options: Mapping[str, Any], hosts: Sequence[str] = (), **settings: Any) -> Client:
    """A client, by the options above; `hosts` where they are arguments.

    Raises UsageError, LoginRefused, CannotConnect.
    """
    connect = connector(options, hosts, **settings)
    tap = _tap(options)
    try:
        return connect(tap)
    except BaseException:
        if tap is not None:
            tap.close()
        raise


def connector(
    options: Mapping[str, Any], hosts: Sequence[str] = (), **settings: Any
) -> Callable[[Tap | None], Client]:
    """What connects, as often as it is called: the password is asked for, and files are read, once.

    Raises UsageError; what it gives LoginRefused, CannotConnect.
    """
    timeout = options["timeout"]
    password = _password(options)
    context = _ssl_context(options)
    if timeout is not None:
        settings["timeout"] = timeout

    def connect_once(tap: Tap | None) -> Client:
        from volttools.client import connect

        return connect(
            list(hosts or options.get("hosts") or ()) or None,
            user=options["user"],
            password=password,
            ssl_context=context,
            connect_timeout=CONNECT_S if timeout is None else min(CONNECT_S, timeout),
            tap=tap,
            **settings,
        )

    return connect_once


def _password(options: Mapping[str, Any]) -> str | None:
    """The password that is asked for, or in the file; None: the environment's."""
    file = options["password_file"]
    if options["asks_for_password"]:
        if file is not None:
            raise click.UsageError("--password asks for what --password-file has: give one of them")
        return _asked()
    if file is None:
        return None
    try:
        with open(file, encoding="utf-8") as stream:
            return stream.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is no text in UTF-8, so it holds no password") from None


def _asked() -> str:
    """The password as it is typed; UsageError where it would be seen, as there is no terminal."""
    import getpass
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            answer: str = click.prompt("Password", hide_input=True, err=True, default="", show_default=False)
        except getpass.GetPassWarning:
            raise click.UsageError(
                "--password asks on a terminal, and there is none: use --password-file or VOLTTOOLS_PASSWORD"
            ) from None
    return answer


def _ssl_context(options: Mapping[str, Any]) -> SSLContext | None:
    stores = {name: options[name] for name in ("trust_store", "key_store", "ssl_config")}
    if not options["tls"] and not any(stores.values()):
        return None
    from volttools.client.tls import make_context

    return make_context(**stores)


def _tap(options: Mapping[str, Any]) -> Tap | None:
    tap, dump = options.get("tap"), options.get("dump")
    file = tap if dump is None else dump
    if file is None:
        for name in ("overwrite", "keep_login_hashes"):
            if options.get(name):
                raise click.UsageError(
                    f"--{name.replace('_', '-')} is about what is recorded: give --tap FILE or --dump FILE too"
                )
        return None
    if tap is not None and dump is not None:
        raise click.UsageError(
            "--tap and --dump don't go together: `volttools convert` makes one of the other"
        )
    if os.path.exists(file) and not options["overwrite"]:
        raise click.UsageError(f"{file} exists; give --overwrite to write over it")
    from volttools.client.tap import Tap

    return Tap(
        file,
        format=None if dump is None else "dump",
        keep_login_hashes=options["keep_login_hashes"],
        on_trouble=say,
    )
