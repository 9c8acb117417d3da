"""What is too big to stand in a cassette: a response in a file of its own, in the directory beside.

    votes.cassette          {"kind": "exchange", ..., "response": {"in_file": "Select-3f2a9c0b11d4.json"}}
    votes.cassette.d/       Select-3f2a9c0b11d4.json: the object that the response is

A name is one of that directory; a path that leads elsewhere is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from volttools.errors import EncodeError

IN_FILE: Final = "in_file"
MAX_BYTES: Final = 2**30

_PLACE = f"response.{IN_FILE}"


def directory_of(path: str | Path) -> Path:
    """Where the side files of a file stand."""
    return Path(f"{path}.d")


def with_side_files(line: Any, file: str | None) -> Any:
    """A line with its response, wherever that stands. EncodeError if it can't be had."""
    response = line.get("response") if isinstance(line, dict) else None
    if not isinstance(response, dict) or IN_FILE not in response:
        return line
    name = response[IN_FILE]
    if not isinstance(name, str) or not name or Path(name).name != name or name in (".", ".."):
        raise EncodeError("expected the name of a file in the directory beside", path=_PLACE)
    if len(response) > 1:
        raise EncodeError("what stands in a file of its own stands nowhere else", path=_PLACE)
    if file is None or not Path(file).is_file():  # such as standard input
        raise EncodeError("what is read has no name, so no file stands beside it", path=_PLACE)
    path = directory_of(file) / name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EncodeError(f"{path} has more than {MAX_BYTES:,} bytes", path=_PLACE)
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise EncodeError(f"{path}: {error.strerror}", path=_PLACE) from None
    except (ValueError, RecursionError) as error:
        raise EncodeError(f"{path} is no JSON: {error}", path=_PLACE) from None
    if not isinstance(found, dict) or IN_FILE in found:
        raise EncodeError(f"{path} is no response", path=_PLACE)
    return {**line, "response": found}
