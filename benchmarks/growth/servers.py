"""A server that imports nothing but itself, so that its memory is its own.

    python -m benchmarks.growth.servers mock
    python -m benchmarks.growth.servers "proxy, pcapng" 21212     a relay of benchmarks.record, to that port

It prints its port, and serves till its input is closed.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

MOCK = "mock"


class _Printed:
    """What takes the port."""

    def send(self, port: int) -> None:
        """Tell it."""
        print(port, flush=True)

    def recv(self) -> None:
        """Wait for ever: the process ends without this thread."""
        threading.Event().wait()


def main() -> None:
    """Serve."""
    kind, to = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    threading.Thread(
        target=_mock if kind == MOCK else _relay(kind), args=(to, _Printed()), daemon=True
    ).start()
    sys.stdin.read()


def _mock(_: int, told: Any) -> None:
    from volttools.mock import MockServer

    server = MockServer()
    server.stub("Vote").returns(0)
    with server:
        told.send(server.port)
        told.recv()


def _relay(kind: str) -> Any:
    from benchmarks.record import ROWS

    return ROWS[kind]


if __name__ == "__main__":
    main()
