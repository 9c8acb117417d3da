"""What goes wrong with Kerberos, in words.

GSSAPI tells a major code, which says little, and a minor one of the library's. MIT Kerberos
has its codes from error tables; the words are ours, as its own say "unknown code" too often.

Source: krb5.h of MIT Kerberos 1.20; each was provoked, or can't be without a broken KDC.
"""

from __future__ import annotations

from typing import Protocol

TABLE = -1765328384
"""Where the error table of krb5 begins."""

# Number in the table -> what is wrong. {service} and {principal} where they help.
# fmt: off
FAULTS = {
    1:   "the principal {principal} has expired: ask whoever runs the KDC",
    6:   "the KDC doesn't know the principal {principal}: run kinit with the right one",
    7:   "the KDC doesn't know the server's principal {service}: the server is configured with another "
         "realm or name than the KDC has",
    12:  "the KDC's policy forbids a ticket for {service}: ask whoever runs the KDC",
    14:  "the KDC has no encryption type in common with the client: look at the enctypes in krb5.conf",
    18:  "the principal {principal} is locked or revoked: ask whoever runs the KDC",
    20:  "the Kerberos ticket was revoked: run kinit",
    31:  "a message of Kerberos fails its check: often the server's keytab is older than its key",
    32:  "the Kerberos ticket has expired: run kinit",
    33:  "the Kerberos ticket is not yet valid: the clocks of client and KDC differ",
    37:  "the clocks of client, server and KDC differ by more than 5 minutes: synchronize them (NTP)",
    41:  "the server's keytab doesn't fit the key of its principal: it needs a new one",
    44:  "the server's keytab is older than the key of {service}: it needs a new one",
    135: "the Kerberos configuration can't be read: look at krb5.conf and KRB5_CONFIG",
    136: "the Kerberos configuration is malformed: look at krb5.conf and KRB5_CONFIG",
    141: "there is no Kerberos ticket of {principal}: run kinit",
    154: "no KDC is known for the realm: name it in krb5.conf, or look at the name of the realm",
    156: "no KDC of the realm can be reached: look at krb5.conf and the network",
    194: "the Kerberos ticket cache is not readable: look at its owner, and at KRB5CCNAME",
    195: "there is no Kerberos ticket of {principal}: run kinit",
    217: "the realm of a host is not known: name it under domain_realm in krb5.conf",
    220: "the name of the KDC can't be resolved: look at krb5.conf",
    224: "there is no default realm: name it in krb5.conf, or use principals with their realm",
}

MAJOR_FAULTS = {
    2:  "{service} is no name of a principal",
    7:  "there is no Kerberos ticket of {principal}: run kinit",
    9:  "the server's Kerberos token is damaged, or it is no Kerberos token",
    11: "the Kerberos ticket of {principal} has expired: run kinit",
}
# fmt: on
"""Routine errors of GSSAPI (RFC 2744, 3.9.1), where the minor code says nothing."""


class GssError(Protocol):
    """An error of GSSAPI."""

    maj_code: int
    min_code: int

    def gen_message(self) -> str:
        """What the library says."""


def explained(error: GssError, *, principal: str | None = None, service: str | None = None) -> str:
    """One sentence for an error of GSSAPI, with what to do.

    principal  whose ticket was looked for; None: the default one
    service    the server's principal
    """
    text = FAULTS.get(_signed(error.min_code) - TABLE) or MAJOR_FAULTS.get(error.maj_code >> 16 & 0xFF)
    if text is None:
        return f"Kerberos failed: {error.gen_message()}"
    return text.format(principal=principal or "the default principal", service=service or "the server's")


def _signed(code: int) -> int:
    """GSSAPI has its minor codes without sign, error tables with."""
    return code - 2**32 if code >= 2**31 else code
