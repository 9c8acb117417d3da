"""Faults, at the level of messages: late, lost, cut, wrong, refused - for a mock server and for a proxy.

    catalog      all kinds of faults; connection_kinds, delivery_kinds, content_kinds declare them
    rules        which fault, and when; scenario: rules in a file
    injector     decides, for each connection and call; injections: the log, which can be repeated
    actions      what is done in the place of sending a message; delivery does it

Pure: who has a socket and a clock asks and obeys. docs/faults.md tells users.
"""

from __future__ import annotations

from volttools.faults.injections import Injection
from volttools.faults.injector import Injector
from volttools.faults.rules import Rule, rule
from volttools.faults.scenario import Scenario

__all__ = ["Injection", "Injector", "Rule", "Scenario", "rule"]
