"""A client in Python, driven by lines of JSON: `python -m tests.interop.python.caller CLIENT`; see `foreign`."""

from __future__ import annotations

import asyncio
import datetime
import importlib
import json
import math
import os
import ssl
import sys
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any, Final, Protocol

TIMEOUT_S: Final = 60.0
TOLD: Final = ("status", "status_string", "app_status", "app_status_string", "tables")
EPOCH: Final = datetime.datetime(1970, 1, 1)
MICROSECOND: Final = datetime.timedelta(microseconds=1)

Typed = list[tuple[str, Any]]


class Unsupported(Exception):
    """The client has no way to say a value."""


class Caller(Protocol):
    """A connected client."""

    def call(self, procedure: str, params: Typed) -> dict[str, Any]: ...

    def many(self, procedure: str, count: int, asynchronous: bool) -> Iterator[tuple[int, list[Any]]]:
        """Status and rows of the first table, of calls with 0, 1, 2 ... as BIGINT."""

    def close(self) -> None: ...


# ---------------------------------------- the original client, its successor, and ours of the same interface


class Values:
    """Values of voltdbclient, from and to what docs/json.md has."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._serializer = module.FastSerializer
        names = [name for name in dir(self._serializer) if name.startswith("VOLTTYPE_")]
        self._codes = {name.removeprefix("VOLTTYPE_"): getattr(self._serializer, name) for name in names}
        self._names = {code: name for name, code in self._codes.items() if name != "MONEY"}

    def given(self, params: Typed) -> tuple[list[int], list[Any]]:
        """Types and values to call with."""
        kinds, values = [], []
        for kind, value in params:
            element = kind.removesuffix("[]")
            if element == "VOLTTABLE":
                raise Unsupported("tables are no parameters")
            is_array = element != kind
            values.append(
                [self._value(element, each) for each in value] if is_array else self._value(kind, value)
            )
            kinds.append(self._codes[element])
        return kinds, values

    def _value(self, kind: str, value: Any) -> Any:
        if value is None:
            return None
        match kind:
            case "FLOAT":
                return float(value)
            case "DECIMAL":
                return Decimal(value)
            case "TIMESTAMP":
                try:
                    return EPOCH + value * MICROSECOND
                except OverflowError:
                    raise Unsupported("a year beyond those of datetime") from None
            case "DATE":
                return datetime.date.fromisoformat(value)
            case "VARBINARY":
                return bytearray.fromhex(value)
            case "GEOGRAPHY_POINT":
                return self._module.Geography.pointFromWKT(value)
            case "GEOGRAPHY":
                return self._module.Geography.geographyFromWKT(value)
        return value

    def response(self, response: Any) -> dict[str, Any]:
        """What came."""
        return {
            "status": response.status,
            "status_string": response.statusString,
            "app_status": response.appStatus if response.appStatus is not None else -128,
            "app_status_string": response.appStatusString,
            "tables": [self._table(table) for table in response.tables or ()],
        }

    def _table(self, table: Any) -> dict[str, Any]:
        codes = [column.type for column in table.columns]
        columns = [[column.name, self._names.get(column.type)] for column in table.columns]
        rows = [[self._plain(*pair) for pair in zip(codes, row, strict=True)] for row in table.tuples]
        return {"columns": columns, "rows": rows}

    def _plain(self, code: int, value: Any) -> Any:
        if code == self._codes["GEOGRAPHY_POINT"] and value is not None:
            return str(self._module.Geography.pointToWKT(value))
        if code == self._codes["VARBINARY"] and value is not None:
            return bytes(value).hex()
        if isinstance(value, datetime.datetime):
            return (value - EPOCH) // MICROSECOND
        if isinstance(value, Decimal):
            return f"{value:.12f}"
        if isinstance(value, float):
            return value if math.isfinite(value) else "nan" if math.isnan(value) else f"{value:+}".lstrip("+")
        return value if value is None or isinstance(value, int | str) else str(value)


class OneAtATime:
    """voltdbclient, of either house."""

    def __init__(self, module: ModuleType, given: dict[str, Any]) -> None:
        self._module, self._values = module, Values(module)
        timeout_ms = given.get("timeout_ms")
        self._client = module.FastSerializer(
            given["host"],
            given["port"],
            usessl="trust" in given,
            username=given.get("user", ""),
            password=given.get("password", ""),
            ssl_config_file=given.get("trust"),
            procedure_timeout=timeout_ms and timeout_ms / 1000,
        )

    def call(self, procedure: str, params: Typed) -> dict[str, Any]:
        kinds, values = self._values.given(params)
        return self._values.response(self._module.VoltProcedure(self._client, procedure, kinds).call(values))

    def many(self, procedure: str, count: int, asynchronous: bool) -> Iterator[tuple[int, list[Any]]]:
        ready = self._module.VoltProcedure(self._client, procedure, [self._client.VOLTTYPE_BIGINT])
        for number in range(count):
            response = ready.call([number])
            yield response.status, response.tables[0].tuples if response.tables else []

    def close(self) -> None:
        self._client.close()


class ManyAtOnce:
    """voltclient."""

    def __init__(self, module: ModuleType, given: dict[str, Any]) -> None:
        self._values = Values(importlib.import_module("voltdbclient"))
        self._big = module.VoltType.BIGINT
        self._client = module.VoltClient(
            [given["host"]],
            port=given["port"],
            username=given.get("user", ""),
            password=given.get("password", ""),
            usessl="trust" in given,
            ssl_config_file=given.get("trust"),
            procedure_timeout=given.get("timeout_ms", TIMEOUT_S * 1000) / 1000,
        )

    def call(self, procedure: str, params: Typed) -> dict[str, Any]:
        return self._values.response(self._client.call(procedure, *self._values.given(params)))

    def many(self, procedure: str, count: int, asynchronous: bool) -> Iterator[tuple[int, list[Any]]]:
        numbers = range(count)
        if asynchronous:
            futures = [self._client.call_async(procedure, [self._big], [number]) for number in numbers]
            responses: Iterator[Any] = (future.result() for future in futures)
        else:
            responses = (self._client.call(procedure, [self._big], [number]) for number in numbers)
        for response in responses:
            yield response.status, response.tables[0].tuples if response.tables else []

    def close(self) -> None:
        self._client.close()


# ----------------------------------------------------------------------------------------- our own clients


def _ours(params: Typed) -> list[Any]:
    from volttools.jsonlines.values import parameter_from_json

    return [parameter_from_json(list(param)) for param in params]


def _read(result: Any) -> dict[str, Any]:
    from volttools.jsonlines.message_members import response_fields
    from volttools.jsonlines.values import Fidelity

    found = response_fields(result.response, Fidelity())
    return {name: found[name] for name in TOLD}


def _settings(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    from volttools.client import ConnectionSettings  # noqa: F401  # so that a time-out has what it needs

    host = f"[{given['host']}]" if ":" in given["host"] else given["host"]
    context = ssl.create_default_context(cafile=given["trust"]) if "trust" in given else None
    timeout_s = given.get("timeout_ms", TIMEOUT_S * 1000) / 1000
    named = {"user": given.get("user", ""), "password": given.get("password", ""), "timeout": timeout_s}
    return f"{host}:{given['port']}", {**named, "ssl_context": context, "signatures": False}


class Blocking:
    """volttools.client."""

    def __init__(self, module: ModuleType, given: dict[str, Any]) -> None:
        target, named = _settings(given)
        self._client = module.connect(target, **named)

    def call(self, procedure: str, params: Typed) -> dict[str, Any]:
        return _read(self._client.call(procedure, *_ours(params), check=False))

    def many(self, procedure: str, count: int, asynchronous: bool) -> Iterator[tuple[int, list[Any]]]:
        if asynchronous:
            calls = [self._client.submit(procedure, number, check=False) for number in range(count)]
            results: Iterator[Any] = (call.result() for call in calls)
        else:
            results = (self._client.call(procedure, number, check=False) for number in range(count))
        for result in results:
            yield result.status, [list(row) for row in result.rows]

    def close(self) -> None:
        self._client.close()


class Asynchronous:
    """volttools.client, by asyncio."""

    def __init__(self, module: ModuleType, given: dict[str, Any]) -> None:
        target, named = _settings(given)
        self._runner = asyncio.Runner()
        try:
            self._client = self._runner.run(module.connect_async(target, **named))
        except BaseException:
            self._runner.close()
            raise

    def call(self, procedure: str, params: Typed) -> dict[str, Any]:
        return _read(self._runner.run(self._client.call(procedure, *_ours(params), check=False)))

    def many(self, procedure: str, count: int, asynchronous: bool) -> Iterator[tuple[int, list[Any]]]:
        async def all_calls() -> list[Any]:
            if asynchronous:
                calls = [await self._client.submit(procedure, number, check=False) for number in range(count)]
                return [await call for call in calls]
            return [await self._client.call(procedure, number, check=False) for number in range(count)]

        for result in self._runner.run(all_calls()):
            yield result.status, [list(row) for row in result.rows]

    def close(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


CLIENTS: Final[dict[str, tuple[Any, str]]] = {
    "voltdbclient": (OneAtATime, "voltdbclient"),
    "voltclient": (ManyAtOnce, "voltclient"),
    "volttools.voltdbclient": (OneAtATime, "volttools.voltdbclient"),
    "volttools": (Blocking, "volttools.client"),
    "volttools, asyncio": (Asynchronous, "volttools.client"),
}


def _answer(caller: Caller, line: dict[str, Any]) -> dict[str, Any]:
    try:
        if "times" not in line:
            return {"response": caller.call(line["procedure"], [tuple(param) for param in line["params"]])}
        answers = list(caller.many(line["procedure"], line["times"], line["asynchronous"]))
    except Unsupported as reason:
        return {"unsupported": str(reason)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    statuses = Counter(str(status) for status, _ in answers)
    return {"statuses": statuses, "echoed": sum(rows == [[n]] for n, (_, rows) in enumerate(answers))}


def main(name: str) -> None:
    """Answer lines until there is no more."""
    os.environ["TZ"] = "UTC"  # voltdbclient's times are local ones
    time.tzset()
    kind, module = CLIENTS[name]
    loaded = importlib.import_module(module)
    output, sys.stdout = sys.stdout, sys.stderr  # voltdbclient prints
    caller: Caller | None = None
    for text in sys.stdin:
        line = json.loads(text)
        if "host" not in line:
            assert caller is not None
            answer = _answer(caller, line)
        else:
            if caller is not None:
                caller.close()
            try:
                caller, answer = kind(loaded, line), {"connected": True}
            except Exception as error:
                caller, answer = None, {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=output, flush=True)
    if caller is not None:
        caller.close()


if __name__ == "__main__":
    main(sys.argv[1])
