"""All colours and signs, by the name of what they mean.

Code asks for `style("status.error")` and never says "red". Only the sixteen colours of a
terminal's own theme are used, so that a light background works as well as a dark one.
"""

from __future__ import annotations

from functools import cache

from rich.console import Console
from rich.style import Style

# fmt: off
STYLES = {
    "plain":              "",
    "header":             "bold",
    "header.rule":        "bright_black",
    "muted":              "bright_black",
    "number":             "bold",
    "time":               "bright_black",
    "connection":         "blue",
    "handle":             "bright_black",
    "procedure":          "bold cyan",
    "procedure.system":   "cyan",
    "parameter":          "",
    "punctuation":        "bright_black",
    "rows":               "",
    "bytes":              "bright_black",

    "status.success":     "green",
    "status.error":       "bold red",
    "status.text":        "red",
    "status.missing":     "yellow",

    "latency.fast":       "",
    "latency.slow":       "yellow",
    "latency.very_slow":  "bold yellow",

    "login":              "blue",
    "address":            "bright_black",
    "login.name":         "bold",
    "push":               "magenta",
    "damage":             "bold yellow",
    "damage.text":        "yellow",
    "note":               "yellow",

    "sql.keyword":        "bold blue",
    "sql.function":       "cyan",
    "sql.string":         "green",
    "sql.number":         "magenta",
    "sql.comment":        "bright_black",

    "value.null":         "bright_black italic",
    "value.number":       "magenta",
    "value.text":         "green",
    "value.time":         "cyan",
    "value.bytes":        "yellow",
    "value.other":        "",
    "type":               "bright_black",

    "tree.name":          "bold",
    "tree.range":         "bright_black",
    "tree.doc":           "bright_black italic",
    "tree.guide":         "bright_black",
    "secret":             "bright_black reverse",

    "bytes.offset":       "bright_black",
    "bytes.missing":      "white on red",
    "bytes.field.0":      "cyan",
    "bytes.field.1":      "green",
    "bytes.field.2":      "yellow",
    "bytes.field.3":      "magenta",
    "bytes.field.4":      "blue",
    "bytes.field.5":      "red",

    "summary.title":      "bold",
    "summary.good":       "green",
    "summary.bad":        "bold red",
    "summary.warning":    "yellow",
    "command":            "cyan",

    "key":                "bold underline",
    "chosen":             "bold reverse",
    "sparkline":          "green",
}
# fmt: on

FIELD_COLOURS = sum(name.startswith("bytes.field.") for name in STYLES)

# Each sign with what stands for it where the output can't write it.
SIGNS = {
    "ellipsis": ("…", "~"),
    "error": ("└ ", "`- "),
    "to": ("→", "->"),
    "tree.branch": ("├─ ", "|- "),
    "tree.last": ("└─ ", "`- "),
    "tree.pass": ("│  ", "|  "),
    "tree.skip": ("   ", "   "),
    "rule": ("─", "-"),
    # one step a power of ten: below 1 ms, 1 ms, 10 ms, 100 ms, 1 s and more
    "latency.bar": (" ▂▄▆█", " .:|#"),
    "sparkline": (" ▁▂▃▄▅▆▇█", " _.-:=+*#"),
    "bar": ("█", "#"),
    "bar.least": ("▏", "|"),
    "sorted.down": ("▾", "v"),
    "sorted.up": ("▴", "^"),
}

# Where a latency becomes slow, and very slow, unless the user says what slow means.
SLOW_NS = 10_000_000
VERY_SLOW_NS = 100_000_000


@cache
def style(name: str) -> Style:
    """The style of that name; KeyError if there is none."""
    return Style.parse(STYLES[name])


def field_style(number: int) -> str:
    """The name of the style of the n-th field of a message."""
    return f"bytes.field.{number % FIELD_COLOURS}"


def sign(console: Console, name: str) -> str:
    """A sign, as far as the console's encoding can write it."""
    fine, plain = SIGNS[name]
    return plain if console.options.ascii_only else fine
