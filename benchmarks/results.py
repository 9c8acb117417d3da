"""What a run found, as a file."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from benchmarks.goals import BY_ROW
from benchmarks.table import is_below_floor, is_below_goal

PEERS = ("voltdbclient", "construct", "dpkt", "locust", "pyarrow")


@dataclass(frozen=True)
class Results:
    """A run: what it was made with, and its rows by name."""

    machine: dict[str, Any]
    figures: dict[str, Figure]


def save(path: str, figures: Iterable[Figure], *, is_full: bool) -> None:
    """Write a run down."""
    found = {"mode": "full" if is_full else "quick", "machine": machine(), "rows": list(map(_row, figures))}
    Path(path).write_text(json.dumps(found, indent=1) + "\n")


def load(path: str) -> Results:
    """Read one. Raises SystemExit for a file that holds none."""
    try:
        found = json.loads(Path(path).read_text())
        figures = [Figure.from_json(row) for row in found["rows"]]
        return Results(found["machine"], {figure.name: figure for figure in figures})
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise SystemExit(
            f"{path} holds no results: `python -m benchmarks --json {path}` writes them"
        ) from None


def machine() -> dict[str, Any]:
    """What results depend on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "peers": {**{name: _version(name) for name in PEERS}, "tshark": _tshark()},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _tshark() -> str | None:
    if not shutil.which("tshark"):
        return None
    told = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=False).stdout
    return told.partition("\n")[0].strip() or None


def _row(figure: Figure) -> dict[str, Any]:
    goal = BY_ROW.get(figure.name)
    return {
        **figure.as_json(),
        "floor": goal and goal.floor,
        "goal": goal and goal.goal,
        "is_below_floor": is_below_floor(figure),
        "is_below_goal": is_below_goal(figure),
    }
