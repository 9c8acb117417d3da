"""What can be set about a connection: names and types, the same in profiles, environment and options.

SETTINGS is the one list. `user` is the key `user` of a profile, VOLTTOOLS_USER in the environment, an
argument of `ConnectionSettings.of`, and, but for a few, `--user` on the command line.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from volttools.filters.units import read_duration
from volttools.words import nearest

PREFIX = "VOLTTOOLS_"
PROFILE, PROFILES = "VOLTTOOLS_PROFILE", "VOLTTOOLS_PROFILES"

Read = Callable[[Any], Any]
"""From what a profile has, or from a text, to the value; ValueError says what was expected."""

_NUMBER = re.compile(r"\d+(\.\d*)?")
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One of them.

    key        its name in profiles and in Python
    read       makes a value of what a profile or the environment has
    doc        one line
    option     of the commands; "" where there is none
    variable   of the environment
    is_secret  never shown
    is_path    a file: in a profile it counts from the profile file's directory
    """

    key: str
    read: Read
    doc: str
    option: str
    variable: str
    is_secret: bool = False
    is_path: bool = False


def text_of(value: Any) -> str:
    """A text. ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("expected a text")
    return value


def path_of(value: Any) -> str:
    """The name of a file, with ~ resolved. ValueError for what is none."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else text_of(value)
    if not text or "\0" in text:
        raise ValueError("expected the name of a file")
    return os.path.expanduser(text)


def flag_of(value: Any) -> bool:
    """True or false, or a text that says so. ValueError for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in (*_YES, *_NO):
        return value.casefold() in _YES
    raise ValueError("expected true or false")


def seconds_of(value: Any) -> float:
    """Seconds: a number, or a text such as "500ms". ValueError for anything else, and for no time at all."""
    seconds: float | None = None
    if isinstance(value, str):
        ns = read_duration(f"{value}s" if _NUMBER.fullmatch(value) else value)
        seconds = None if ns is None else ns / 1e9
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = float(value)
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        raise ValueError("expected seconds, or a time such as 1.5s or 500ms")
    return seconds


def hosts_of(value: Any) -> Any:
    """One or several targets; a target that is wrong is told where it is resolved. ValueError for none."""
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value
    raise ValueError('expected "host:port", or a list of them')


def hash_of(value: Any) -> str:
    """ "sha256" or "sha1". ValueError for anything else."""
    name = value.casefold().replace("-", "") if isinstance(value, str) else ""
    if name not in ("sha256", "sha1"):
        raise ValueError('expected "sha256" or "sha1"')
    return name


def _setting(key: str, read: Read, doc: str, option: str | None = None, **more: Any) -> Setting:
    option = f"--{key.replace('_', '-')}" if option is None else option
    return Setting(key=key, read=read, doc=doc, option=option, variable=PREFIX + key.upper(), **more)


# fmt: off
_ALL = (
    Setting(key="hosts", read=hosts_of, doc="the server; several are tried in turn", option="-H, --host", variable="VOLTTOOLS_HOST"),
    _setting("user", text_of, "whom to log in as"),
    _setting("password", text_of, "the password", "--password asks for it", is_secret=True),
    _setting("password_file", path_of, "a file whose first line is the password", is_path=True),
    _setting("hash", hash_of, '"sha256", or "sha1" for servers that know nothing newer'),
    _setting("kerberos", flag_of, "log in with a Kerberos ticket"),
    _setting("principal", text_of, "whose ticket, such as alice@EXAMPLE.COM; implies kerberos"),
    _setting("service", text_of, "the principal that the server must be; implies kerberos"),
    _setting("timeout", seconds_of, "for a call"),
    _setting("connect_timeout", seconds_of, "for each host, with the log-in", ""),
    _setting("tls", flag_of, "the server speaks TLS; what follows implies it"),
    _setting("trust_store", path_of, "who vouches for the server: PEM, PKCS12 or JKS", "--ca, --trust-store", is_path=True),
    _setting("trust_store_password", text_of, "of the trust store", "", is_secret=True),
    _setting("key_store", path_of, "who the client is: PEM, PKCS12 or JKS with a private key", is_path=True),
    _setting("key_store_password", text_of, "of the key store", "", is_secret=True),
    _setting("key_certificate", path_of, "the certificate in PEM of a key in PEM", is_path=True),
    _setting("ssl_config", path_of, "the official clients' property file, which names both stores", is_path=True),
    _setting("ciphers", text_of, "of TLS 1.2, by names of OpenSSL or of Java"),
    _setting("keylog", path_of, "a file to append the secrets of TLS to", is_path=True),
    _setting("dangerous_any_host_name", flag_of, "the certificate may be for any host"),
    _setting("dangerous_any_certificate", flag_of, "no certificate is checked"),
)
# fmt: on

SETTINGS = {setting.key: setting for setting in _ALL}
"""All of them, by key."""


def instead_of(word: str, words: Iterable[str]) -> str:
    """What to write instead of a word that is none of these, as the end of a sentence."""
    words = list(words)
    like = nearest(word, words)
    return f"did you mean {like}?" if like else f"there are {', '.join(words)}"
