"""`volttools convert`: a capture, or a piece of it, as a file of another format."""

from __future__ import annotations

from typing import Any

import click

from volttools.cli.options import (
    Command,
    examples,
    files_argument,
    keep_option,
    keylog_option,
    output_options,
    ports_option,
)
from volttools.cli.selecting import selection_options, wants_of

_HELP = """Write captures, or a piece of them, as pcapng, dump_file, JSON lines or bare frames.

Reads what `decode` reads, its JSON lines included; packets of several files are merged by time. The
name of the output tells the format: .pcapng, .dump, .jsonl, .frames (frames with their lengths and
nothing else), .hex (a frame a line); the last two are not read again.

A pcapng file gets TCP streams made anew: no retransmissions, no disorder, right checksums. Bytes
that are missing stay missing, as packets that were cut. A piece keeps the log-ins of its
connections, so that it can be read, and replayed, by itself; JSON lines hold just what was asked for.

Zeros of the same length stand for password hashes and Kerberos tokens unless --keep-login-hashes is
given.

Exit status: 0 all was written; 1 something of the source is damaged, encrypted without keys, or
can't be held by the format; 2 could not run; 130 interrupted.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools convert captures/demo.pcap -o demo.pcapng",
        "volttools convert --where 'latency > 2ms' captures/demo.pcap -o slow.pcapng",
        "volttools convert captures/dump-normal.dump -o - --to json | head -n 3",
        "volttools convert captures/pushes-catalog.pcap -o calls.pcapng --split connection",
    ),
)
@files_argument
@output_options
@selection_options
@keep_option
@ports_option
@keylog_option
def command(files: tuple[str, ...], **options: Any) -> int:
    from volttools.capture.reader import open as open_capture
    from volttools.cli.written import Writing

    with Writing(options) as writing:
        capture = open_capture(
            *files,
            ports=options["ports"],
            keylog=options["keylog"],
            on_progress=writing.progress.update,
        )
        wants = wants_of(options, capture)
        converted = writing.convert(
            capture,
            wants=wants,
            keep_login_hashes=options["keep_login_hashes"],
        )
        return writing.tell(converted, losses=capture.summary.losses, is_narrow=wants is not None)
