"""@SnapshotSave, @SnapshotScan, @SnapshotDelete, @SnapshotRestore: nothing is written, and all goes well."""

from __future__ import annotations

import json
from typing import Any

from volttools.formats.response import OPERATIONAL_FAILURE, Response
from volttools.formats.table import Row, Table
from volttools.formats.types import BIGINT, INTEGER, STRING, WireType
from volttools.mock.calls import Call
from volttools.mock.system.facts import Facts, SystemProcedure, refused

_LETTERS = {"S": STRING, "I": INTEGER, "B": BIGINT}


def _columns(text: str) -> list[tuple[str, WireType]]:
    return [(name, _LETTERS[letter]) for name, letter in (column.split() for column in text.split(", "))]


_SAVED_TABLES = _columns("HOST_ID I, HOSTNAME S, TABLE S, RESULT S, ERR_MSG S")
_SAVED_SITES = _columns("HOST_ID I, HOSTNAME S, SITE_ID I, RESULT S, ERR_MSG S")
_SCANNED = (
    _columns(
        "PATH S, NONCE S, TXNID B, CREATED B, SIZE B, TABLES_REQUIRED S, TABLES_MISSING S, TABLES_INCOMPLETE S, "
        "COMPLETE S, PATHTYPE S"
    ),
    _columns("HOST_ID I, HOSTNAME S, PATH S, TOTAL B, FREE B, USED B, RESULT S, ERR_MSG S"),
    _columns(
        "HOST_ID I, HOSTNAME S, PATH S, NAME S, TXNID B, CREATED B, TABLE S, COMPLETED S, SIZE B, IS_REPLICATED S, "
        "PARTITIONS S, TOTAL_PARTITIONS B, READABLE S, RESULT S, ERR_MSG S, PATHTYPE S"
    ),
)
_DELETED = _columns(
    "HOST_ID I, HOSTNAME S, PATH S, PATHTYPE S, NONCE S, NAME S, SIZE B, DELETED S, RESULT S, ERR_MSG S"
)
_ERROR = _columns("ERR_MSG S")
_RESTORED = _columns("RESULT S, ERR_MSG S")


class Snapshots:
    """Snapshots, of which there never is one."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {
            "@SnapshotSave": self._save,
            "@SnapshotScan": _scan,
            "@SnapshotDelete": _delete,
            "@SnapshotRestore": _restore,
        }

    def _save(self, call: Call) -> Response:
        options = _options(call)
        if options is None:
            return refused("@SnapshotSave JSON blob is no JSON, or no object")
        nonce = options.get("nonce")
        if isinstance(nonce, str) and "-" in nonce:
            return refused(
                f"java.lang.IllegalArgumentException: Provided nonce {nonce} contains a prohibited character (-)"
            )
        rows: list[Row] = []
        is_blocking = bool(options.get("block"))
        for host in self._facts.hosts(call.connection):
            if is_blocking:
                sites = range(self._facts.topology.sites_per_host)
                rows += [(host.host_id, "localhost", site, "SUCCESS", "") for site in sites]
            else:
                tables = ["", *sorted(self._facts.procedures.declarations.schema.tables)]
                rows += [(host.host_id, "localhost", table, "SUCCESS", "") for table in tables]
        table = Table.of(_SAVED_SITES if is_blocking else _SAVED_TABLES, rows)
        transaction = self._facts.now_ns() // 1000 + call.number
        return Response(
            app_status_string=json.dumps({"txnId": transaction}, separators=(",", ":")), tables=[table]
        )


def _options(call: Call) -> dict[str, Any] | None:
    """What a snapshot is asked for with: JSON, or path, nonce and whether to wait; None for bad JSON."""
    if len(call.params) >= 3:
        return {"nonce": call.params[1], "block": call.params[2]}
    if not call.params:
        return {}
    try:
        found = json.loads(str(call.params[0]))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _scan(call: Call) -> Response:
    if len(call.params) != 1 or not isinstance(call.params[0], str):
        return _wrong("@SnapshotScan takes a path")
    return Response(tables=[Table.of(columns) for columns in _SCANNED])


def _delete(call: Call) -> Response:
    if not 2 <= len(call.params) <= 3:
        return _wrong("@SnapshotDelete takes paths and nonces")
    return Response(tables=[Table.of(_DELETED)])


def _wrong(text: str) -> Response:
    """Success, by its status, that says what is wrong: as observed."""
    return Response(status_string=text, tables=[Table.of(_ERROR, [(text,)])])


def _restore(call: Call) -> Response:
    table = Table.of(_RESTORED, [("FAILURE", "No snapshots found.")])
    text = "Restore failed to complete. See response table for additional info."
    return Response(status=OPERATIONAL_FAILURE, status_string=text, tables=[table])
