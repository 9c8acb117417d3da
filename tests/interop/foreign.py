"""Clients of other languages: programs of this directory, built once and run by tests.

    java/   VoltDB's Java client, by Client and Client2; of 9.3, which has no Client2, by Client
    rust/   the crate voltdb-client-rust
    go/     VoltDB's client for Go, 1.0.0
    python/ voltdbclient, voltclient, and our own clients

Given scenarios, each but Python's goes through them and prints what it called and what it was answered, a
line of JSON a call. Without, each is driven: to a line of JSON on standard input it answers with a line.

    {"host", "port"}                          connect anew: {"connected": true} or {"refused": text}
      user, password, timeout_ms of calls, trust (the authority's PEM; for Java a trust store)   if wanted
    {"procedure", "params": [[type, value]]}  call: {"response": what the client tells of it} or {"error": text},
                                              {"unsupported": text} where it can't say a value, and
                                              {"unreadable": text} where it can't read the answer's
    {"procedure", "times", "asynchronous"}    call with 0, 1, 2 ... as BIGINT: {"statuses": {status: count},
                                              "echoed": how many got their number back}

Types and values are those of docs/json.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.requirements import ROOT, require_tool, require_version

HERE: Final = Path(__file__).parent
BUILT: Final = ROOT / "build" / "interop"
BUILD_S: Final = 400
"""For the `timeout` of tests: whichever comes first builds, and others wait for it."""

JAVA_CLIENTS: Final = {"Client": "13.2.2", "Client2": "13.2.2", "Client 9.3": "9.3.2"}
"""The clients by name, and the versions of org.voltdb:voltdbclient."""

OLDEST_CARGO: Final = (1, 85)
NO_CLIENT2: Final = "NewCaller.java"

Line = dict[str, Any]


def java_client(name: str) -> list[str]:
    """The command of one of JAVA_CLIENTS; what follows: HOST PORT USER PASSWORD TRUST_STORE SCENARIO..."""
    java, mvn = require_tool("java"), require_tool("mvn")
    require_tool("javac")
    version = JAVA_CLIENTS[name]
    target = BUILT / f"java-{version}"
    command = [mvn, "-q", "-B", "-f", str(HERE / "java" / "pom.xml")]
    command += [f"-Dtarget.directory={target}", f"-Dvoltdbclient.version={version}"]
    command += [f"-Dleft.out={NO_CLIENT2}"] if version not in JAVA_CLIENTS["Client2"] else []
    _build(target, [HERE / "java"], [*command, "compile", "dependency:copy-dependencies"])
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"]
    options += ["--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"]  # 9.3 was made for Java 8
    path = os.pathsep.join([str(target / "classes"), str(target / "libraries" / "*")])
    return [java, *options, "-cp", path, "Interop", name.split()[0]]


def rust_client() -> list[str]:
    """The command; what follows: HOST PORT USER PASSWORD SCENARIO..."""
    cargo = require_tool("cargo")
    require_version(cargo, OLDEST_CARGO, "the crate asks for it (Debian 12: apt-get install cargo-web)")
    target = BUILT / "rust"
    manifest = str(HERE / "rust" / "Cargo.toml")
    command = [cargo, "build", "-q", "--locked", "--manifest-path", manifest, "--target-dir", str(target)]
    _build(target, [HERE / "rust"], command)
    return [str(target / "debug" / "interop")]


def go_client() -> list[str]:
    """The command; what follows: ADDRESSES SCENARIO..."""
    go = require_tool("go")
    target = BUILT / "go"
    program = str(target / "interop")
    command = [go, "build", "-mod=readonly", "-buildvcs=false", "-o", program, "."]
    _build(target, [HERE / "go"], command, directory=HERE / "go")
    return [program]


def _build(target: Path, sources: Sequence[Path], command: list[str], directory: Path | None = None) -> None:
    """Build unless that was done of the same sources; tests that run at the same time wait."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        files = [path for source in sources for path in sorted(source.rglob("*")) if path.is_file()]
        content = b"\0".join([repr(command).encode(), *(path.read_bytes() for path in files)])
        digest, stamp = hashlib.sha256(content).hexdigest(), target / "built"
        if stamp.exists() and stamp.read_text() == digest:
            return
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
        stamp.write_text(digest)


class Program:
    """A program that runs: its lines as they come."""

    def __init__(self, command: Sequence[str]) -> None:
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by `close`
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints, text=True
        )

    def until(self, word: str) -> list[Line]:
        """The lines before the next one that has this word; AssertionError if it ends before."""
        assert self._process.stdout is not None
        found: list[Line] = []
        for text in self._process.stdout:
            line = json.loads(text)
            if word in line:
                return found
            found.append(line)
        self._complaints.seek(0)
        raise AssertionError(f"no {word!r} came, but {found[-3:]}; {self._complaints.read()}")

    def go_on(self) -> None:
        """Let it go on where it waits."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End it, if it hasn't."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()


@contextmanager
def running(*command: str) -> Iterator[Program]:
    """A program, ended in the end."""
    program = Program(command)
    try:
        yield program
    finally:
        program.close()


def all_lines(*command: str) -> list[Line]:
    """What a program prints from connecting to its end."""
    with running(*command) as program:
        return program.until("end")


def calls_of(lines: Sequence[Line]) -> list[Line]:
    """The calls that a program tells of, as `docs/json.md` would, apart from what it can't know."""
    return [plain(line) for line in lines if "procedure" in line]


_NUMBER = re.compile(r"-?\d+\.?\d*")


def plain(value: Any) -> Any:
    """WKT in one spelling: clients differ in spaces and digits."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, str) and value.startswith(("POINT", "POLYGON")):
        numbers: Callable[[re.Match[str]], str] = lambda match: f"{float(match[0]):g}"  # noqa: E731
        return _NUMBER.sub(numbers, value).replace(", ", ",").replace(" (", "(")
    return value
