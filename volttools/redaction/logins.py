"""Redacts log-ins, their answers, and the Kerberos exchange between them: no hash, no token, other names."""

from __future__ import annotations

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.login import (
    HASH_BYTES,
    SERVICES,
    KerberosServiceName,
    KerberosToken,
    LoginHead,
    LoginRequest,
    LoginResponse,
    leader_address_of,
)
from volttools.protocol.events import Frame
from volttools.protocol.shapes import kerberos_token_range
from volttools.redaction.report import Report
from volttools.redaction.treatments import Treatments


class Logins:
    """Redacts what is said before the first call."""

    def __init__(self, treatments: Treatments, report: Report) -> None:
        self._treatments = treatments
        self._report = report

    def request(self, login: LoginRequest) -> bytes:
        """The new body of a log-in."""
        self._report.messages["log-ins"] += 1
        if login.password_hash:
            self._report.count("log-in hashes")
        service = login.service
        return build(
            login.replace(
                service=service
                if service is None or service in SERVICES
                else self._treatments.pseudonyms.text(service),
                user=None if login.user is None else self._treatments.user(login.user),
                password_hash=bytes(len(login.password_hash)),
            )
        )

    def odd(self, body: bytes) -> bytes | None:
        """A log-in with a service that nobody knows, or of a version that nobody sends."""
        try:
            login = parse(LoginRequest, body)
        except DecodeError:
            return None
        if len(login.password_hash) not in HASH_BYTES.values():
            return None
        return self.request(login)

    def cut(self, frame: Frame) -> bytes | None:
        """A log-in of which something is missing, if that much can be told."""
        try:
            login = parse(LoginRequest, frame.body)
        except DecodeError:
            return None
        if login.service not in SERVICES:
            return None
        made = self.request(login)
        return made if len(made) == len(frame.body) else None

    def kerberos(self, body: bytes) -> bytes:
        """The new body of a message of the Kerberos exchange, of either side."""
        self._report.messages["Kerberos messages"] += 1
        if kerberos_token_range(body) is not None:
            self._report.count("Kerberos tokens")
            message = parse(KerberosToken, body)
            return build(message.replace(token=bytes(len(message.token))))
        try:
            named = parse(KerberosServiceName, body)
        except DecodeError:
            head = parse(LoginHead, body)
            return build(head.replace(rest=bytes(len(head.rest))))
        principal = None if named.principal is None else self._treatments.user(named.principal)
        return build(named.replace(principal=principal, trailing=bytes(len(named.trailing))))

    def response(self, login: LoginResponse) -> bytes:
        """The new body of an answer to a log-in."""
        self._report.messages["log-in answers"] += 1
        host = login.leader_host
        address = None if host is None else leader_address_of(self._treatments.address(host))
        return build(login.replace(leader_address=address, trailing=bytes(len(login.trailing))))
