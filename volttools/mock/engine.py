"""What runs SQL, if anything does.

The mock has no engine of its own: SQL is answered by handlers, stubs and recordings. One that is given to
`MockServer(engine=...)` gets the SQL of @AdHoc, of declared procedures and of default procedures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from volttools.formats.table import Table

if TYPE_CHECKING:
    from volttools.mock.schema.model import Schema


class SqlRefused(Exception):
    """An engine's answer to SQL that fails: the status string, as a client is to see it."""


class Engine(Protocol):
    """Something that runs SQL."""

    def execute(self, sql: str, params: Sequence[Any], schema: Schema) -> list[Table]:
        """The tables that one statement gives: its rows, or `modified_tuples`. SqlRefused if it fails.

        params  values for its `?`, by the types of the schema's columns where these are known
        schema  the tables that there are now; the engine keeps the rows
        """


NO_ENGINE = (
    'the mock server executes no SQL. Answer it with a handler (--handlers, or server.handle("{procedure}", ...)), '
    "a stub (POST /answers), a recording or cassette, a real server behind (passthrough), or an engine"
)
