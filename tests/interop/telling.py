"""What clients can't say or tell, found by driving them: where they are at fault, and where they just don't."""

from __future__ import annotations

from typing import Any, Final

from tests.interop.foreign import Line

LAST_MICROSECOND: Final = 253_402_300_799_000_000
"""Of the last second of the year 9999, which voltdbclient rounds to the next; there is no datetime behind."""

EXACT_MICROSECONDS: Final = 4 * 10**15
"""Beyond, a double has no microseconds: voltdbclient makes one of them."""

OF_ONE_INTERFACE: Final = ("Python voltdbclient", "Python voltclient", "Python volttools.voltdbclient")
GO_STATUSES: Final = (1, *range(-9, 0))


def can_call(client: str, line: Line) -> bool:
    """Whether a client can make a recorded call, and live with its answer."""
    params, response = line["params"], line["response"]
    kinds = [kind for kind, _ in params]
    if client.startswith("Java"):
        # A polygon from WKT may differ in the last bits of its vertices, and is another one.
        return not any(kind.startswith("GEOGRAPHY") and value is not None for kind, value in params)
    if client == "Go":
        # Of statuses that it doesn't know it dies; what stands beside a success it takes for tables.
        is_fine = response["status"] != 1 or response["status_string"] is None
        return response["status"] in GO_STATUSES and is_fine
    if client == "Rust":
        return bool(response["tables"])  # without one it waits for ever
    if client in ("Python voltdbclient", "Python voltclient"):
        # Of empty arrays they leave out the length, those of bytes they don't know. Years behind 9999 raise an
        # error, of which voltclient's connection dies.
        if "VARBINARY[]" in kinds or any(value == [] for _, value in params):
            return False
        return not any(
            is_time and value is not None and value > LAST_MICROSECOND
            for table in response["tables"]
            for row in table["rows"]
            for value, is_time in zip(row, _which(table, "TIMESTAMP"), strict=True)
        )
    return True


def as_told(client: str, response: Line) -> Line:
    """Of an answer what a client tells, or of what it tells that which can be relied on."""
    if client == "Go":
        return {"status": 1, "tables": [_of_go(table) for table in response["tables"]]}
    if client == "Rust":
        return {"status": 1, "tables": [_of_rust(table) for table in response["tables"][:1]]}
    if client in OF_ONE_INTERFACE:
        return {**response, "tables": [_of_python(table) for table in response["tables"]]}
    return response


def is_told_as_error(client: str, line: Line, answer: Line) -> bool:
    """Whether an answer that is no response is what this client makes of it."""
    response = line["response"]
    if "unreadable" in answer:
        has_places = any(any(_which(table, "GEOGRAPHY_POINT")) for table in response["tables"])
        return client in ("Go", "Rust") and has_places
    if client == "Rust":
        return response["status"] != 1 and "status_string" in answer["error"]
    if client != "Go":
        return False
    text = response["status_string"] if response["status"] != 1 else response["app_status_string"]
    return "error" in answer and (text or "") in answer["error"]


def _which(table: Line, kind: str) -> list[bool]:
    return [found == kind for _, found in table["columns"]]


def _of_python(table: Line) -> Line:
    """Without the status, and without times whose microseconds it rounds."""
    rows = [
        [
            "late" if is_time and value is not None and abs(value) > EXACT_MICROSECONDS else value
            for value, is_time in zip(row, _which(table, "TIMESTAMP"), strict=True)
        ]
        for row in table["rows"]
    ]
    return {"columns": table["columns"], "rows": rows}


def _of_go(table: Line) -> Line:
    """Without the status, and without decimals: negative ones are others, long ones rounded."""
    rows: list[list[Any]] = [
        [
            "decimal" if is_decimal and value is not None else value
            for value, is_decimal in zip(row, _which(table, "DECIMAL"), strict=True)
        ]
        for row in table["rows"]
    ]
    return {"columns": table["columns"], "rows": rows}


def _of_rust(table: Line) -> Line:
    """Without the status, and times in milliseconds."""
    rows = [
        [
            int(value / 1000) if is_time and value is not None else value
            for value, is_time in zip(row, _which(table, "TIMESTAMP"), strict=True)
        ]
        for row in table["rows"]
    ]
    return {"columns": table["columns"], "rows": rows}
