"""Captures of what passes on this machine, by tcpdump or dumpcap: which of them, called how, and what they say.

The program writes to a pipe, or to a file that is kept; `Sniffer` holds its process and ends it. It is
not called in immediate mode: that gives each packet, however small, room of the longest, and a burst of
calls no longer fits. So packets come in batches, up to a second late with tcpdump.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

from volttools.errors import CaptureError

SYSTEM_PATH: Final = "/usr/sbin:/sbin"  # not in the PATH of those who aren't root
SNAP_BYTES: Final = 262_144  # whole packets
BUFFER_MIB: Final = 64  # the kernel's; the default of either program is 2
END_S: Final = 10.0  # so long may a program take to write what it has

INSTALL: Final = "neither tcpdump nor dumpcap is installed, or you may not run them: apt-get install tcpdump (or wireshark-common)"
RIGHTS: Final = (
    "you may not capture here: run it with sudo, or give {path} the right:"
    " sudo setcap cap_net_raw,cap_net_admin+eip {path}"
    " (Debian's dumpcap: sudo dpkg-reconfigure wireshark-common, and join the group wireshark)"
)

_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_READY: Final = re.compile(r"listening on |^File: ", re.MULTILINE)
_CHATTER: Final = re.compile(r"Capturing on |listening on |tcpdump: listening on |File: ")
_FORBIDDEN: Final = re.compile(r"permission|not permitted|access denied", re.IGNORECASE)
_TCPDUMP_COUNTS: Final = re.compile(r"^(\d+) packets? (?:received by filter|(dropped by (?:kernel|interface)))", re.MULTILINE)  # fmt: skip
_DUMPCAP_COUNTS: Final = re.compile(r"^Packets received/dropped on interface .*: (\d+)/(\d+) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that captures, and where it is."""

    name: str
    path: str

    def command(self, *, interface: str, expression: str, is_pcapng: bool) -> list[str]:
        """How it is called to write packets to its standard output."""
        if self.name == "dumpcap":
            words = [self.path, "-q", "-i", interface, "-s", str(SNAP_BYTES), "-B", str(BUFFER_MIB)]
            return [*words, *([] if is_pcapng else ["-P"]), "-w", "-", "-f", expression]
        words = [self.path, "-n", "-i", interface, "-s", str(SNAP_BYTES), "-B", str(BUFFER_MIB * 1024)]
        return [*words, "-U", "-w", "-", expression]


def programs(*, is_pcapng: bool = False) -> list[Program]:
    """Those that are there, the one to try first in front. Raises CaptureError if none is.

    is_pcapng   what is kept is to be a pcapng, which tcpdump doesn't write
    """
    # Who isn't root may often use dumpcap, by its group, and not tcpdump.
    names = ["tcpdump", "dumpcap"] if os.geteuid() == 0 and not is_pcapng else ["dumpcap", "tcpdump"]
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), SYSTEM_PATH])
    found = [Program(name, place) for name in names if (place := shutil.which(name, path=path))]
    if not found:
        raise CaptureError(INSTALL)
    if is_pcapng:
        found = [program for program in found if program.name == "dumpcap"]
        if not found:
            raise CaptureError(
                "tcpdump writes no pcapng: call the output .pcap, or apt-get install wireshark-common"
            )
    return found


def addresses_of(host: str) -> list[str]:
    """All addresses of a host, IPv4 and IPv6. Raises CaptureError if it has none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CaptureError(f"{host} has no address: {getattr(error, 'strerror', None) or error}") from None
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def expression_of(ports: Iterable[int], addresses: Sequence[str] = ()) -> str:
    """The filter of pcap for what goes to or comes from ports, and one of the addresses if there are any.

    >>> expression_of([21212], ["10.0.0.1", "::1"])
    '(tcp port 21212) and (host 10.0.0.1 or host ::1)'
    """
    ports_text = " or ".join(f"tcp port {port}" for port in ports)
    if not addresses:
        return ports_text
    return f"({ports_text}) and ({' or '.join(f'host {address}' for address in addresses)})"


@dataclass(frozen=True, slots=True)
class Counts:
    """Packets that the kernel had for the program, and those of them that it lost."""

    received: int
    dropped: int


def counts_of(said: str) -> Counts | None:
    """What a program said at its end; None if it said nothing of it.

    >>> counts_of("9 packets captured\\n10 packets received by filter\\n1 packet dropped by kernel\\n")
    Counts(received=10, dropped=1)
    """
    found = _DUMPCAP_COUNTS.findall(said)
    if found:
        received, dropped = (sum(map(int, column)) for column in zip(*found, strict=True))
        return Counts(received + dropped, dropped)  # dumpcap's first number is what it got
    numbers = _TCPDUMP_COUNTS.findall(said)
    if not numbers:
        return None
    return Counts(
        sum(int(number) for number, is_loss in numbers if not is_loss),
        sum(int(number) for number, is_loss in numbers if is_loss),
    )


class Sniffer:
    """A program that captures, running. Use it in a with block, which ends it.

    stream   the packets, if they are not kept in a file
    Raises CaptureError if it can't capture: with what it said, or what to do.
    """

    def __init__(self, program: Program, command: Sequence[str], output: str | None = None) -> None:
        self.program = program
        self.stream: IO[bytes] | None = None
        self._said = ""
        self._ready = threading.Event()
        self._is_ended_by_us = False
        try:
            file = None if output is None else open(output, "wb")  # noqa: SIM115  # closed below
        except OSError as error:
            raise CaptureError(f"can't be written: {error.strerror}", file=output) from None
        try:
            with _signals_wait():
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE if file is None else file,
                    stderr=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C is ours: it is to write what it has first
                    env={**os.environ, "LC_ALL": "C"},
                )
                self.stream = self._process.stdout
                self._listener = threading.Thread(target=self._listen, name="volttools capture", daemon=True)
                self._listener.start()
            self._ready.wait()
        except OSError as error:
            raise CaptureError(f"{program.path} can't be run: {error.strerror}") from None
        except BaseException:  # such as Ctrl-C
            if hasattr(self, "_listener"):  # else it wasn't even started
                self.close()
            raise
        finally:
            if file is not None:
                file.close()
        if not _READY.search(self._said):
            self.close()
            raise CaptureError(self._failure())

    def __enter__(self) -> Sniffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Let it write what it has, and end; also from a signal handler, or another thread."""
        self._is_ended_by_us = True
        if self._process.poll() is None:
            self._process.terminate()

    def close(self) -> None:
        """End it, by force if it doesn't by itself."""
        self.end()
        if self.stream is not None:
            self.stream.close()  # nobody reads it any more: it must not wait for that
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()

    def result(self) -> Counts | None:
        """How many packets there were, when it has ended; None if it doesn't tell.

        Raises CaptureError if it ended by itself, such as when the interface was taken away.
        """
        ended_by_itself = self.has_ended and not self._is_ended_by_us
        self.close()
        if ended_by_itself and self._process.returncode:
            raise CaptureError(self._failure())
        return counts_of(self._said)

    def _listen(self) -> None:
        """Take down what it says."""
        assert self._process.stderr is not None
        with self._process.stderr as stderr:
            while part := os.read(stderr.fileno(), 4096):
                self._said += part.decode(errors="replace")
                if _READY.search(self._said):
                    self._ready.set()
        self._ready.set()

    def _failure(self) -> str:
        if _FORBIDDEN.search(self._said):
            return RIGHTS.format(path=self.program.path)
        lines = [line for line in self._said.splitlines() if line and not _CHATTER.match(line)]
        why = lines[0] if lines else f"ended with status {self._process.returncode}"
        return f"{self.program.name} can't capture: {why.removeprefix(f'{self.program.name}: ')}"


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Handle signals behind what is done here: one that raised in the midst of it would leave a process
    of which nobody knows."""
    came: list[int] = []
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # no other gets signals
        before = {number: signal.getsignal(number) for number in _ENDING_SIGNALS}
        before = {number: handler for number, handler in before.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def sniff(*, interface: str, expression: str, output: str | None = None, is_pcapng: bool = False) -> Sniffer:
    """Capture by the first program that may.

    output     a file that is written; by default packets come through `Sniffer.stream`
    is_pcapng  what it is to be; by default pcap
    Raises CaptureError if none can.
    """
    failure: CaptureError | None = None
    for program in programs(is_pcapng=is_pcapng):
        command = program.command(interface=interface, expression=expression, is_pcapng=is_pcapng)
        try:
            return Sniffer(program, command, output)
        except CaptureError as error:
            failure = failure or error
    assert failure is not None
    raise failure
