"""Why a TLS handshake failed, and what to do: one sentence for each way.

In TLS 1.3 a server may refuse the client's certificate after the handshake: then the same
errors come with the first read, so that a client asks here for those as well.
"""

from __future__ import annotations

import ssl

from volttools.protocol.refusals import Refusal

_TRUST = "give a trust store with the CA's certificate, or with the server's own"

# X509_V_ERR_... of OpenSSL (x509_vfy.h): what is wrong with the certificate, and what to do.
_CERTIFICATE_FAULTS = {
    9: ("the server's certificate, or a CA's, is not yet valid", "look at the clocks of both machines"),
    10: (
        "the server's certificate, or a CA's, has expired",
        "it must be renewed: `openssl s_client -connect HOST:PORT` shows the dates",
    ),
    18: ("the server's certificate vouches for itself, and is not trusted", _TRUST),
    19: ("the server's certificate goes back to a CA that is not trusted", _TRUST),
    20: ("nobody who is trusted vouches for the server's certificate", _TRUST),
    21: ("nobody who is trusted vouches for the server's certificate", _TRUST),
    23: ("the server's certificate was revoked", "ask whoever runs the server"),
    62: (
        "the server's certificate is not for the host {host}",
        "connect by a name that is in it, or have one issued with that name "
        "(subject alternative name); looking at no host names is dangerous",
    ),
    64: (
        "the server's certificate is not for the address {host}",
        "connect by a name that is in it, or have one issued with that address "
        "(subject alternative name); looking at no host names is dangerous",
    ),
}

_NO_TLS = (
    "the port does not speak TLS",
    "connect without TLS, or to the server's port for TLS",
)
_VERSION = (
    "client and server have no version of TLS in common",
    "TLS 1.2 and 1.3 are spoken here; the server's Java must allow one of them",
)
_OWN_CERTIFICATE = (
    "give a key store with the client's key and certificate, issued by a CA that the server trusts"
)
_DENIED = (
    "the server does not take the client's certificate",
    "it must be issued by a CA in the server's trust store",
)
_WEAK = (
    "the server's certificate is too weak for this machine's OpenSSL",
    "have one issued with RSA of 2,048 bits and SHA-256; until then ciphers DEFAULT@SECLEVEL=0 takes it",
)

# What OpenSSL calls it, without what stands before: names of alerts differ by version.
_REASONS = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "UNSUPPORTED_PROTOCOL": _VERSION,
    "ALERT_PROTOCOL_VERSION": _VERSION,
    "NO_PROTOCOLS_AVAILABLE": _VERSION,
    "ALERT_HANDSHAKE_FAILURE": (
        "the server refuses the handshake",
        f"client and server may have no cipher in common, or it wants a client certificate: {_OWN_CERTIFICATE}",
    ),
    "ALERT_INSUFFICIENT_SECURITY": (
        "client and server have no cipher in common",
        "look at the ciphers of both",
    ),
    "ALERT_CERTIFICATE_REQUIRED": ("the server wants a client certificate", _OWN_CERTIFICATE),
    "ALERT_BAD_CERTIFICATE": (
        "the server wants a client certificate, or another than it was given",
        _OWN_CERTIFICATE,
    ),
    "ALERT_UNKNOWN_CA": _DENIED,
    "ALERT_CERTIFICATE_UNKNOWN": _DENIED,
    "ALERT_UNSUPPORTED_CERTIFICATE": _DENIED,
    "ALERT_CERTIFICATE_EXPIRED": ("the client's certificate has expired", "have a new one issued"),
    "ALERT_CERTIFICATE_REVOKED": ("the client's certificate is revoked", "have a new one issued"),
    "ALERT_ACCESS_DENIED": _DENIED,
    "EE_KEY_TOO_SMALL": _WEAK,
    "CA_KEY_TOO_SMALL": _WEAK,
    "CA_MD_TOO_WEAK": _WEAK,
    "DH_KEY_TOO_SMALL": _WEAK,
}


def refusal_behind_handshake(error: Exception) -> Refusal | None:
    """What an error of a read behind the handshake means, before the log-in is answered: TLS 1.3 refuses
    a client's certificate there. None where it is no refusal of TLS."""
    if not isinstance(error, ssl.SSLError) or isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return None
    return handshake_refusal(error, host="")


def handshake_refusal(error: OSError, *, host: str) -> Refusal:
    """What an error of a handshake, or of the first read behind one, means.

    host  as it was connected to
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _CERTIFICATE_FAULTS.get(error.verify_code)
        reason, remedy = fault or (
            f"the server's certificate is not accepted ({error.verify_message})",
            "`openssl s_client -connect HOST:PORT` shows it",
        )
        return Refusal(reason=reason.format(host=host), remedy=remedy)
    if isinstance(error, TimeoutError):
        return Refusal(
            reason="the server did not answer the TLS handshake in time",
            remedy="it may be overloaded, or its port does not speak TLS",
            may_pass=True,
        )
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return Refusal(
            reason="the server closed the connection during the TLS handshake",
            remedy="a plain port of VoltDB does so (connect without TLS, or to the port for TLS), and a "
            "server that finds no version of TLS or cipher in common, or wants a client certificate",
        )
    reason = getattr(error, "reason", None) or ""
    for end, (what, remedy) in _REASONS.items():
        if reason.endswith(end):
            return Refusal(reason=what, remedy=remedy)
    return Refusal(
        reason=f"the TLS handshake failed ({reason or error})", remedy="the server's log may say more"
    )
