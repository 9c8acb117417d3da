"""Why a server did not let a client in, and what to do: one sentence for each case.

Not all refusals are words: a full server sends one bare byte, most just close. What can be
told from how the connection ended is told here, for every client alike.

    refusal = refused(response)      an answer that is no welcome; None: the bare byte
    refusal = closed(...)            it closed the connection instead
    refusal = silent(...)            it said nothing
    refusal = no_voltdb(received)    it answered, but not as VoltDB does

Sources: formats/login.py; what a real 11.4 server does, observed: it closes without a word on a
plain log-in at a TLS port, on a TLS hello at a plain port, on faults of Kerberos, and after 30 s.
"""

from __future__ import annotations

from dataclasses import dataclass

from volttools.formats.login import LOGIN_STATUS, LOGIN_TIMEOUT_S, SERVER_FULL, WRONG_PASSWORD, LoginResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason. `str` of it is one sentence.

    reason           what happened
    remedy           what to do about it
    may_pass         another node may accept the same log-in, or this one later
    """

    reason: str
    remedy: str
    may_pass: bool = False

    def __str__(self) -> str:
        return f"{self.reason}: {self.remedy}"


_TLS_REMEDY = "connect with TLS, or to another port"

# fmt: off
_REMEDIES = {
    -1: "check both; if the cluster's security uses Kerberos, log in with a ticket",
    1: "close connections that are idle, try another node, or raise the server's limit of open files",
    2: "it was too busy, or the network too slow; try again",
    3: "log in with SHA-256, or with SHA-1",
    4: "try another node, or this one when it has joined",
    5: 'ask for the service "database", or "kerberos"',
    6: _TLS_REMEDY,
    7: "give a key store with the client's key and certificate",
    8: "get a new certificate from whoever issued it",
}
# fmt: on
_MAY_PASS = (1, 2, 4)

KERBEROS_NOT_GIVEN = Refusal(
    reason="the server asks for Kerberos, and the log-in is by password",
    remedy="log in with a Kerberos ticket: kinit, then the client's option for Kerberos",
)


def refused(
    response: LoginResponse | None,
    *,
    kerberos: bool = False,
    is_nobody: bool = False,
    has_password: bool = True,
) -> Refusal:
    """The refusal that a server put into words; None stands for the bare byte of a full one.

    kerberos      the log-in was by Kerberos
    is_nobody     it named no user
    has_password  its password was not empty
    """
    status = SERVER_FULL if response is None else response.status
    if kerberos and status == WRONG_PASSWORD:
        return Refusal(
            reason="the server did not take the Kerberos ticket, or does not use Kerberos",
            remedy="the ticket's principal must be a user of the deployment, and its security "
            'provider "kerberos"; else log in with user and password',
        )
    if is_nobody and status == WRONG_PASSWORD:
        return Refusal(
            reason="the server wants a user, and the log-in named none",
            remedy="give user and password, or log in with a Kerberos ticket",
        )
    if not has_password and status == WRONG_PASSWORD:
        return Refusal(
            reason="the server wants a password, or does not know the user, and the log-in had no password",
            remedy="give the password, or log in with a Kerberos ticket",
        )
    return Refusal(
        reason=LOGIN_STATUS.get(status, f"the server refused the log-in with the unknown status {status}"),
        remedy=_REMEDIES.get(status, "the server's log says more; it may be newer than this client"),
        may_pass=status in _MAY_PASS,
    )


def closed(*, after_s: float, tls: bool, kerberos_began: bool = False, cut: bytes = b"") -> Refusal:
    """The server closed the connection while the log-in was under way.

    after_s         since the connection was made
    tls             it was inside of TLS
    kerberos_began  a Kerberos service name or token had come
    cut             what came of an answer, without being whole
    """
    if cut:
        return no_voltdb(cut) or Refusal(
            reason=f"the server closed the connection within its answer, after {len(cut)} bytes",
            remedy="it may be shutting down; try again, or another node",
            may_pass=True,
        )
    if kerberos_began:
        return Refusal(
            reason="the server closed the connection during the Kerberos exchange",
            remedy="the server's log has the reason: often its keytab is older than the key of its "
            "principal, or the clocks differ by more than 5 minutes",
        )
    if after_s >= LOGIN_TIMEOUT_S:
        return Refusal(
            reason=f"the server closed the connection after {after_s:.0f} s without a log-in that was whole",
            remedy=f"it waits {LOGIN_TIMEOUT_S} s; something between here and there holds back data",
            may_pass=True,
        )
    if tls:
        return Refusal(
            reason="the server closed the connection instead of answering the log-in",
            remedy="it may want a client certificate (give a key store), or be shutting down, or something "
            "other than VoltDB listens on this port",
            may_pass=True,
        )
    return Refusal(
        reason="the server closed the connection instead of answering the log-in",
        remedy="a port that speaks TLS does so (" + _TLS_REMEDY + "), a server that shuts down, and "
        "something that is not VoltDB (its port for clients is 21212)",
        may_pass=True,
    )


def silent(*, after_s: float, tls: bool) -> Refusal:
    """Nothing came for as long as the client would wait."""
    also = "" if tls else ", or it expects TLS"
    return Refusal(
        reason=f"the server did not answer the log-in within {after_s:g} s",
        remedy=f"it may be overloaded or still starting, or something other than VoltDB listens there{also}",
        may_pass=True,
    )


_HTTP = (b"HTTP/", b"<!DO", b"<htm")
_BANNERS = {b"SSH-": "an SSH server", b"220 ": "a mail or FTP server"}


def no_voltdb(received: bytes) -> Refusal | None:
    """What the first bytes of an answer tell, where they are not VoltDB's; None if they tell nothing."""
    # rarely needed, and longer to import than all else here
    from volttools.protocol.recognition import is_tls

    if is_tls(received):
        return Refusal(reason="the server answers in TLS", remedy="connect with TLS")
    if received.startswith(_HTTP):
        return Refusal(
            reason="the server answers in HTTP",
            remedy="VoltDB's port for clients is 21212, not its port for HTTP",
        )
    for start, what in _BANNERS.items():
        if received.startswith(start):
            return Refusal(reason=f"{what} answers", remedy="VoltDB's port for clients is 21212")
    return None
