"""What commands that inject faults share: the options, and the log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from volttools.cli.options import option, together

if TYPE_CHECKING:
    from volttools.faults.injections import Injection
    from volttools.faults.injector import Injector

F = TypeVar("F", bound=Callable[..., Any])


def fault_options(group: str) -> Callable[[F], F]:
    """--faults, --seed and --fault-log, under that title."""
    return together(
        option(group, "--faults", metavar="FILE", help="Inject the faults of a scenario (TOML), or those of a log (*.jsonl) again; `volttools faults` lists the kinds."),
        option(group, "--seed", type=int, metavar="N", help="Of chance in faults, in the place of the scenario's."),
        option(group, "--fault-log", metavar="FILE.jsonl", help="Log each fault that is injected: --faults FILE.jsonl injects the same again."),
    )  # fmt: skip


def check_fault_options(options: dict[str, Any]) -> None:
    """UsageError for those that need --faults."""
    for name in ("seed", "fault_log"):
        if options[name] is not None and options["faults"] is None:
            raise click.UsageError(f"--{name.replace('_', '-')} is about --faults: give that too")


def open_injector(
    options: dict[str, Any], tell: Callable[[str], object]
) -> tuple[Injector, contextlib.AbstractContextManager[Any]]:
    """What goes wrong, each of which is told, unless --quiet, and logged; and the log, to be closed."""
    from volttools.faults.injector import Injector

    opened = contextlib.ExitStack()
    log = None
    if options["fault_log"] is not None:
        log = opened.enter_context(open(options["fault_log"], "w", encoding="utf-8", buffering=1))  # noqa: SIM115

    def on_fault(injection: Injection) -> None:
        if not options["quiet"]:
            tell(str(injection))
        if log is not None:
            log.write(injection.as_line())

    return Injector(options["faults"], seed=options["seed"], on_fault=on_fault), opened
