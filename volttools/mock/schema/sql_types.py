"""The types of columns: as DDL names them, as they travel, and as JDBC describes them.

Sources: VoltType.java and JdbcDatabaseMetaDataGenerator.java of the 11.4 server; recording system-catalog.pcap.
"""

from __future__ import annotations

from dataclasses import dataclass

from volttools.formats.types import MAX_VALUE_BYTES, TYPES, WireType


@dataclass(frozen=True, slots=True)
class SqlType:
    """One type of columns.

    name       in the catalog
    wire       in tables and parameters
    jdbc       its code in JDBC
    precision  digits, bits or bytes, as JDBC counts them; None where it has none
    length     bytes at most
    scale      digits behind the point
    radix      of the precision
    """

    name: str
    wire: WireType
    jdbc: int
    precision: int | None
    length: int
    scale: int | None = None
    radix: int | None = None


# fmt: off
_ROWS = [
    SqlType("TINYINT",         TYPES.by_name("TINYINT"),         -6,   7,               1,   radix=2),
    SqlType("SMALLINT",        TYPES.by_name("SMALLINT"),         5,   15,              2,   radix=2),
    SqlType("INTEGER",         TYPES.by_name("INTEGER"),          4,   31,              4,   radix=2),
    SqlType("BIGINT",          TYPES.by_name("BIGINT"),          -5,   63,              8,   radix=2),
    SqlType("FLOAT",           TYPES.by_name("FLOAT"),            6,   53,              8,   radix=2),
    SqlType("DECIMAL",         TYPES.by_name("DECIMAL"),          3,   38,              16,  scale=12, radix=10),
    SqlType("VARCHAR",         TYPES.by_name("STRING"),           12,  MAX_VALUE_BYTES, MAX_VALUE_BYTES),
    SqlType("TIMESTAMP",       TYPES.by_name("TIMESTAMP"),        93,  63,              8,   radix=2),
    SqlType("VARBINARY",       TYPES.by_name("VARBINARY"),       -3,   MAX_VALUE_BYTES, MAX_VALUE_BYTES),
    SqlType("GEOGRAPHY_POINT", TYPES.by_name("GEOGRAPHY_POINT"),  1111, None,           16),
    SqlType("GEOGRAPHY",       TYPES.by_name("GEOGRAPHY"),        1111, MAX_VALUE_BYTES, MAX_VALUE_BYTES),
]
# fmt: on

BY_NAME = {row.name: row for row in _ROWS}
BY_NAME |= {"INT": BY_NAME["INTEGER"], "REAL": BY_NAME["FLOAT"]}
"""As DDL may name them. DOUBLE, NUMERIC, BOOLEAN, CHAR, DATE, TEXT are no names of types."""

_BY_WIRE = {row.wire.code: row for row in _ROWS}

SIZED = frozenset(("VARCHAR", "VARBINARY", "GEOGRAPHY"))
"""Types whose size DDL may state; DECIMAL's digits are taken, and make no difference."""

DEFAULT_SIZES = {"VARCHAR": 63, "VARBINARY": 63, "GEOGRAPHY": 32_768}
"""Of columns whose DDL states none. GEOGRAPHY's is documented (CREATE TABLE); the other two weren't observed."""


def sql_type_of(wire: WireType) -> SqlType:
    """How JDBC describes parameters of a wire type; "OTHER" for what no column has."""
    if wire.name == "VOLTTABLE":
        return SqlType("OTHER", wire, 1111, None, -1)
    return _BY_WIRE.get(wire.code) or SqlType(wire.name, wire, 1111, None, 0)
