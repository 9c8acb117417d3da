"""Record modes, as people know them from VCR.

| mode | a call that the cassette has | one that it doesn't have | the file |
|---|---|---|---|
| `none` | is answered from it | is a miss | must be there; is not changed |
| `once` | is answered from it | is a miss; recorded where there was no file | made, if it is not there |
| `new_episodes` | is answered from it | is recorded | grows |
| `all` | is recorded again | is recorded | is written anew, if anything was recorded |
"""

from __future__ import annotations

from enum import Enum

from volttools.errors import UsageError


class RecordMode(Enum):
    """What becomes of a call; "new" stands for "new_episodes" as well."""

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    ALL = "all"

    @classmethod
    def of(cls, mode: RecordMode | str) -> RecordMode:
        """The mode of that name. UsageError if there is none.

        >>> RecordMode.of("new")
        <RecordMode.NEW_EPISODES: 'new_episodes'>
        """
        if isinstance(mode, RecordMode):
            return mode
        try:
            return cls("new_episodes" if mode == "new" else mode)
        except ValueError:
            names = ", ".join(each.value for each in cls)
            raise UsageError(f"no record mode is called {mode!r}; there are {names}") from None

    def plays(self) -> bool:
        """Whether calls are answered from the cassette."""
        return self is not RecordMode.ALL

    def records(self, *, is_new: bool) -> bool:
        """Whether calls that it doesn't answer go to the server and are recorded; `is_new`: there was no file."""
        return self in (RecordMode.NEW_EPISODES, RecordMode.ALL) or (self is RecordMode.ONCE and is_new)
