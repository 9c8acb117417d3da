"""Time-outs that are sent along."""

import pytest

from volttools.client.extensions import server_version, timeouts
from volttools.errors import UsageError


def found(build="11.4", **given):
    given = {"request_timeout": None, "batch_timeout": None, **given}
    extensions = timeouts(build, **given)
    return extensions and [(each.name, each.payload) for each in extensions]


def test_seconds_become_the_units_of_the_wire():
    assert found() is None
    assert found(batch_timeout=1.5, request_timeout=2) == [
        ("batch_timeout", 1500),
        ("request_timeout", 2_000_000),
    ]
    assert found(batch_timeout=0) == [("batch_timeout", 0)]  # without limit
    assert found(request_timeout=1e-9, batch_timeout=1e-9) == [("batch_timeout", 1), ("request_timeout", 1)]
    assert found(request_timeout=86_400) == [("request_timeout", 2**31 - 1)]


def test_old_servers_are_not_sent_what_they_cannot_read():
    assert found(build="5.4", request_timeout=1) is None
    with pytest.raises(UsageError, match=r"the server is 5\.4: batch time-outs need 6\.7"):
        found(build="5.4", batch_timeout=1)
    assert found(build=None, request_timeout=1) is not None
    with pytest.raises(UsageError, match="a time-out of -1 s: give a positive number of seconds"):
        found(batch_timeout=-1)


@pytest.mark.parametrize(
    ("build", "version"),
    [
        ("11.4.0.beta1_voltdb-11.4.0", (11, 4)),
        ("volt_11.4_mock", (11, 4)),
        ("6.7", (6, 7)),
        ("x", None),
        (None, None),
    ],
)
def test_the_version_is_read_out_of_the_build(build, version):
    assert server_version(build) == version
