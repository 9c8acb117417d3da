"""@SystemInformation OVERVIEW: the keys of a real 11.4 server, in its order.

Clients dial IPADDRESS and CLIENTPORT, so these are what the client itself dialled.
Source: recording system-information.pcap.
"""

from __future__ import annotations

from volttools.formats.table import Table
from volttools.formats.types import INTEGER, STRING

_COLUMNS = (("HOST_ID", INTEGER), ("KEY", STRING), ("VALUE", STRING))


def overview_table(
    *, host_id: int, host: str, port: int, build: str, started_ms: int, uptime_ms: int
) -> Table:
    """The table of one node."""
    started = str(started_ms)
    values = {
        "IPADDRESS": host,
        "HOSTNAME": "localhost",
        "CLIENTINTERFACE": host,
        "CLIENTPORT": str(port),
        "ADMININTERFACE": "",
        "ADMINPORT": "-1",
        "HTTPINTERFACE": "",
        "HTTPPORT": "-1",
        "INTERNALINTERFACE": "",
        "INTERNALPORT": "-1",
        "ZKINTERFACE": "",
        "ZKPORT": "-1",
        "DRINTERFACE": "",
        "DRPORT": "0",
        "PUBLICINTERFACE": host,
        "DRPUBLICINTERFACE": "",
        "DRPUBLICPORT": "-1",
        "BUILDSTRING": build,
        "VERSION": build.partition("_")[0],
        "CATALOG": "",
        "DEPLOYMENT": "",
        "CLUSTERSTATE": "RUNNING",
        "CLUSTERSAFETY": "FULL",
        "INITIALIZED": "true",
        "REPLICATIONROLE": "NONE",
        "CATALOGCRC": "0",
        "IV2ENABLED": "true",
        "STARTTIME": started,
        "CREATIONTIME": started,
        "HOSTSTARTTIME": started,
        "UPTIME": _uptime(uptime_ms),
        "LAST_UPDATECORE_DURATION": "-1",
        "LOG4JPORT": "0",
        "PLACEMENTGROUP": "0",
        "PARTITIONGROUP": "0",
        "VOLTDBROOT": "",
        "FULLCLUSTERSIZE": "1",
        "CLUSTERID": "0",
        "TOPICSPUBLICINTERFACE": "",
        "TOPICSPUBLICPORT": "-1",
        "TOPICSPORT": "-1",
        "CPUCORES": "1",
        "CPUTHREADS": "1",
        "MEMORY": "1024 MB",
        "KUBERNETES": "false",
    }
    return Table.of(_COLUMNS, [(host_id, key, value) for key, value in values.items()])


def _uptime(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} days {hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
