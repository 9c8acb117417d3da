"""What commands print for programs."""

from __future__ import annotations

import json
from typing import Any


def lines_of(text: str | bytes) -> list[Any]:
    """The values of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]
