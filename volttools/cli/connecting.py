"""What commands that call a server share: how they connect, and as whom."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from volttools.cli import say
from volttools.cli.options import Duration, keep_option, option, together

if TYPE_CHECKING:
    from volttools.client import Client
    from volttools.client.connection_settings import ConnectionSettings
    from volttools.client.tap import Tap

F = TypeVar("F", bound=Any)


class Seconds(Duration):
    """A time such as 500ms; a number alone is seconds. Gives seconds, more than 0."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, float):
            return value
        seconds = super().convert(value, param, ctx) / 1e9
        if not seconds:
            self.fail(f"{value!r} is no time at all; write 2, 1.5s or 500ms", param, ctx)
        return seconds


hosts_option = option("Connection", "-H", "--host", "hosts", multiple=True, metavar="HOST[:PORT]", help="The server; its port is 21212 by default. Several, repeated or with commas, are tried in turn. [default: localhost]")  # fmt: skip

same_hosts_option = option("Connection", "-H", "--host", "hosts", multiple=True, metavar="HOST[:PORT]", help="The same as HOST behind the command, as `volttools call` has it.")  # fmt: skip
"""Where the host is an argument, too: whoever has typed -H for other commands need not think."""

_KEYS = (
    "user",
    "password_file",
    "hash",
    "kerberos",
    "principal",
    "service",
    "timeout",
    "tls",
    "trust_store",
    "key_store",
    "key_certificate",
    "ssl_config",
    "ciphers",
    "keylog",
    "dangerous_any_host_name",
    "dangerous_any_certificate",
)
"""Options that are settings, by their keys."""

login_options = together(
    option("Connection", "--profile", metavar="NAME", help="Take what isn't given here, nor in the environment, from that profile; `volttools settings` shows it.  [default: VOLTTOOLS_PROFILE, else the one called default]"),
    option("Connection", "--user", metavar="NAME", help="Whom to log in as.  [default: nobody]"),
    option("Connection", "--password", "asks_for_password", is_flag=True, help="Ask for the password. Without this it is that of VOLTTOOLS_PASSWORD or the profile."),
    option("Connection", "--password-file", metavar="FILE", help="The password is the first line of that file."),
    option("Connection", "--hash", "hash", type=click.Choice(["sha256", "sha1"]), help="What is sent of the password; sha1 for servers that know nothing newer.  [default: sha256]"),
    option("Connection", "--timeout", type=Seconds(), metavar="TIME", help="So long a call, and connecting, may take, such as 5, 1.5s or 500ms.  [default: 10s to connect, 120s for a call]"),
    option("Kerberos", "--kerberos/--no-kerberos", default=None, help="Log in with the ticket that kinit got. Needs the extra kerberos."),
    option("Kerberos", "--principal", metavar="NAME", help="Whose ticket, such as alice@EXAMPLE.COM; by default that of the ticket cache."),
    option("Kerberos", "--service", metavar="NAME", help="The principal that the server must be, such as volt/db1@EXAMPLE.COM; by default the one that it names."),
    option("TLS", "--tls/--no-tls", default=None, help="The server speaks TLS; the other options of TLS imply it."),
    option("TLS", "--ca", "--trust-store", "trust_store", metavar="FILE", help="Who vouches for the server: PEM, PKCS12 or JKS, in the place of whom the system trusts. The password of a store is VOLTTOOLS_TRUST_STORE_PASSWORD."),
    option("TLS", "--key-store", metavar="FILE", help="Who the client is: PEM, PKCS12 or JKS with a private key. Its password is VOLTTOOLS_KEY_STORE_PASSWORD."),
    option("TLS", "--key-certificate", metavar="FILE", help="The certificate in PEM of a --key-store that is a key in PEM alone."),
    option("TLS", "--ssl-config", metavar="FILE", help="The property file of the official clients, which names both stores."),
    option("TLS", "--ciphers", metavar="NAMES", help="Of TLS 1.2, by OpenSSL's names or Java's, with commas."),
    option("TLS", "--keylog", metavar="FILE", help="Append the secrets of TLS to that file, by which recordings of others can be decrypted."),
    option("TLS", "--dangerous-any-host-name", is_flag=True, default=None, help="Take a certificate that is for another host."),
    option("TLS", "--dangerous-any-certificate", is_flag=True, default=None, help="Take any certificate: who is on the way can pretend to be the server."),
)  # fmt: skip

tap_options = together(
    option("Recording", "--tap", metavar="FILE", help="Record what passes; the name tells the format: .pcapng, .jsonl, .dump."),
    option("Recording", "--dump", metavar="FILE", help="Record what passes as a dump_file, whatever its name."),
    option("Recording", "--overwrite", is_flag=True, help="Write over a file that is there."),
    keep_option,
)  # fmt: skip


def settings_of(options: Mapping[str, Any], hosts: Sequence[str] = ()) -> ConnectionSettings:
    """What is in force: the options above, then environment and profile. Asks for a password that is to be typed.

    hosts  where they are arguments
    """
    from volttools.client.connection_settings import ConnectionSettings

    if options["asks_for_password"] and options["password_file"] is not None:
        raise click.UsageError("--password asks for what --password-file has: give one of them")
    if options["user"] is not None and options["kerberos"]:
        raise click.UsageError(
            "with --kerberos the ticket says who one is: leave --user out, or say whose ticket with --principal"
        )
    arguments = {key: options[key] for key in _KEYS}
    if options["asks_for_password"]:
        arguments["password"] = _asked()
    if hosts and options.get("hosts"):
        raise click.UsageError("the server is given twice: as HOST and by --host")
    target = list(hosts or options.get("hosts") or ()) or None
    settings = ConnectionSettings.of(target, profile=options["profile"], **arguments)
    return settings if options["timeout"] is None else settings.connecting_within(options["timeout"])


def connected(options: Mapping[str, Any], hosts: Sequence[str] = (), **more: Any) -> Client:
    """A client, by the options above; `hosts` where they are arguments, `more` for `connect`.

    Raises UsageError, LoginRefused, CannotConnect.
    """
    return connected_to(settings_of(options, hosts), options, **more)


def connected_to(settings: ConnectionSettings, options: Mapping[str, Any], **more: Any) -> Client:
    """The same by settings; of the options only those of recording are looked at."""
    from volttools.client import connect

    tap = tap_of(options)
    try:
        return connect(settings, tap=tap, **more)
    except BaseException:
        if tap is not None:
            tap.close()
        raise


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


def tap_of(options: Mapping[str, Any]) -> Tap | None:
    """The tap that --tap or --dump asks for, if one does. UsageError if the file can't be written."""
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
