"""Who is let in, decided as the 11.4 server does; its edges are in the tests.

Without users everybody is, as by a server whose security is off.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Literal

from volttools.errors import UsageError
from volttools.formats.login import (
    HASH_BYTES,
    HASH_SCHEMES,
    LOGIN_STATUS,
    SERVICES,
    UNKNOWN_HASH_SCHEME,
    UNKNOWN_SERVICE,
    WRONG_PASSWORD,
    LoginRequest,
)

Refusal = int | Literal["hang", "close"]
"""A status of LOGIN_STATUS but 0; "hang": no answer; "close": the end without one."""

_DIGESTS: dict[int, Callable[[bytes], bytes]] = {
    0: lambda password: hashlib.sha1(password).digest(),
    1: lambda password: hashlib.sha256(password).digest(),
}


def check_refusal(refusal: Refusal) -> None:
    """UsageError for what is no way to refuse a log-in."""
    if refusal in ("hang", "close") or (refusal in LOGIN_STATUS and refusal != 0):
        return
    statuses = ", ".join(str(status) for status in LOGIN_STATUS if status)
    raise UsageError(f'a log-in is refused with "hang", "close" or one of {statuses}, not with {refusal!r}')


class Doorkeeper:
    """Decides on log-ins. `refusal`: what everybody gets, whatever they say."""

    def __init__(self, users: Mapping[str, str] | None) -> None:
        self._users = None if users is None else dict(users)
        self.refusal: Refusal | None = None

    def decide(self, login: LoginRequest) -> Refusal | None:
        """How a log-in is refused; None lets it in."""
        if self.refusal is not None:
            return self.refusal
        if login.version < 0:
            return "close"
        scheme = login.hash_scheme or 0
        if scheme not in HASH_SCHEMES:
            return UNKNOWN_HASH_SCHEME
        if login.service not in SERVICES:
            return UNKNOWN_SERVICE
        if len(login.password_hash) != HASH_BYTES[scheme] and not self._is_kerberos(login):
            return WRONG_PASSWORD
        if self._users is None:
            return "close" if login.user is None else None
        return None if self._knows(login, scheme) else WRONG_PASSWORD

    def asks_kerberos(self, login: LoginRequest) -> bool:
        """Whether a log-in begins the Kerberos exchange, where the server has Kerberos."""
        return self.refusal is None and login.version > 0 and self._is_kerberos(login)

    def _is_kerberos(self, login: LoginRequest) -> bool:
        return login.service == SERVICES[1]

    def _knows(self, login: LoginRequest, scheme: int) -> bool:
        assert self._users is not None
        password = self._users.get(login.user or "")
        digest = _DIGESTS.get(scheme)
        if not login.user or password is None or digest is None or self._is_kerberos(login):
            return False
        return hmac.compare_digest(digest(password.encode()), login.password_hash)
