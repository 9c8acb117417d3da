"""What stands in the documents and comes out of the program: `make docs`.

- the output below each `$ command` in a ```console block of README.md and docs/*.md; the commands of a
  page run in a directory of its own, in which there are captures/
- the tables of codes in docs/check.md, of settings in docs/connecting.md, of faults in docs/faults.md,
  of known differences in docs/mock.md, from tests/contract; of kinds in docs/compare.md
- docs/cli.md, from --help; docs/json.md, from the module that writes it
- docs/formats.md, from the declarations
- the tables of docs/performance.md, from benchmarks/accepted.json, which `make bench-accept` measures, and docs/growth.json,
  which `make bench-growth` measures; docs/growth-*.svg, from the latter
- docs/decode.svg, the picture at the top of the README; docs/top.svg, a screen of `volttools top`

`--check` writes nothing and exits with 1 where a document is stale; a test runs it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.growth.curves import Plot
    from volttools.faults.parameters import Parameter

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 130  # of the picture
MADE = "<!-- Made by `make docs`; don't edit. -->\n"
TABLE = re.compile(
    r"(<!-- (codes|settings|faults|differences|kinds|bench|growth) -->\n).*?(<!-- end of \2 -->)", re.DOTALL
)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command: str, directory: str) -> str:
    """The output of a shell command, without colour."""
    words = f'volttools() {{ "{sys.executable}" -m volttools "$@"; }}; {command}'
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", words],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: exit status {done.returncode}\n{done.stderr.decode()}")
    return "\n".join(line.rstrip() for line in done.stdout.decode().splitlines()) + "\n"


def with_outputs(text: str) -> str:
    """A document whose console blocks show what their commands print today."""

    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "captures").symlink_to(ROOT / "captures")

        def redo(match: re.Match[str]) -> str:
            commands = [line for line in match[1].splitlines() if line.startswith("$ ")]
            outputs = [f"{line}\n{run(line[2:], directory)}" for line in commands]
            return "```console\n" + "".join(outputs) + "```"

        return BLOCK.sub(redo, text)


def printed(*words: str) -> str:
    """What a command prints, without a process of its own."""
    from volttools.cli import run as run_command

    with contextlib.redirect_stdout(io.StringIO()) as out:
        run_command(words)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").splitlines()) + "\n"


def cli_reference() -> str:
    """docs/cli.md."""
    from volttools.cli import COMMANDS

    parts = [MADE, "# Command line\n", f"```\n{printed('--help')}```\n"]
    for name in COMMANDS:
        parts += [f"## volttools {name}\n", f"```\n{printed(name, '--help')}```\n"]
        command = importlib.import_module(f"volttools.cli.{name}").command
        for inner in getattr(command, "commands", {}):
            parts += [f"### volttools {name} {inner}\n", f"```\n{printed(name, inner, '--help')}```\n"]
    return "\n".join(parts)


def formats_reference() -> str:
    """docs/formats.md."""
    from volttools.render.reference import concepts

    parts = [MADE, "# The formats\n", "As `volttools formats NAME` prints them.\n"]
    for name in concepts():
        parts += [f"## {name}\n", f"```\n{printed('formats', '--width', '120', name)}```\n"]
    return "\n".join(parts)


def codes_table() -> str:
    """The table of docs/check.md: what `volttools check` looks for."""
    from volttools.checks import RULES

    lines = ["| code | severity | by | what it means | source |", "|---|---|---|---|---|"]
    for rule in RULES.values():
        cells = (f"`{rule.code}`", rule.severity.value, rule.side or "", rule.doc, rule.source)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def settings_table() -> str:
    """The table of docs/connecting.md: what can be set about a connection."""
    from volttools.client.settings import SETTINGS

    lines = ["| profile, Python | environment | option | |", "|---|---|---|---|"]
    for setting in SETTINGS.values():
        options = re.sub(r"-[-\w]+", lambda match: f"`{match[0]}`", setting.option)
        lines.append(f"| `{setting.key}` | `{setting.variable}` | {options} | {setting.doc} |")
    return "\n".join(lines) + "\n"


def faults_table() -> str:
    """The table of docs/faults.md: kinds of faults, and what a client sees of each."""
    from volttools.faults.catalog import KINDS
    from volttools.faults.kinds import PLACES

    lines = []
    for place, doc in PLACES.items():
        lines += [
            f"{place.value}: {doc}.\n",
            "| kind | what happens | what a client sees | takes |",
            "|---|---|---|---|",
        ]
        for kind in KINDS.values():
            if kind.place is place:
                takes = ", ".join(_taken(parameter) for parameter in kind.parameters)
                lines.append(f"| `{kind.name}` | {kind.doc.rstrip('.')} | {kind.sees} | {takes} |")
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def differences_table() -> str:
    """The table at the end of docs/mock.md: what the mock does otherwise."""
    from tests.contract.differences import table

    return table()


def _taken(parameter: Parameter) -> str:
    if parameter.is_required:
        return f"`{parameter.name}`"
    default = parameter.default if len(str(parameter.default)) < 20 else "..."
    return f"`{parameter.name}`" if default in ("", "...") else f"`{parameter.name}` ({default})"


def kinds_table() -> str:
    """The table of docs/compare.md: kinds of differences."""
    from volttools.compare.kinds import MEANINGS

    lines = ["| kind | what it is |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{kind.value}` | {doc} |" for kind, doc in MEANINGS.items())]) + "\n"


def with_tables(text: str) -> str:
    """A document whose tables, between their marks, are today's."""
    made = {
        "codes": codes_table,
        "settings": settings_table,
        "faults": faults_table,
        "differences": differences_table,
        "kinds": kinds_table,
        "bench": bench_table,
        "growth": growth_table,
    }
    return TABLE.sub(lambda match: f"{match[1]}{made[match[2]]()}{match[3]}", text)


def bench_table() -> str:
    """The table of docs/performance.md, and why goals were missed."""
    from benchmarks import document, results

    found = results.load(str(ROOT / "benchmarks/accepted.json"))
    return f"\n{document.text(list(found.figures.values()))}"


def growth_table() -> str:
    """The table of docs/performance.md that goes with its plots."""
    from benchmarks.growth import report

    return f"\n{report.markdown(growth_plots())}\n"


def growth_plots() -> list[Plot]:
    """What `make bench-growth` found."""
    from benchmarks.growth.curves import load

    return load(ROOT / "docs/growth.json")


def json_reference() -> str:
    """docs/json.md."""
    from volttools.jsonlines import lines, values

    parts = [MADE, "# JSON lines\n", "`volttools decode --json`.\n"]
    for module in (lines, values):
        parts.append(f"```\n{inspect.cleandoc(module.__doc__ or '')}\n```\n")
    return "\n".join(parts)


def picture() -> str:
    """docs/decode.svg: the demo capture on a terminal."""
    from rich.ansi import AnsiDecoder
    from rich.console import Console

    command = "volttools decode captures/demo.pcap"
    words = [
        sys.executable,
        "-m",
        "volttools",
        *command.split()[1:],
        "--color",
        "always",
        "--width",
        str(COLUMNS),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLORTERM": "truecolor", "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    shown = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=True).stdout.decode()
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    console.print(f"[bold]$ {command}[/]")
    for line in AnsiDecoder().decode(shown):
        console.print(line, no_wrap=True, crop=False)
    return console.export_svg(title="volttools", unique_id="volttools")


def top_picture() -> str:
    """docs/top.svg: a screen of `volttools top`, of figures made up for it."""
    from rich.console import Console

    from docs.top_figures import SHOW
    from volttools.monitor.screen import screen_lines
    from volttools.monitor.view import Choices
    from volttools.render.cells import LineWriter

    console = Console(
        record=True,
        width=100,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        _environ={},
    )
    writer = LineWriter(console)
    for line in screen_lines(SHOW, Choices(), console, height=20):
        writer.write(line)
    writer.flush()
    return console.export_svg(title="volttools top db1", unique_id="volttools-top")


def documents() -> dict[Path, str]:
    """Every generated text by its file."""
    from benchmarks.growth.drawing import svg

    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    made = {
        page: with_tables(with_outputs(page.read_text())) for page in pages if MADE not in page.read_text()
    }
    made[ROOT / "docs/cli.md"] = cli_reference()
    made[ROOT / "docs/json.md"] = json_reference()
    made[ROOT / "docs/formats.md"] = formats_reference()
    made[ROOT / "docs/decode.svg"] = picture()
    made[ROOT / "docs/top.svg"] = top_picture()
    made |= {ROOT / f"docs/growth-{plot.name}.svg": svg(plot) for plot in growth_plots()}
    return made


def main() -> int:
    """Write what has changed, or with --check name it."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where a file is stale"
    )
    check = parser.parse_args().check
    made = documents()
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if not check:
        for path in stale:
            path.write_text(made[path])
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
