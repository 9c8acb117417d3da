"""Cassettes: recorded calls and their answers, as text that people read, edit and review.

    from volttools.cassettes import load

    cassette = load("votes.cassette")
    for interaction in cassette:
        print(interaction)

cassette   what is in one; reading, adding, writing
layout     how it stands in a file
modes      none, once, new_episodes, all: what is played and what is recorded
checking   what is wrong with a file
"""

from volttools.cassettes.cassette import BeforeRecord, Cassette, load
from volttools.cassettes.checking import Complaint, check
from volttools.cassettes.interaction import Interaction
from volttools.cassettes.modes import RecordMode

__all__ = ["BeforeRecord", "Cassette", "Complaint", "Interaction", "RecordMode", "check", "load"]
