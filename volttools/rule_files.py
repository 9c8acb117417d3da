"""Files in TOML: how all of them are read, and what redaction and comparison say alike of what is wrong in rules.

[default]           what holds where no rule says otherwise

[[rule]]            selectors, of which all must match, and what is done
procedure = "Vote*"
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn

from volttools.errors import UsageError
from volttools.words import nearest


def read_rule_text(path: str | Path) -> str:
    """The text of a file. Raises UsageError that names a file that is no UTF-8; OSError."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"no UTF-8, as TOML must be: {error.reason}", file=str(path)) from None


def read_toml(text: str, *, file: str | None = None) -> dict[str, Any]:
    """The document of a TOML text. Raises UsageError."""
    try:
        if any(token.lastgroup == "many" for token in _TOKENS.finditer(text)):
            raise RecursionError
        document = tomllib.loads(text)
    except RecursionError:
        raise UsageError("no TOML that can be read: it is nested too deeply", file=file) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"no TOML: {error}", file=file) from None
    except ValueError:  # more digits than Python makes a number of
        raise UsageError(_TOO_LARGE, file=file) from None
    if not all(-_NUMBERS <= number < _NUMBERS for number in _whole_numbers(document)):
        raise UsageError(_TOO_LARGE, file=file)
    return document


def toml_string(text: str) -> str:
    """A text as TOML has it: as in JSON, but that DEL is escaped, and lone surrogates can't be.

    >>> print(toml_string('a "b"'))
    "a \\"b\\""
    """
    whole = text.encode("utf-8", "replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


_TOO_LARGE: Final = "no TOML: a whole number is larger than 64 bits"
_NUMBERS: Final = 2**63
_NAME: Final = r"""(?:[\w-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_TOKENS: Final = re.compile(  # each takes all that it has looked at, so the time is linear
    r"""\#[^\n]*+"""
    r'''|"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5}|\Z)'''
    r"""|'{3}(?:[^']++|'(?!''))*+(?:'{3,5}|\Z)"""
    rf"|(?P<many>(?:{_NAME}){{100}})"  # a key of 20,000 names takes the library more than a gigabyte
    rf"|(?:{_NAME})++"
    r"""|[\w-]++|"(?:[^"\\\n]++|\\.)*+"?|'[^'\n]*+'?""",
    re.DOTALL,
)


def _whole_numbers(document: Mapping[str, Any]) -> Iterator[int]:
    left: list[Any] = [document]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, int):
            yield value


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """Whether one of the patterns with * and ? matches; case doesn't matter.

    >>> matches_any(("Vote*", "Poll"), "VOTES.insert")
    True
    """
    return any(_compiled(pattern).match(name) for pattern in patterns)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern), re.IGNORECASE)


def instead(word: Any, words: Iterable[str]) -> str:
    """What to write instead, as the end of a sentence."""
    words = list(words)
    like = nearest(str(word), words)
    return f"; did you mean {like}?" if like else f"; write one of {', '.join(words)}"


class RuleReader:
    """Reads parts of a document; each raises UsageError that names file, rule and key.

    where  what the rule is called in errors: "rule 2"
    """

    def __init__(self, file: str | None) -> None:
        self._file = file

    def default_and_rules(self, document: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """[default] and each [[rule]]."""
        self.check_keys(document, ("default", "rule"), "")
        default, rules = document.get("default", {}), document.get("rule", [])
        if not isinstance(default, dict):
            self.fail("default", "expected a table, written [default]")
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            self.fail("rule", "expected tables, each written [[rule]]")
        return default, rules

    def check_keys(self, table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        """That a table has no other keys."""
        known = list(known)
        for key in table:
            if key not in known:
                prefix = f"{where}: " if where else ""
                self.fail(f"{prefix}{key}", f"there is no such key{instead(key, known)}")

    def texts(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...] | None:
        """A text or a list of texts; None if the key is absent."""
        value = table.get(key)
        if value is None:
            return None
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(item, str) for item in values):
            self.fail(f"{where}: {key}", f"expected a text or a list of texts, got {value!r}")
        return tuple(values)

    def positions(self, table: Mapping[str, Any], where: str) -> tuple[int, ...] | None:
        """Positions of parameters; none of them for "*", which is every one."""
        value = table.get("parameter")
        if value is None or value == "*":
            return None if value is None else ()
        values = value if isinstance(value, list) else [value]
        if not values or not all(type(item) is int and item >= 0 for item in values):
            self.fail(
                f"{where}: parameter", f'expected a position from 0, a list of them, or "*", got {value!r}'
            )
        return tuple(values)

    def type_names(
        self, table: Mapping[str, Any], where: str, known: Mapping[str, str]
    ) -> tuple[str, ...] | None:
        """Names of wire types, as `known` has them by what they may be called; None if the key is absent."""
        names = self.texts(table, "type", where)
        if names is None:
            return None
        for name in names:
            if name.upper() not in known:
                self.fail(f"{where}: type", f"there is no {name!r}{instead(name, known)}")
        return tuple(known[name.upper()] for name in names)

    def choice(self, table: Mapping[str, Any], key: str, words: Sequence[str], where: str) -> str | None:
        """One of some words; None if the key is absent."""
        value = table.get(key)
        if value is not None and value not in words:
            self.fail(f"{where}: {key}", f"there is no {value!r}{instead(value, words)}")
        return value

    def fail(self, key: str, message: str) -> NoReturn:
        """Raise the error about a key."""
        raise UsageError(f"{key}: {message}", file=self._file)
