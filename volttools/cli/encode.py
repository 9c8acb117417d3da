"""`volttools encode`: frames of JSON lines, edited or written by hand."""

from __future__ import annotations

from typing import Any

import click

from volttools.cli.options import Command, examples, output_options

_HELP = """Build frames, or a capture, of JSON lines that were edited or written by hand.

LINES is a file, or - for standard input: what `decode --json` or `convert` wrote. A line that was not
edited gives the very bytes it was made of; an edited one what its values say. Of a line written by
hand little is needed; what it doesn't say is as clients usually send it:

\b
  {"kind": "login", "user": "ann"}
  {"procedure": "Vote", "params": [["BIGINT", 5], "NY", null], "response": {"status": "SUCCESS"}}

`pydoc volttools.jsonlines.lines` and docs/json.md describe all members. A line that can't be built is
named with its number, its field and the reason, and then nothing is written.

Where a line has no hash of a password, zeros stand for it.

Exit status: 0 all lines were built; 2 could not run, or a line is wrong.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools decode --json captures/demo.pcap | volttools encode - -o demo.pcapng",
        "volttools decode --json captures/demo.pcap | sed s/USER/user/ | volttools encode - -o - --to hex",
    ),
)
@click.argument("lines", metavar="LINES", type=click.Path(allow_dash=True, dir_okay=False))
@output_options
def command(lines: str, **options: Any) -> int:
    from volttools.cli.written import Writing

    with Writing(options) as writing:
        return writing.tell(writing.encode(lines))
