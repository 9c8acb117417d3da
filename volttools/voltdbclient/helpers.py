"""Functions that stand beside the classes of the original client."""

from __future__ import annotations

import importlib.util
import logging
import math
import os

from volttools.client.properties import read_properties

logger: logging.Logger | None = None

ssl_available = True
pyjks_available = pkcs12_available = importlib.util.find_spec("cryptography") is not None
kerberos_available = importlib.util.find_spec("gssapi") is not None


def use_logging() -> None:
    """Let `error` log, and not print."""
    global logger
    logger = logging.getLogger()


def error(text: str) -> None:
    """Print it, or log it after `use_logging`. Nothing here calls it: what is wrong is raised."""
    if logger is None:
        print(text)
    else:
        logger.error(text)


def int16toBytes(val: int) -> list[int]:
    """The lowest 16 bits as two bytes, the highest first."""
    return _lowest_bytes(val, 2)


def int32toBytes(val: int) -> list[int]:
    """The lowest 32 bits as four bytes."""
    return _lowest_bytes(val, 4)


def int64toBytes(val: int) -> list[int]:
    """The lowest 64 bits as eight bytes."""
    return _lowest_bytes(val, 8)


def _lowest_bytes(val: int, count: int) -> list[int]:
    return list((val & ((1 << 8 * count) - 1)).to_bytes(count, "big"))


def isNaN(d: float | None) -> bool:
    """Whether it is no number, or infinite."""
    return d is not None and not math.isfinite(d)


def read_properties_file(filename: str | os.PathLike[str], lowerkeys: bool = False) -> dict[str, str]:
    """The keys and values of a property file."""
    with open(filename, encoding="utf-8") as file:
        said = read_properties(file.read())
    return {key.lower() if lowerkeys else key: value.strip() for key, value in said.items()}


def resolve_paths(properties: dict[str, str]) -> dict[str, str]:
    """The same dict, with ~ in the paths of stores replaced."""
    for key in ("keystore", "keystorecert", "truststore", "cacerts"):
        if key in properties:
            properties[key] = os.path.expanduser(properties[key])
    return properties
