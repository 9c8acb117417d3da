"""Extensions of version 2 that a client sends: time-outs, for servers that know them."""

from __future__ import annotations

import re

from volttools.errors import UsageError
from volttools.formats.invocation import EXTENSIONS, MAX_TIMEOUT, Extension

_CODES = {kind.name: kind.code for kind in EXTENSIONS}

FIRST_VERSION = (6, 7)
"""The first server that reads invocations of version 2; it skips extensions that it doesn't know."""


def server_version(build: str | None) -> tuple[int, int] | None:
    """Major and minor of a server, out of the text of its log-in; None if that doesn't tell.

    >>> server_version("11.4.0.beta1_voltdb-11.4.0.beta1-0-g29db44451f-local")
    (11, 4)
    """
    found = re.search(r"(\d+)\.(\d+)", build or "")
    return None if found is None else (int(found[1]), int(found[2]))


def timeouts(
    build: str | None, *, request_timeout: float | None, batch_timeout: float | None
) -> list[Extension] | None:
    """The extensions for time-outs in seconds; None if there are none.

    batch_timeout  0: without limit
    build          of the server. An older one can't be told: UsageError for a batch time-out, which only the
                   server could keep; a request time-out is kept by the client anyway, and left out.
    """
    version = server_version(build)
    knows = version is None or version >= FIRST_VERSION
    found = []
    if batch_timeout is not None:
        if not knows:
            raise UsageError(
                f"the server is {build}: batch time-outs need {FIRST_VERSION[0]}.{FIRST_VERSION[1]}"
            )
        found.append(
            Extension(type=_CODES["batch_timeout"], payload=batch_timeout and _whole(batch_timeout, 1_000))
        )
    if request_timeout is not None and knows:
        found.append(Extension(type=_CODES["request_timeout"], payload=_whole(request_timeout, 1_000_000)))
    return found or None


def _whole(seconds: float, units: int) -> int:
    """Seconds in units, at least one: 0 has a meaning of its own; at most what the field holds."""
    if seconds <= 0:
        raise UsageError(f"a time-out of {seconds} s: give a positive number of seconds")
    return min(max(1, round(seconds * units)), MAX_TIMEOUT)
