"""What sentences for people have in common: numbers with their nouns, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "reply", "replies")
    ('1 row', '1,200 rows', '2 replies')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, whatever its case; None if there is none like it.

    >>> nearest("sucess", ["SUCCESS", "USER_ABORT"])
    'SUCCESS'
    """
    by_folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None
