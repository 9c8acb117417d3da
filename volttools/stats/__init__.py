"""Digests of traffic: what costs time, what fails, how it is spread, and what changed since.

digest     counts events, one after the other, in memory that doesn't grow with them
keys       what calls are counted together by
baseline   a digest that was saved, and what is different now
report     the digest for people; `figures` for programs
"""

from __future__ import annotations

from volttools.protocol.fingerprint import fingerprint
from volttools.stats.digest import Digest
from volttools.stats.keys import Key, key_of

__all__ = ["Digest", "Key", "fingerprint", "key_of"]
