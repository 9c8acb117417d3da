"""What is known of the product's own procedures: which of their values tell something of a user's.

Their parameters are mostly words that must stay, or a replay asks for nothing; their results are
counters, names, addresses and fixed words. What is not listed here is treated as a user's value.

Source: JdbcDatabaseMetaDataGenerator.java and the StatsAgents of the 11.4 server, and recordings of it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from volttools.formats.response import RESERVED_HANDLES
from volttools.protocol.procedures import SQL_PROCEDURES


class Kind(Enum):
    """What a value is, and so what becomes of it."""

    VALUE = "value"  # a user's: the rules decide
    NUMBER = "number"  # kept if it is a number, else a value
    WORD = "word"  # kept if it is one of WORDS, else a value
    KEPT = "kept"  # the product's own
    SQL = "SQL"
    PLAN = "plan"  # text that holds expressions of SQL
    NAME = "name"
    ADDRESS = "address"  # also host names and paths
    USER = "user"
    TEXT = "text"  # of an error
    JSON = "JSON"
    SECRET = "secret"  # blanked: code and configurations
    PARTITION = "partition"  # the bytes of a value that hash to its partition


# fmt: off
PARAMETERS: Final[dict[str, tuple[Kind, ...]]] = {
    # in lower case; the last kind holds for all that follow
    "@subscribe":                (Kind.WORD,),
    "@statistics":               (Kind.WORD, Kind.NUMBER),
    "@systemcatalog":            (Kind.WORD,),
    "@systeminformation":        (Kind.WORD,),
    "@getpartitionkeys":         (Kind.WORD,),
    "@explainproc":              (Kind.NAME,),
    "@explainview":              (Kind.NAME,),
    "@swaptables":               (Kind.NAME,),
    "@loadsinglepartitiontable": (Kind.PARTITION, Kind.NAME, Kind.NUMBER, Kind.VALUE),
    "@loadmultipartitiontable":  (Kind.NAME, Kind.NUMBER, Kind.VALUE),
    "@updateclasses":            (Kind.SECRET, Kind.NAME),
    "@updateapplicationcatalog": (Kind.SECRET,),
    "@updatelogging":            (Kind.SECRET,),
    "@stopnode":                 (Kind.NUMBER,),
    "@preparestopnode":          (Kind.NUMBER,),
    "@jstack":                   (Kind.NUMBER,),
    "@shutdown":                 (Kind.NUMBER,),
    "@snapshotsave":             (Kind.JSON, Kind.ADDRESS, Kind.NUMBER),
    "@snapshotrestore":          (Kind.JSON, Kind.ADDRESS),
    "@snapshotscan":             (Kind.ADDRESS,),
    "@snapshotdelete":           (Kind.ADDRESS, Kind.ADDRESS, Kind.WORD),
    "@ping":                     (Kind.VALUE,),
    "@note":                     (Kind.VALUE,),
    "@profctl":                  (Kind.VALUE,),
    "@explaincatalog":           (Kind.VALUE,),
    "@pause":                    (Kind.VALUE,),
    "@resume":                   (Kind.VALUE,),
    "@prepareshutdown":          (Kind.VALUE,),
    "@cancelshutdown":           (Kind.VALUE,),
    "@quiesce":                  (Kind.VALUE,),
    "@validatepartitioning":     (Kind.VALUE,),
    "@gethashinatorconfig":      (Kind.VALUE,),
    "@gc":                       (Kind.VALUE,),
}
# fmt: on
_OF_SQL: Final = (Kind.SQL, Kind.VALUE)

_ROWS_OF_USERS: Final = SQL_PROCEDURES - {"@explain", "@explainjson", "@querystats"}
"""Procedures of the product whose results are rows of users."""

PUSHES: Final = {"topology": "@Statistics", "procedures": "@SystemCatalog"}
"""What is pushed, by its name, looks like the result of these."""


def pushed(client_handle: int) -> str | None:
    """The procedure whose result is pushed under a reserved handle."""
    return PUSHES.get(RESERVED_HANDLES.get(client_handle, ""))


def parameter_kind(procedure: str | None, index: int) -> Kind:
    """What a parameter is."""
    name = (procedure or "").lower()
    kinds = _OF_SQL if name in SQL_PROCEDURES else PARAMETERS.get(name)
    return Kind.VALUE if kinds is None else kinds[min(index, len(kinds) - 1)]


def has_system_results(procedure: str | None) -> bool:
    """Whether what comes back is the product's own."""
    name = (procedure or "").lower()
    return name in PARAMETERS or (name in SQL_PROCEDURES and name not in _ROWS_OF_USERS)


def column_kind(procedure: str, column: str) -> Kind:
    """What the texts and binaries in a column of a system procedure's result are; numbers are kept."""
    if procedure.lower() == "@getpartitionkeys":
        return Kind.KEPT
    return _COLUMNS.get(column.upper(), Kind.WORD)


def property_kind(key: str | None) -> Kind:
    """What the value of a key or property of @SystemInformation is."""
    name = (key or "").upper()
    if name in _PLAIN_PROPERTIES or name.endswith("PORT"):
        return Kind.KEPT
    if name.endswith(("INTERFACE", "PATH", "ROOT", "ADDRESS", "HOSTNAME")) or name in _PLACES:
        return Kind.ADDRESS
    return Kind.USER if name == "USERS" else Kind.VALUE


def _columns(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


_COLUMNS: Final = {
    **_columns(
        Kind.ADDRESS,
        """HOSTNAME CLIENT_HOSTNAME CONNECTION_HOSTNAME PATH FILENAME NONCE COVERING_HOST
        REMOTE_HOST REMOTE_HOSTNAME""",
    ),
    **_columns(
        Kind.NAME,
        """TABLE TABLE_NAME PROCEDURE PROCEDURE_NAME CALLED_PROCEDURE COLUMN_NAME INDEX_NAME STATEMENT
        STATEMENT_NAME SPECIFIC_NAME PK_NAME CLASS_NAME METHOD_NAME FUNCTION_NAME TASK_NAME TOPIC_NAME
        STREAM_NAME SOURCE TARGET IMPORTER_NAME SCHEDULER_CLASS ACTIONS_CLASS SCHEDULE_CLASS TASK
        TABLES_REQUIRED TABLES_MISSING TABLES_INCOMPLETE SCOPE_TABLE INDEX_QUALIFIER""",
    ),
    **_columns(Kind.USER, "USER ROLE ROLES"),
    **_columns(Kind.SQL, "SQL_STATEMENT"),
    **_columns(Kind.PLAN, "EXECUTION_PLAN FILTER_CONDITION COLUMN_DEF"),
    **_columns(Kind.JSON, "REMARKS"),
    **_columns(Kind.TEXT, "ERR_MSG"),
    **_columns(
        Kind.KEPT,
        """SITES LEADER HASHTYPE HASHCONFIG CONFIG TABLE_TYPE INDEX_TYPE TYPE_NAME LOCAL_TYPE_NAME
        LITERAL_PREFIX LITERAL_SUFFIX CREATE_PARAMS IS_NULLABLE IS_AUTOINCREMENT ASC_OR_DESC PERMISSIONS
        FUNCTION_TYPE KEY PROPERTY HISTOGRAM UNCOMPRESSED_HISTOGRAM PATHTYPE""",
    ),
}

_PLAIN_PROPERTIES_TEXT = """
    BUILDSTRING VERSION CLUSTERSTATE CLUSTERSAFETY INITIALIZED REPLICATIONROLE CATALOGCRC IV2ENABLED
    STARTTIME CREATIONTIME HOSTSTARTTIME UPTIME LAST_UPDATECORE_DURATION FULLCLUSTERSIZE CLUSTERID
    CPUCORES CPUTHREADS MEMORY KUBERNETES PLACEMENTGROUP PARTITIONGROUP TYPE HOSTCOUNT KFACTOR
    SITESPERHOST HTTPENABLED JSONENABLED SNAPSHOTENABLED SNAPSHOTFREQUENCY SNAPSHOTRETAIN EXPORT
    PARTITIONDETECTION HEARTBEATTIMEOUT COMMANDLOGENABLED COMMANDLOGMODE COMMANDLOGFREQTIME
    COMMANDLOGFREQTXNS ELASTICDURATION ELASTICTHROUGHPUT SNAPSHOTPRIORITY TEMPTABLESMAXSIZE QUERYTIMEOUT
    DRROLE PRIORITIESENABLED DRPRIORITY
    """
_PLAIN_PROPERTIES: Final = frozenset(_PLAIN_PROPERTIES_TEXT.split())
_PLACES: Final = frozenset({"CATALOG", "DEPLOYMENT", "SNAPSHOTPREFIX", "EXPORTCURSORPATH"})

_WORDS_TEXT = """
    TRUE FALSE YES NO NONE NULL SUCCESS FAILURE ACTIVE INACTIVE ENABLED DISABLED RUNNING PAUSED ON OFF
    BLOCKING NON-BLOCKING COMPLETE MANUAL AUTO COMMANDLOG SNAPSHOT NATIVE CSV MASTER REPLICA XDCR UP
    DOWN OVERVIEW DEPLOYMENT LICENSE TOPOLOGY PROCEDURES INTEGER STRING VARCHAR VARBINARY TABLES COLUMNS
    INDEXINFO PRIMARYKEYS PROCEDURECOLUMNS FUNCTIONS CLASSES USERS ROLES TYPEINFO TASKS TOPICS TOPO
    PARTITIONCOUNT TABLE INDEX PROCEDURE PROCEDUREDETAIL PROCEDUREPROFILE PROCEDUREINPUT PROCEDUREOUTPUT
    INITIATOR LATENCY LATENCY_HISTOGRAM LATENCY_COMPRESSED MEMORY LIVECLIENTS LIMITS IOSTATS PLANNER
    COMMANDLOG CPU GC SNAPSHOTSTATUS SNAPSHOTSUMMARY IDLETIME STARVATION QUEUE QUEUEPRIORITY KSAFETY TTL
    REBALANCE EXPORT COMPOUNDPROCCALLS MANAGEMENT DR DRPRODUCER DRPRODUCERPARTITION DRPRODUCERNODE
    DRPRODUCERCLUSTER DRCONSUMER DRCONSUMERPARTITION DRCONSUMERNODE DRCONSUMERCLUSTER DRROLE DRCONFLICTS
    IMPORT IMPORTER TOPIC TASK TASK_SCHEDULER TASK_PROCEDURE SYSTEM_TASK SHUTDOWN_CHECK STOP_CHECK
    PAUSE_CHECK XDCR_READINESS CLOCKSKEW COMPOUNDPROC COMPOUNDPROCSUMMARY LIVECLIENTS_CONNECTIONS
    """
WORDS: Final = frozenset(_WORDS_TEXT.split())
"""Words that mean something to the product, in upper case."""
