"""Where the cassette of a test stands, and how files are named after tests."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

SUFFIX: Final = ".cassette"
OTHER_SUFFIXES: Final = (".jsonl", ".json", ".pcap", ".pcapng", ".dump", ".gz")
"""Captures are cassettes, too."""

_MOST_CHARACTERS = 120
_DIGEST_CHARACTERS = 8
_UNSAFE = re.compile(r"[^A-Za-z0-9_.\[\]-]+")


def file_name(test: str) -> str:
    """A name for a file of the test of this name: short, and of characters that all systems take.

    Where something was changed there is a digest behind it, so that two tests never share a file.

    >>> file_name("test_vote[NY-3]")
    'test_vote[NY-3]'
    >>> file_name("test_vote[a/b]")
    'test_vote[a-b]-fd3da2dc'
    """
    name = _UNSAFE.sub("-", test).lstrip(".")
    if name == test and len(name) <= _MOST_CHARACTERS:
        return name
    digest = hashlib.sha256(test.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{name[:_MOST_CHARACTERS]}-{digest}"


def cassette_of_test(test_file: Path, test: str, *, root: Path, cassette_dir: Path | None = None) -> Path:
    """Where the cassette of a test stands.

    test          its name in the file, such as "TestVotes::test_vote[NY]"
    root          what the path of the file is told from, within `cassette_dir`
    cassette_dir  None: beside the file, cassettes/MODULE/
    """
    directory = test_file.parent / "cassettes" / test_file.stem
    if cassette_dir is not None:
        inside = test_file.is_relative_to(root)
        module = test_file.relative_to(root) if inside else Path(test_file.name)
        directory = cassette_dir / module.with_suffix("")
    return directory / (file_name(test.replace("::", ".")) + SUFFIX)


def named_cassette(name: str, *, beside: Path, cassette_dir: Path | None = None) -> Path:
    """Where a cassette of that name stands: in cassettes/ beside a file, or in `cassette_dir`. The name may be
    a path, and may have the ending of a capture."""
    directory = beside.parent / "cassettes" if cassette_dir is None else cassette_dir
    path = directory / name
    is_whole = path.suffix == SUFFIX or path.suffix in OTHER_SUFFIXES
    return path if is_whole else path.with_name(path.name + SUFFIX)
