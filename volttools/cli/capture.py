"""`volttools capture`: what passes on this machine, by tcpdump or dumpcap, decoded as it comes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click

from volttools.cli import say
from volttools.cli.decode import decode
from volttools.cli.decode_options import Options, hits_options, view_options
from volttools.cli.options import (
    Command,
    Duration,
    Number,
    console_options,
    keep_option,
    keylog_option,
    option,
    together,
)

if TYPE_CHECKING:
    from volttools.capture.live import Sniffer

PCAPNG: Final = ".pcapng"

_HELP = """Show the calls that pass on this machine, as they end: tcpdump or dumpcap, and decode.

Captured is what goes to and comes from VoltDB's ports on any interface, IPv4 and IPv6, whole packets; with
HOSTs, only what one of them sends or gets. It needs tcpdump or dumpcap, and the right to capture. What is
shown, and how, is said as for `volttools decode`. Start it before the clients connect, if you can: then
nothing has to be guessed. With -o the capture is kept as it was, log-ins included: treat it as a password.

Ctrl-C, SIGTERM and SIGHUP end it, or --duration: calls that still wait are shown, then the summary, which
tells how many packets the kernel dropped.

Exit status: 0 all was decoded; 1 something is damaged, encrypted without keys, or was dropped by the
kernel; 2 could not run; 130 interrupted a second time.
"""

_MORE = """\b
Examples:
  $ sudo volttools capture
  $ sudo volttools capture db1 --errors -v
  $ sudo volttools capture -i lo --port 31212 --where 'latency > 5ms'
  $ sudo volttools capture --duration 60s -o volt.pcap

docs/captures.md tells more."""

_capture = together(
    option("Capture", "--port", "ports", type=Number(1, 65535), multiple=True, metavar="N", help="A port of the servers; may be repeated.  [default: 21212 and 21211]"),
    option("Capture", "-i", "--interface", default="any", show_default=True, metavar="NAME", help="Where to listen, such as eth0 or lo."),
    option("Capture", "--duration", "duration_ns", type=Duration(), metavar="TIME", help="End after so long, such as 60, 1.5s or 5m."),
    option("Capture", "-o", "--output", metavar="FILE", help="Keep the packets as well: .pcapng by dumpcap, any other name a pcap."),
    option("Capture", "--overwrite", is_flag=True, help="Write over a file that is there."),
)  # fmt: skip


@click.command(cls=Command, help=_HELP, epilog=_MORE)
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@_capture
@view_options
@hits_options
@together(keylog_option, keep_option)
@console_options
def command(
    hosts: tuple[str, ...],
    ports: tuple[int, ...],
    interface: str,
    duration_ns: int | None,
    output: str | None,
    overwrite: bool,
    **options: Any,
) -> int:
    from volttools.capture.live import addresses_of, expression_of, sniff
    from volttools.protocol.recognition import DEFAULT_PORTS

    if output is not None and os.path.exists(output) and not overwrite:
        raise click.UsageError(f"{output} is there already; --overwrite writes over it")
    expression = expression_of(
        ports or DEFAULT_PORTS, [address for host in hosts for address in addresses_of(host)]
    )
    shown = Options(**options, ports=ports, follow=True, idle=None, progress=False, given=options)
    is_pcapng = output is not None and output.endswith(PCAPNG)
    with (
        _signals_raise(),
        sniff(interface=interface, expression=expression, output=output, is_pcapng=is_pcapng) as sniffer,
        _ending(sniffer, duration_ns),
    ):
        name = f"{sniffer.program.name} on {interface}"
        say(f"{name}: {expression}; Ctrl-C ends it")
        return decode([output or name], shown, sniffer)


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Until decoding takes care of signals, let none end this program before the one that captures."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _ending(sniffer: Sniffer, duration_ns: int | None) -> Iterator[None]:
    """End it after so long, if that was asked for."""
    if duration_ns is None:
        yield
        return
    timer = threading.Timer(duration_ns / 10**9, sniffer.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
