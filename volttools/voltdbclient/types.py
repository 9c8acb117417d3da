"""Names of types and NULLs as the original client has them. The numbers are those of `formats`."""

from __future__ import annotations

from volttools.client.values import value_of_null
from volttools.formats import types
from volttools.formats.login import KERBEROS_HANDSHAKE, KERBEROS_SERVICE_NAME, KERBEROS_VERSION
from volttools.formats.notation import Text
from volttools.formats.primitives import DECIMAL_SCALE
from volttools.formats.types import TYPES

DECIMAL_STRING = 1000 + types.STRING.code
"""Never on the wire, where it would be no type: a Decimal that is sent as a STRING."""

_HIGH, _LOW = value_of_null(types.DECIMAL)

NULL_DECIMAL = bytes(types.DECIMAL.format.build(None))  # type: ignore[union-attr]
"""The NULL of DECIMAL as it stands on the wire."""

SCALARS = {
    types.NULL: "Null",
    types.TINYINT: "Byte",
    types.SMALLINT: "Int16",
    types.INTEGER: "Int32",
    types.BIGINT: "Int64",
    types.FLOAT: "Float64",
    types.STRING: "String",
    types.VARBINARY: "Varbinary",
    types.TIMESTAMP: "Timestamp",
    types.DATE: "Date",
    types.BOOLEAN: "Boolean",
    types.DECIMAL: "Decimal",
    types.GEOGRAPHY_POINT: "GeographyPoint",
    types.GEOGRAPHY: "Geography",
}
"""What a type is called in the names of methods that read and write it."""


class VoltTypes:
    """VOLTTYPE_*, codes for a procedure's parameter types; NULL_*_INDICATOR, what the wire has for NULL."""

    LITTLE_ENDIAN = "<"
    BIG_ENDIAN = ">"
    inputBOM = BIG_ENDIAN
    localBOM = LITTLE_ENDIAN

    AUTH_HANDSHAKE_VERSION = KERBEROS_VERSION
    AUTH_SERVICE_NAME = KERBEROS_SERVICE_NAME
    AUTH_HANDSHAKE = KERBEROS_HANDSHAKE

    PROC_OK = 0

    ARRAY = types.ARRAY.code

    VOLTTYPE_NULL = types.NULL.code
    VOLTTYPE_TINYINT = types.TINYINT.code
    VOLTTYPE_SMALLINT = types.SMALLINT.code
    VOLTTYPE_INTEGER = types.INTEGER.code
    VOLTTYPE_BIGINT = types.BIGINT.code
    VOLTTYPE_FLOAT = types.FLOAT.code
    VOLTTYPE_STRING = types.STRING.code
    VOLTTYPE_TIMESTAMP = types.TIMESTAMP.code
    VOLTTYPE_DATE = types.DATE.code
    VOLTTYPE_DECIMAL = types.DECIMAL.code
    VOLTTYPE_DECIMAL_STRING = DECIMAL_STRING
    VOLTTYPE_MONEY = TYPES.by_name("MONEY").code
    VOLTTYPE_VOLTTABLE = types.VOLTTABLE.code
    VOLTTYPE_BOOLEAN = types.BOOLEAN.code
    VOLTTYPE_VARBINARY = types.VARBINARY.code
    VOLTTYPE_GEOGRAPHY_POINT = types.GEOGRAPHY_POINT.code
    VOLTTYPE_GEOGRAPHY = types.GEOGRAPHY.code

    NULL_STRING_INDICATOR = Text.null
    NULL_TINYINT_INDICATOR = value_of_null(types.TINYINT)
    NULL_SMALLINT_INDICATOR = value_of_null(types.SMALLINT)
    NULL_INTEGER_INDICATOR = value_of_null(types.INTEGER)
    NULL_BIGINT_INDICATOR = value_of_null(types.BIGINT)
    NULL_FLOAT_INDICATOR = value_of_null(types.FLOAT)
    NULL_DECIMAL_INDICATOR = _HIGH << 64 | _LOW

    DEFAULT_DECIMAL_SCALE = DECIMAL_SCALE
