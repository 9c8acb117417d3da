"""Where a client connects to, as whom, and how: from arguments, the environment, a profile.

    settings = ConnectionSettings.of("db1", profile="production")
    connect(settings)

A target is `host`, `host:port`, `::1` or `[::1]:port`; several, in a list or with commas between
them, are tried in turn. What is not given as an argument is taken from the environment
(VOLTTOOLS_HOST ...), then from the profile (`profiles.py`), then it is built in. `settings.py` lists
what can be set.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from volttools.client.profiles import Profile, read_profile
from volttools.client.settings import SETTINGS
from volttools.errors import UsageError
from volttools.protocol.login_strategy import LoginStrategy, PasswordLogin
from volttools.protocol.recognition import DEFAULT_PORTS

if TYPE_CHECKING:
    from ssl import SSLContext

DEFAULT_HOST = "localhost"
CONNECT_TIMEOUT = 10.0
"""Seconds for each host, with the handshake and the log-in."""

_LAST_PORT = 65535


class Address(NamedTuple):
    """A host's name or number, and a port. Prints as "10.0.0.1:21212" or "[::1]:21212"."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Target = str | tuple[str, int]


class Given(NamedTuple):
    """A value, and where it comes from: `rank` is 0 for arguments, 1 environment, 2 profile."""

    value: Any
    rank: int
    source: str


_ARGUMENT, _ENVIRONMENT, _PROFILE = range(3)
_STORES = ("trust_store", "key_store")
_TLS = (
    *_STORES,
    "key_certificate",
    "ssl_config",
    "ciphers",
    "keylog",
    "dangerous_any_host_name",
    "dangerous_any_certificate",
)


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What is in force. `addresses` are in the order in which they are tried.

    given    each setting that is set, by its key, with where it comes from, but for what another overrules
    profile  whose settings are among them
    """

    addresses: tuple[Address, ...]
    given: Mapping[str, Given] = field(default_factory=dict, repr=False)
    profile: str | None = None

    @classmethod
    def of(
        cls,
        target: Target | Iterable[Target] | None = None,
        *,
        profile: str | None = None,
        environment: Mapping[str, str] = os.environ,
        **arguments: Any,
    ) -> Self:
        """What is given, else what the environment has, else the profile, else localhost and nobody.

        arguments  by the keys of `settings.SETTINGS`: user="op", trust_store="ca.pem"; None: not given

        Raises UsageError for a target that is none, a profile that is none, values that can't be, and
        settings of one source that contradict each other.
        """
        found = read_profile(profile, environment)
        given: dict[str, Given] = {}
        if found is not None:
            source = f"profile {found.name}"
            given |= {key: Given(value, _PROFILE, source) for key, value in found.values.items()}
        given |= _of_environment(environment)
        given |= _of_arguments(arguments)
        if target is not None:
            given["hosts"] = Given(target, _ARGUMENT, "argument")
        if found is not None:
            _keep_password_of_user(given, found)
        _choose_login(given)
        _choose_tls(given)
        hosts = given.get("hosts")
        addresses = addresses_of(DEFAULT_HOST if hosts is None else hosts.value)
        return cls(addresses, MappingProxyType(given), None if found is None else found.name)

    def at(self, address: Address) -> Self:
        """The same for one address."""
        return replace(self, addresses=(address,))

    def connecting_within(self, seconds: float) -> Self:
        """The same, where connecting to a host takes no longer than that."""
        if self.connect_timeout <= seconds:
            return self
        limit = Given(seconds, _ARGUMENT, "argument")
        return replace(self, given=MappingProxyType({**self.given, "connect_timeout": limit}))

    def value(self, key: str, default: Any = None) -> Any:
        """What is set, or `default`."""
        given = self.given.get(key)
        return default if given is None else given.value

    @property
    def user(self) -> str:
        """Whom to log in as; "" is nobody."""
        user: str = self.value("user", "")
        return user

    @property
    def connect_timeout(self) -> float:
        """Seconds for each address."""
        seconds: float = self.value("connect_timeout", CONNECT_TIMEOUT)
        return seconds

    @property
    def is_tls(self) -> bool:
        """Whether the server speaks TLS."""
        said = self.value("tls")
        return any(self.value(key) for key in _TLS) if said is None else said

    def password(self) -> str:
        """The password; reads its file. Raises UsageError."""
        file = self.given.get("password_file")
        text: str = self.value("password", "")
        return text if file is None else read_password(file.value)

    def login(self) -> LoginStrategy:
        """How to log in. Raises UsageError where the password's file can't be read, or there is no ticket."""
        if self.value("kerberos"):
            from volttools.client.kerberos import KerberosLogin

            return KerberosLogin(principal=self.value("principal"), service=self.value("service"))
        if self.value("hash") == "sha1":  # version 0: servers that know SHA-1 alone know no other
            return PasswordLogin(self.user, self.password(), version=0, hash_scheme=0)
        return PasswordLogin(self.user, self.password())

    def ssl_context(self) -> SSLContext | None:
        """TLS; None without. Raises UsageError for stores that can't be used."""
        if not self.is_tls:
            return None
        from volttools.client.tls import make_context

        arguments = {key: self.value(key) for key in _TLS if self.value(key) is not None}
        fallbacks = {}
        for store in _STORES:
            if (password := self.given.get(f"{store}_password")) is None:
                continue
            if password.rank == _ARGUMENT:
                arguments[f"{store}_password"] = password.value
            else:  # what stands in ssl_config goes before it
                fallbacks[SETTINGS[f"{store}_password"].variable] = password.value
        return make_context(**arguments, environment=fallbacks)


def read_password(file: str) -> str:
    """The first line of a file. Raises UsageError."""
    try:
        with open(os.path.expanduser(file), encoding="utf-8") as stream:
            return stream.readline().rstrip("\r\n")
    except OSError as error:
        raise UsageError(f"the password can't be read: {(error.strerror or '').lower()}", file=file) from None
    except UnicodeDecodeError:
        raise UsageError("no text in UTF-8, so it holds no password", file=file) from None


# ------------------------------------------------------------------------ what is given


def _of_environment(environment: Mapping[str, str]) -> dict[str, Given]:
    """What it sets; an empty variable is none."""
    found = {}
    for key, setting in SETTINGS.items():
        if text := environment.get(setting.variable):
            found[key] = Given(_read(key, text, setting.variable), _ENVIRONMENT, setting.variable)
    return found


def _of_arguments(arguments: Mapping[str, Any]) -> dict[str, Given]:
    for key in arguments:
        if key not in SETTINGS:
            raise TypeError(f"no setting is called {key!r}; there are {', '.join(SETTINGS)}")
    return {
        key: Given(_read(key, value, key), _ARGUMENT, "argument")
        for key, value in arguments.items()
        if value is not None
    }


def _read(key: str, value: Any, where: str) -> Any:
    try:
        return SETTINGS[key].read(value)
    except ValueError as error:
        got = "" if SETTINGS[key].is_secret else f", got {value!r}"
        raise UsageError(f"{where}: {error}{got}") from None


def _keep_password_of_user(given: dict[str, Given], profile: Profile) -> None:
    """The password of a profile is that of its user, and sent for no other."""
    if "user" in profile.values and given["user"].value != profile.values["user"]:
        for key in ("password", "password_file"):
            if key in given and given[key].rank == _PROFILE:
                del given[key]


def _choose_login(given: dict[str, Given]) -> None:
    """Leave one way to log in: that of the source that goes first."""
    kerberos = _first(given, "kerberos", "principal", "service")
    flag = given.get("kerberos")
    if flag is not None and not flag.value and flag is _first(given, "kerberos", "principal", "service"):
        kerberos = None
    user = given.get("user")
    if kerberos is not None and user is not None and user.rank == kerberos.rank == _ARGUMENT:
        raise UsageError(
            "with Kerberos the ticket says who one is: give no user; whose ticket it is, is the principal"
        )
    if kerberos is not None and (user is None or kerberos.rank <= user.rank):
        given["kerberos"] = Given(True, kerberos.rank, kerberos.source)
        _drop(given, "user", "password", "password_file", "hash")
        return
    _drop(given, "kerberos", "principal", "service")
    password, file = given.get("password"), given.get("password_file")
    if password is not None and file is not None:
        if password.rank == file.rank:
            raise UsageError(
                f"{_named(given, 'password', 'password_file')} don't go together: give one of them"
            )
        _drop(given, "password" if file.rank < password.rank else "password_file")


def _choose_tls(given: dict[str, Given]) -> None:
    """Leave out what is overruled by a source that goes before, and all where TLS is refused."""
    flag, first = given.get("tls"), _first(given, *_TLS)
    if flag is not None and not flag.value:
        if first is None or flag.rank <= first.rank:
            _drop(given, *_TLS, "trust_store_password", "key_store_password")
            return
        del given["tls"]
    for store in _STORES:
        named = _first(given, store, "ssl_config")
        password = given.get(f"{store}_password")
        if named is not None and password is not None and named.rank < password.rank == _PROFILE:
            _drop(given, f"{store}_password")  # it is of the profile's own store
        _keep_first(given, "ssl_config", store)
    _keep_first(given, "key_store", "key_certificate")
    _keep_first(given, "dangerous_any_certificate", "trust_store")
    _keep_first(given, "trust_store", "dangerous_any_certificate")


def _keep_first(given: dict[str, Given], key: str, other: str) -> None:
    """Drop `other` where `key` comes from a source that goes before."""
    if key in given and given[key].value and other in given and given[key].rank < given[other].rank:
        del given[other]


def _first(given: Mapping[str, Given], *keys: str) -> Given | None:
    """Of these, the one whose source goes first."""
    return min((given[key] for key in keys if key in given), key=lambda one: one.rank, default=None)


def _drop(given: dict[str, Given], *keys: str) -> None:
    for key in keys:
        given.pop(key, None)


def _named(given: Mapping[str, Given], *keys: str) -> str:
    """Settings of one source, as they are called there."""
    rank = given[keys[0]].rank
    names = [SETTINGS[key].variable if rank == _ENVIRONMENT else key for key in keys]
    prefix = f"{given[keys[0]].source}: " if rank == _PROFILE else ""
    return prefix + " and ".join(names)


# --------------------------------------------------------------------------- addresses


def addresses_of(target: Target | Iterable[Target]) -> tuple[Address, ...]:
    """The addresses that a target names; UsageError if it names none.

    >>> [str(address) for address in addresses_of("a, b:7000, [::1]")]
    ['a:21212', 'b:7000', '[::1]:21212']
    """
    if isinstance(target, str):
        if "@" in target or "://" in target:
            raise UsageError(
                f"{_hidden(target)!r} is no address: write host, host:port or [IPv6]:port; "
                "user and password are settings of their own"
            )
        found = [_address(part.strip()) for part in target.split(",") if part.strip()]
    elif _is_pair(target):
        host, port = target
        found = [Address(str(host), _port(port, f"{host}:{port}"))]
    else:
        found = [address for part in target for address in addresses_of(part)]  # type: ignore[arg-type]
    if not found:
        raise UsageError("no host to connect to: write host, host:port or [IPv6]:port")
    return tuple(found)


def _is_pair(target: object) -> bool:
    return (
        isinstance(target, tuple)
        and len(target) == 2
        and isinstance(target[0], str)
        and isinstance(target[1], int)
    )


def _address(text: str) -> Address:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or not host or (rest and not rest.startswith(":")):
            raise UsageError(f'{text!r} is no address: write an IPv6 address as "[::1]" or "[::1]:21212"')
        colon, port = rest[:1], rest[1:]
    elif text.count(":") > 1:
        host, colon, port = text, "", ""  # an IPv6 address without brackets has no port
    else:
        host, colon, port = text.partition(":")
    if colon and not port:
        raise UsageError(
            f"{text!r}: the port is missing behind the colon; without a colon it is {DEFAULT_PORTS[0]}"
        )
    if not host or any(character.isspace() or character in "/" for character in host):
        raise UsageError(f'{text!r} is no address: write host, host:port or "[::1]:21212"')
    return Address(host, _port(port, text) if port else DEFAULT_PORTS[0])


def _port(port: object, text: str) -> int:
    try:
        number = int(str(port))
    except ValueError:
        number = 0
    if not 0 < number <= _LAST_PORT:
        raise UsageError(f"{text!r}: {port} is no port; those are 1 .. {_LAST_PORT}")
    return number


def _hidden(text: str) -> str:
    """A target without what stands before its @, which may be a password."""
    before, at, behind = text.rpartition("@")
    scheme, colons, _ = before.partition("://")
    return f"{scheme}://...@{behind}" if colons else f"...@{behind}" if at else text
