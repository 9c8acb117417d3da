"""Every kind of message with every optional part, and its bytes: bodies, without their length.

`tests/codec` multiplies each row; the worked examples of the protocol's reference are in
`test_worked_examples.py`.
"""

from __future__ import annotations

from tests.formats.invocation_samples import INVOCATIONS
from tests.formats.message_sample import MessageSample
from tests.formats.response_samples import EXCEPTIONS, RESPONSES, TABLES
from volttools.formats.dumpfile import DumpedFrame
from volttools.formats.frame import RawFrame, ServerFull
from volttools.formats.invocation import Extension
from volttools.formats.login import (
    KerberosServiceName,
    KerberosToken,
    LoginHead,
    LoginRequest,
    LoginResponse,
)
from volttools.formats.notation import Record
from volttools.formats.parameters import Parameter
from volttools.formats.topology import CookedRing, HashRing, Token
from volttools.formats.types import BIGINT

_DATABASE = "00000008 6461746162617365"
_SHA1 = bytes(range(20))
_SHA256 = bytes(range(32))

LOGINS = [
    MessageSample(
        LoginRequest(user="op", password_hash=_SHA256),
        f"01 01 {_DATABASE} 00000002 6f70 {_SHA256.hex()}",
        "version 1, SHA-256",
    ),
    MessageSample(
        LoginRequest(hash_scheme=0, user="op", password_hash=_SHA1),
        f"01 00 {_DATABASE} 00000002 6f70 {_SHA1.hex()}",
        "version 1, SHA-1",
    ),
    MessageSample(
        LoginRequest(version=0, hash_scheme=None, user="op", password_hash=_SHA1),
        f"00 {_DATABASE} 00000002 6f70 {_SHA1.hex()}",
        "version 0",
    ),
    MessageSample(
        LoginRequest(hash_scheme=2, service="kerberos", user="op@EXAMPLE"),
        "01 02 00000008 6b65726265726f73 0000000a 6f70404558414d504c45",
        "Kerberos, without a hash",
    ),
    MessageSample(
        LoginRequest(version=-1, hash_scheme=127, service=None, user=None, password_hash=b"\0"),
        "ff 7f ffffffff ffffffff 00",
        "nonsense is kept",
    ),
    MessageSample(
        LoginResponse(
            host_id=0,
            connection_id=1,
            cluster_start=1_700_000_000_000,
            leader_address=0x7F000001,
            build="volt",
        ),
        "00 00 00000000 0000000000000001 0000018bcfe56800 7f000001 00000004 766f6c74",
        "accepted",
    ),
    MessageSample(
        LoginResponse(
            host_id=-1, connection_id=0, cluster_start=-1, leader_address=-1, build=None, trailing=b"\x07"
        ),
        "00 00 ffffffff 0000000000000000 ffffffffffffffff ffffffff ffffffff 07",
        "accepted, NULL build, a byte behind it",
    ),
    MessageSample(LoginResponse(status=-1), "00 ff", "refused: wrong password"),
    MessageSample(LoginResponse(status=8), "00 08", "refused: certificate revoked"),
    MessageSample(LoginResponse(status=99, trailing=b"why"), "00 63 776879", "refused: unknown, with a text"),
    MessageSample(KerberosServiceName(principal="volt"), "02 04 00000004 766f6c74", "step 2"),
    MessageSample(KerberosToken(token=b"`\x82\x01"), "02 05 608201", "step 3"),
    MessageSample(KerberosToken(token=b""), "02 05", "an empty token"),
    MessageSample(LoginHead(version=2, code=5, rest=b"ab"), "02 05 6162", "head"),
    MessageSample(ServerFull(), "01", "the server is full"),
]

OTHERS = [
    MessageSample(Parameter.of(BIGINT, 42), "06 000000000000002a", "alone"),
    MessageSample(Extension(type=5, payload=4), "05 01 04", "alone"),
    MessageSample(RawFrame(body=b"ab"), "00000002 6162", "with its length"),
    MessageSample(RawFrame(body=b""), "00000000", "empty"),
    MessageSample(DumpedFrame(body=b"a\nb"), "00000003 610a62 0a", "newline inside"),
    MessageSample(
        HashRing(tokens=[Token(-(2**31), 0), Token(0, 1)]),
        "00000002 80000000 00000000 00000000 00000001",
        "raw ring",
    ),
    MessageSample(HashRing(tokens=[], trailing=b"x"), "00000000 78", "empty ring"),
    MessageSample(
        CookedRing(
            plane_0=b"\x80\0", plane_1=b"\0\x01", plane_2=b"\0\x02", plane_3=b"\0\x03", partitions=(0, 1)
        ),
        "00000002 8000 0001 0002 0003 00000000 00000001",
        "cooked ring, unpacked",
    ),
]

MESSAGE_SAMPLES = [*LOGINS, *INVOCATIONS, *RESPONSES, *EXCEPTIONS, *TABLES, *OTHERS]


def kinds() -> list[type[Record]]:
    """Every kind of record that has a sample."""
    return list(dict.fromkeys(sample.kind for sample in MESSAGE_SAMPLES))
