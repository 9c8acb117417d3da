"""The interface of the original Python client, for scripts that are written for it.

    from volttools.voltdbclient import FastSerializer, VoltProcedure

    client = FastSerializer("localhost", 21212)
    vote = VoltProcedure(client, "Vote", [FastSerializer.VOLTTYPE_BIGINT])
    print(vote.call([6175551212]).tables[0].tuples)

docs/voltdbclient.md has the differences: where the original has a bug, this hasn't.
As with the original, importing it sets this thread's decimal context to 38 digits: sums of DECIMALs
would lose digits with Python's 28.
"""

import decimal
import importlib

from volttools.formats.primitives import DECIMAL_DIGITS
from volttools.voltdbclient.buffers import ReadBuffer
from volttools.voltdbclient.connection import AuthenticationFailed, FastSerializer
from volttools.voltdbclient.exception import VoltException
from volttools.voltdbclient.geography import Geography, XYZPoint
from volttools.voltdbclient.helpers import (
    error,
    int16toBytes,
    int32toBytes,
    int64toBytes,
    isNaN,
    kerberos_available,
    logger,
    pkcs12_available,
    pyjks_available,
    read_properties_file,
    resolve_paths,
    ssl_available,
    use_logging,
)
from volttools.voltdbclient.procedure import VoltProcedure
from volttools.voltdbclient.response import VoltResponse
from volttools.voltdbclient.table import VoltColumn, VoltTable

decimal.getcontext().prec = max(decimal.getcontext().prec, DECIMAL_DIGITS)

# Scripts get these by `from voltdbclient import *`, and go on to use them.
_MODULES = [
    "array",
    "atexit",
    "base64",
    "datetime",
    "decimal",
    "hashlib",
    "math",
    "operator",
    "os",
    "re",
    "socket",
    "ssl",
    "stat",
    "struct",
    "sys",
    "textwrap",
    "time",
]
globals().update({name: importlib.import_module(name) for name in _MODULES})

__all__ = [
    "AuthenticationFailed",
    "FastSerializer",
    "Geography",
    "ReadBuffer",
    "VoltColumn",
    "VoltException",
    "VoltProcedure",
    "VoltResponse",
    "VoltTable",
    "XYZPoint",
    "error",
    "int16toBytes",
    "int32toBytes",
    "int64toBytes",
    "isNaN",
    "kerberos_available",
    "logger",
    "pkcs12_available",
    "pyjks_available",
    "read_properties_file",
    "resolve_paths",
    "ssl_available",
    "use_logging",
    *_MODULES,
]
