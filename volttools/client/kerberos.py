"""Log in with a Kerberos ticket.

    side = ClientSide()
    send(side.login_by(KerberosLogin()))      # the ticket that kinit has got

The exchange: the server names its principal, then tokens of GSSAPI go to and fro until both
sides know each other, then the server answers the log-in. Nothing is sent or received here:
that is whoever drives the `ClientSide`. GSSAPI itself asks the KDC for a service ticket, which
may take seconds where the KDC is slow.

Needs `pip install "volttools[kerberos]"`, which builds against the system's Kerberos. Which
realm, KDC and ticket cache, the system's Kerberos decides: krb5.conf, KRB5_CONFIG, KRB5CCNAME.

Sources: RFC 4120, RFC 4121; AuthSystem.java and ConnectionUtil.java of the 11.4 server.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from volttools.client.kerberos_faults import explained
from volttools.errors import ProtocolError, UsageError
from volttools.formats.login import SERVICES, KerberosServiceName, KerberosToken, LoginRequest

if TYPE_CHECKING:
    import gssapi

MISSING = 'log-in with Kerberos takes the package gssapi: pip install "volttools[kerberos]"'


class KerberosLogin:
    """Log-in with Kerberos, on one connection after another.

    principal  whose ticket to use, such as "alice@EXAMPLE.COM"; None: the default of the cache
    service    the principal that the server must be, such as "volt/db1@EXAMPLE.COM"; None: the one
               that it names itself. It proves to be that one either way.

    Raises UsageError if there is no ticket that is valid, or no GSSAPI.
    """

    def __init__(self, *, principal: str | None = None, service: str | None = None) -> None:
        self._gssapi = _library()
        self._wanted, self._service = principal, service
        self._server: str | None = None  # as it names itself
        self._context: gssapi.SecurityContext | None = None
        self._credentials, self.principal = self._ticket(principal)

    def request(self) -> LoginRequest:
        """The log-in: the principal for a user, no password.

        Raises UsageError if the ticket has expired since.
        """
        self._context = self._server = None
        self._credentials, self.principal = self._ticket(self._wanted)
        return LoginRequest(
            service=SERVICES[1], user=self.principal, password_hash=hashlib.sha256(b"").digest()
        )

    def answer(self, message: KerberosServiceName | KerberosToken) -> KerberosToken | None:
        """Our next token; None if the server speaks next.

        Raises ProtocolError when the log-in can't go on, with what to do.
        """
        if isinstance(message, KerberosServiceName):
            self._context = self._begin(message.principal or "")
            token = None
        elif self._context is None:
            raise ProtocolError("the server sent a Kerberos token before it named its principal")
        elif self._context.complete:
            raise ProtocolError("the server goes on with Kerberos although both sides know each other")
        else:
            token = message.token
        try:
            answer = self._context.step(token)
        except self._gssapi.exceptions.GSSError as error:
            raise ProtocolError(explained(error, principal=self.principal, service=self._server)) from None
        return KerberosToken(token=answer) if answer else None

    def accepted(self) -> None:
        """Raises ProtocolError if the server accepts in the middle of the exchange.

        One whose security is off accepts at once, and proves nothing.
        """
        if self._context is not None and not self._context.complete:
            raise ProtocolError(
                "the server accepted the log-in before it had proved who it is; don't trust it"
            )

    def _ticket(self, principal: str | None) -> tuple[gssapi.Credentials, str]:
        gss = self._gssapi
        try:
            name = None if principal is None else self._name(principal)
            credentials = gss.Credentials(usage="initiate", name=name, mechs=[gss.MechType.kerberos])
            return credentials, str(credentials.name)
        except gss.exceptions.GSSError as error:
            raise UsageError(explained(error, principal=principal, service=repr(principal))) from None

    def _name(self, principal: str) -> gssapi.Name:
        data = principal.encode("utf-8", "replace")
        name: gssapi.Name = self._gssapi.Name(data, self._gssapi.NameType.kerberos_principal)
        return name

    def _begin(self, principal: str) -> gssapi.SecurityContext:
        if self._context is not None:
            raise ProtocolError("the server named its Kerberos principal twice")
        if self._service is not None and not _is_same(principal, self._service):
            raise ProtocolError(
                f"the server calls itself {principal!r}, and {self._service!r} was expected; "
                "if it is the right server, name it so"
            )
        if principal == self.principal:
            raise ProtocolError(
                f"the ticket is the server's own principal, {principal}: servers take such a log-in for a "
                "delegate's; run kinit for a principal of your own"
            )
        self._server = "".join(sign if sign.isprintable() else "?" for sign in principal)
        gss = self._gssapi
        flag = gss.RequirementFlag
        try:
            context: gssapi.SecurityContext = gss.SecurityContext(
                name=self._name(principal),
                creds=self._credentials,
                mech=gss.MechType.kerberos,
                usage="initiate",
                flags=flag.mutual_authentication | flag.confidentiality | flag.integrity,
            )
            context.__DEFER_STEP_ERRORS__ = False  # else an error comes with whatever is asked next
            return context
        except gss.exceptions.GSSError as error:
            raise ProtocolError(explained(error, service=repr(principal))) from None


def _is_same(principal: str, expected: str) -> bool:
    """Whether principals are equal; one without realm is of any."""
    if "@" not in expected or "@" not in principal:
        return principal.partition("@")[0] == expected.partition("@")[0]
    return principal == expected


def _library() -> Any:
    try:
        import gssapi
    except ImportError as error:
        # Not installed; or installed, and the system's Kerberos is not there.
        reason = "" if isinstance(error, ModuleNotFoundError) else f" ({error})"
        raise UsageError(MISSING + reason) from None
    except OSError as error:
        raise UsageError(f"{MISSING} ({error})") from None
    return gssapi
