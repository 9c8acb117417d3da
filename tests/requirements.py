"""What some tests need and some machines lack: tools, and recordings too large for the repository.

What is missing skips the test, with a reason. With VOLTTOOLS_REQUIRE_ALL set it fails the
test instead, so that a complete run can't be green for having run nothing.

All functions work inside a test, in a fixture, and at the top of a module (to parametrize
over the files found); there they skip or fail the whole module.
"""

import importlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_CAPTURES = ROOT.parent / "shared" / "captures"


def shared_captures_dir() -> Path:
    """Recordings from a real server, each NAME with its NAME.expected.json."""
    return _require_dir(SHARED_CAPTURES / "server")


def peers_dir() -> Path:
    """Recordings that other projects publish."""
    return _require_dir(SHARED_CAPTURES / "peers")


def require_tool(name: str) -> str:
    """The path of a program, such as tshark."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        _missing(f"{name} is not installed")
    return path


def require_version(path: str, oldest: tuple[int, ...], why: str) -> None:
    """That a program, asked with --version, says at least this version."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\d+(?:\.\d+)+", said)
    if found is None or tuple(map(int, found[0].split("."))) < oldest:
        wanted = ".".join(map(str, oldest))
        _missing(f"{path} is {found[0] if found else 'of no known version'}, not {wanted} or newer: {why}")


def require_module(name: str) -> None:
    """A package of Python that not every install has, such as gssapi."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        _missing(f"{name} can't be imported ({error})")


def require(is_there: object, what: str) -> None:
    """Anything else: descriptors, IPv6, /proc."""
    if not is_there:
        _missing(what)


def report() -> str:
    """One line for the head of a test run: what is there, and what its absence does."""
    found = {
        "tshark": shutil.which("tshark") is not None,
        "shared captures": SHARED_CAPTURES.is_dir(),
    }
    parts = [f"{name}: {'yes' if there else 'no'}" for name, there in found.items()]
    return "; ".join([*parts, f"missing things {'fail' if _all_required() else 'skip'}"])


def _require_dir(path: Path) -> Path:
    if not path.is_dir():
        _missing(f"no directory {os.path.relpath(path, ROOT)}")
    return path


def _missing(reason: str) -> NoReturn:
    if _all_required():
        pytest.fail(f"{reason}, and VOLTTOOLS_REQUIRE_ALL is set", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def _all_required() -> bool:
    return bool(os.environ.get("VOLTTOOLS_REQUIRE_ALL"))
