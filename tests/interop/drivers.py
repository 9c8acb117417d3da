"""Programs that are driven by lines of JSON, one of each client; `foreign` says which lines there are."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tests.interop.foreign import JAVA_CLIENTS, Line, go_client, java_client, rust_client
from tests.interop.python.caller import CLIENTS as PYTHON_CLIENTS
from tests.requirements import ROOT

FASTEST: Final = "Python volttools"

CLIENTS: Final[dict[str, Callable[[], list[str]]]] = {
    **{
        f"Python {name}": partial(list, [sys.executable, "-m", "tests.interop.python.caller", name])
        for name in PYTHON_CLIENTS
    },
    **{f"Java {name}": partial(java_client, name) for name in JAVA_CLIENTS},
    "Go": go_client,
    "Rust": rust_client,
}
"""The commands by the names of the clients; asked for one whose tools are missing they skip the test."""


class Driver:
    """A program that runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by `close`
        self._process = subprocess.Popen(
            CLIENTS[name](),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            encoding="utf-8",
        )

    def ask(self, **line: Any) -> Line:
        """What it answers to a line; AssertionError if it ended."""
        self.tell(**line)
        return self.answer()

    def tell(self, **line: Any) -> None:
        """Give it a line, whose answer is still to be read."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Line:
        """The next answer."""
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        if not text:
            self._complaints.seek(0)
            raise AssertionError(f"{self.name} ended: {self._complaints.read()}")
        found: Line = json.loads(text)
        return found

    def connect(self, address: tuple[str, int], **how: Any) -> Line:
        """Let it connect anew."""
        return self.ask(host=address[0], port=address[1], **how)

    def call(self, procedure: str, *params: tuple[str, Any]) -> Line:
        """Let it call."""
        return self.ask(procedure=procedure, params=params)

    def call_often(self, procedure: str, times: int, *, asynchronous: bool) -> Line:
        """Let it call with 0, 1, 2 ..."""
        return self.ask(procedure=procedure, times=times, asynchronous=asynchronous)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()


class Drivers:
    """Programs, each started when it is first asked for, or after it ended."""

    def __init__(self) -> None:
        self._by_name: dict[str, Driver] = {}

    def of(self, name: str) -> Driver:
        """The program of a client."""
        driver = self._by_name.get(name)
        if driver is None:
            driver = self._by_name[name] = Driver(name)
        return driver

    def end(self, name: str) -> None:
        """End one, so that the next test has a new one."""
        driver = self._by_name.pop(name, None)
        if driver is not None:
            driver.close()

    def close(self) -> None:
        """End all."""
        for name in list(self._by_name):
            self.end(name)
