"""A server for tests: real clients connect, call and get the answers that you give.

from volttools.mock import MockServer

with MockServer() as server:
    server.handle("Vote", lambda call: [(call.params[0], "counted")])
    ...  # any client, at server.host and server.port
    print(server.calls)
"""

from volttools.mock.answers import Answer, AppStatus, Handler
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.engine import Engine, SqlRefused
from volttools.mock.fault import Fault
from volttools.mock.kerberos import Kerberos
from volttools.mock.matchers import ANY, approx, regex
from volttools.mock.matching import Match
from volttools.mock.misses import Miss, UnmatchedCalls
from volttools.mock.passthrough import Passthrough
from volttools.mock.server import MockServer
from volttools.mock.tls import Tls

__all__ = [
    "ANY",
    "Answer",
    "AppStatus",
    "Call",
    "ClientConnection",
    "Engine",
    "Fault",
    "Handler",
    "Kerberos",
    "Match",
    "Miss",
    "MockServer",
    "Passthrough",
    "SqlRefused",
    "Tls",
    "UnmatchedCalls",
    "approx",
    "regex",
]
