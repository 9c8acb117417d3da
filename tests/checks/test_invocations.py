import pytest

from tests.checks.samples import SAMPLES, codes, extended, findings, invoked
from tests.protocol.wire import extension


@pytest.mark.parametrize(
    ("code", "message", "path"),
    [
        (
            "empty-procedure",
            "the procedure's name is empty: the server answers with -3 under the connection's id",
            "invocation.procedure",
        ),
        (
            "timeout-flag",
            "the flag of the batch time-out is 0; -1 is none, 1 that it follows",
            "invocation.batch_timeout_flag",
        ),
        (
            "negative-timeout",
            "a batch time-out of -2 ms; -1 is none, 0 without limit",
            "invocation.extensions[0]",
        ),
        ("extension-count", "31 extensions; the server takes 30 at most", "invocation.extensions"),
        (
            "extension-length",
            "extension request_priority with a payload of 2 bytes: not its own length",
            "invocation.extensions[0]",
        ),
        (
            "negative-partition",
            "a call to partition -1; partitions are numbered from 0",
            "invocation.extensions[0]",
        ),
        (
            "repeated-extension",
            "extension all_partition stands 2 times; the last one counts",
            "invocation.extensions",
        ),
        (
            "unknown-extension",
            "an extension of type 99, which the 11.4 server skips",
            "invocation.extensions[0]",
        ),
        ("priority-range", "priority 9; 1 .. 8 are there, the server clips", "invocation.extensions[0]"),
        (
            "internal-extension",
            "extension batch_call is internal to the server",
            "invocation.extensions[0]",
        ),
        (
            "unreadable-call",
            "an invocation that can't be read: count 99, but only 2 bytes are left at byte 17 of its frame",
            "invocation.extensions",
        ),
        ("bytes-behind-call", "1 byte too many behind the last parameter", "invocation.parameters"),
    ],
)
def test_an_invocation_is_told_with_what_is_right(code, message, path):
    found = next(f for f in findings(SAMPLES[code]()) if f.code == code)
    assert (found.message, found.place.path) == (message, path)
    assert (found.side, found.place.exchange, found.place.frame) == ("client", 1, 3)


def test_what_clients_send_is_fine():
    assert codes(invoked(version=1, batch_timeout_flag=-1)) == []
    assert codes(invoked(version=1, batch_timeout_flag=1, batch_timeout_ms=0)) == []
    everything = [extension(1, -1), extension(2, None), extension(3, 0), extension(5, 8), extension(6, 1)]
    assert codes(extended(*everything)) == []


def test_version_1_has_no_negative_time_outs_at_all():
    assert codes(invoked(version=1, batch_timeout_flag=1, batch_timeout_ms=-1)) == ["negative-timeout"]
