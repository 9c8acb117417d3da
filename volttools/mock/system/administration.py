"""Procedures of operators: pausing, shutting down, classes, configuration."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from volttools.codec import build
from volttools.formats.response import UNEXPECTED_FAILURE, Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, INTEGER, STRING, TINYINT, VARBINARY
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.fault import Fault
from volttools.mock.system.facts import Facts, SystemProcedure, refused, status_ok

_MOST_CLASSES = 10_000


class Administration:
    """What operators call."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {
            "@Pause": self._pause,
            "@Resume": self._resume,
            "@PrepareShutdown": self._prepare_shutdown,
            "@CancelShutdown": self._cancel_shutdown,
            "@Shutdown": self._shutdown,
            "@Quiesce": status_ok,
            "@UpdateLogging": status_ok,
            "@UpdateClasses": self._update_classes,
            "@UpdateApplicationCatalog": _update_application_catalog,
            "@UpdateLicense": _update_license,
            "@SwapTables": self._swap_tables,
            "@BalancePartitions": _enterprise_only,
            "@ValidatePartitioning": _validate_partitioning,
            "@GetHashinatorConfig": self._hashinator_config,
            "@GC": _collect_garbage,
            "@ProfCtl": _profile,
            "@JStack": _success,
            "@Note": _note,
        }

    def _pause(self, call: Call) -> Response:
        return self._on_admin_port(call, is_paused=True)

    def _resume(self, call: Call) -> Response:
        return self._on_admin_port(call, is_paused=False)

    def _on_admin_port(self, call: Call, *, is_paused: bool) -> Response:
        if not call.connection.is_admin:
            return _not_available(call)
        self._facts.gate.is_paused = is_paused
        return status_ok(call)

    def _prepare_shutdown(self, call: Call) -> Response:
        return self._ending(call, is_ending=True)

    def _cancel_shutdown(self, call: Call) -> Response:
        return self._ending(call, is_ending=False)

    def _ending(self, call: Call, *, is_ending: bool) -> Response:
        if not call.connection.is_admin:
            return _not_available(call)
        self._facts.gate.is_ending = is_ending
        return Response(tables=[Table.of([("STATUS", BIGINT)], [(self._transaction_id(call),)])])

    def _transaction_id(self, call: Call) -> int:
        """A number that grows, as transactions have."""
        return self._facts.now_ns() // 1000 + call.number

    def _shutdown(self, call: Call) -> Fault:
        self._facts.shut_down()
        return Fault(sends="nothing")

    def _update_classes(self, call: Call) -> Response:
        if len(call.params) != 2 or not _are_jar_and_names(*call.params):
            text = f"VOLTDB ERROR: UNEXPECTED FAILURE: {call.procedure} takes a jar and the names of classes"
            return failure(UNEXPECTED_FAILURE, text)
        jar, removed = call.params
        names = [name.strip() for name in (removed or "").split(",") if name.strip()]
        for procedure in self._facts.procedures.declarations.schema.procedures.values():
            if procedure.class_name in names:
                name = procedure.class_name
                return refused(
                    f"Invalid modification of classes: Class {name} cannot be removed, it is being used by procedure "
                    f"{procedure.name}"
                )
        self._facts.classes.difference_update(names)
        self._facts.classes.update(_classes_of(jar or b""))
        return status_ok(call)

    def _swap_tables(self, call: Call) -> Response:
        schema = self._facts.procedures.declarations.schema
        names = [str(name) for name in call.params]
        if len(names) != 2:
            return refused(
                f"VOLTDB ERROR: PROCEDURE {call.procedure} EXPECTS 2 PARAMS, BUT RECEIVED {len(names)}"
            )
        tables = []
        for name in names:
            table = schema.table(name)
            if table is None:
                return refused(f"SQL error while compiling query: TABLE object not found: {name.upper()}")
            tables.append(table)
        one, other = tables
        reasons = []
        if (one.partition_column is None) != (other.partition_column is None):
            reasons.append("one table is partitioned and the other is not")
        if len(one.columns) != len(other.columns):
            reasons.append("the tables have different numbers of columns")
        if (one.primary_key is None) != (other.primary_key is None):
            reasons.append("one table has a PRIMARY KEY constraint and the other does not")
        if reasons:
            listed = "".join(f"\n  - {reason}" for reason in reasons)
            return refused(
                f"SQL error while compiling query: Swapping tables {one.name} and {other.name} failed for the "
                f"following reason(s):{listed}"
            )
        rows = self._facts.counters.rows
        rows[one.name], rows[other.name] = rows.get(other.name, 0), rows.get(one.name, 0)
        modified = rows[one.name] + rows[other.name]
        return Response(tables=[Table.of([("modified_tuples", BIGINT)], [(modified,)])])

    def _hashinator_config(self, call: Call) -> Response:
        columns = (("VERSION", BIGINT), ("CONFIG", VARBINARY))
        return Response(tables=[Table.of(columns, [(0, build(self._facts.topology.ring))])])


def _not_available(call: Call) -> Response:
    return failure(UNEXPECTED_FAILURE, f"{call.procedure} is not available to this client")


def _are_jar_and_names(jar: Any, names: Any) -> bool:
    return (jar is None or isinstance(jar, bytes)) and (names is None or isinstance(names, str))


def _classes_of(jar: bytes) -> list[str]:
    """The classes in a jar; bytes that are none have none, and the server takes them."""
    try:
        with zipfile.ZipFile(io.BytesIO(jar)) as archive:
            files = archive.namelist()[:_MOST_CLASSES]
    except Exception:  # whatever zipfile has against what a client sent
        return []
    return [file.removesuffix(".class").replace("/", ".") for file in files if file.endswith(".class")]


def _update_application_catalog(call: Call) -> Response:
    jar: Any = call.params[0] if call.params else None
    deployment: Any = call.params[1] if len(call.params) > 1 else None
    if jar is not None:
        return refused(
            "Cluster is configured to use AdHoc DDL to change application schema. Use of @UpdateApplicationCatalog is "
            "forbidden."
        )
    if isinstance(deployment, str) and not deployment.lstrip().startswith("<"):
        return refused("Unable to update deployment configuration: Error parsing deployment string")
    return status_ok(call)


def _update_license(call: Call) -> Response:
    columns = (("STATUS", BIGINT), ("ERR_MSG", STRING))
    return Response(tables=[Table.of(columns, [(1, "Not supported in Community Edition")])])


def _enterprise_only(call: Call) -> Response:
    return refused(f"{call.procedure} is available in the Enterprise Edition of VoltDB only.")


def _validate_partitioning(call: Call) -> Response:
    site = (("HOST_ID", INTEGER), ("SITE_ID", INTEGER), ("PARTITION_ID", INTEGER))
    rows = Table.of([*site, ("TABLE", STRING), ("MISPARTITIONED_ROWS", BIGINT)])
    return Response(tables=[rows, Table.of([*site, ("HASHINATOR_MATCHES", TINYINT)])])


def _collect_garbage(call: Call) -> Response:
    return Response(tables=[Table.of([("SYSTEM_GC_DURATION_NANOS", BIGINT)], [(0,)])])


def _profile(call: Call) -> Response:
    return Response(tables=[Table.of([("Result", STRING)], [("The mock server has no profiler",)])])


def _success(call: Call) -> Response:
    return Response(status_string="SUCCESS")


def _note(call: Call) -> Response:
    return Response(tables=[Table.of([("", BIGINT)], [(0,)])])
