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

from volttools.formats.primitives import DECIMAL_DIGITS
from volttools.voltdbclient.connection import AuthenticationFailed, FastSerializer
from volttools.voltdbclient.geography import Geography, XYZPoint
from volttools.voltdbclient.procedure import VoltProcedure
from volttools.voltdbclient.response import VoltException, VoltResponse
from volttools.voltdbclient.table import VoltColumn, VoltTable

decimal.getcontext().prec = max(decimal.getcontext().prec, DECIMAL_DIGITS)

__all__ = [
    "AuthenticationFailed",
    "FastSerializer",
    "Geography",
    "VoltColumn",
    "VoltException",
    "VoltProcedure",
    "VoltResponse",
    "VoltTable",
    "XYZPoint",
]
