"""What commands that compare answers share: what counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volttools.cli.options import Number, option, together

if TYPE_CHECKING:
    from volttools.compare import Rule, Rules

rules_option = option("What counts", "--rules", "rules_files", multiple=True, metavar="FILE", help="What doesn't count, in TOML; may be repeated: the first rule that matches decides.")  # fmt: skip

latency_options = together(
    option("What counts", "--latency/--no-latency", default=True, help="Whether it counts that B is slower."),
    option("What counts", "--slower", type=Number(min=1), default=10, metavar="PERCENT", help="From how much on it does; 10 by default."),
)  # fmt: skip


def rules_of_files(files: Sequence[str]) -> Rules:
    """The rules of several files, in their order; the last that says what holds otherwise says it."""
    from volttools.compare import Rules, read_rules
    from volttools.compare.rules import Default

    rules: list[Rule] = []
    default = Default()
    for file in files:
        read = read_rules(file)
        rules += read.rules
        default = default if read.default == Default() else read.default
    return Rules(tuple(rules), default)
