"""System procedures: columns of what they answer, and texts of what they refuse."""

import re

from tests.contract.checks import Answer, Check, Holds, InAnyOrder, call, push
from volttools.formats.parameters import Parameter
from volttools.formats.types import INTEGER

_STATUS = "STATUS B"
_MPI = 16383

_OVERVIEW_KEYS = [
    "IPADDRESS",
    "HOSTNAME",
    "CLIENTINTERFACE",
    "CLIENTPORT",
    "ADMININTERFACE",
    "ADMINPORT",
    "HTTPINTERFACE",
    "HTTPPORT",
    "INTERNALINTERFACE",
    "INTERNALPORT",
    "ZKINTERFACE",
    "ZKPORT",
    "DRINTERFACE",
    "DRPORT",
    "PUBLICINTERFACE",
    "BUILDSTRING",
    "VERSION",
    "CATALOG",
    "DEPLOYMENT",
    "CLUSTERSTATE",
    "CLUSTERSAFETY",
    "INITIALIZED",
    "REPLICATIONROLE",
    "CATALOGCRC",
    "IV2ENABLED",
    "STARTTIME",
    "CREATIONTIME",
    "HOSTSTARTTIME",
    "UPTIME",
    "LAST_UPDATECORE_DURATION",
    "LOG4JPORT",
    "PLACEMENTGROUP",
    "PARTITIONGROUP",
    "VOLTDBROOT",
    "FULLCLUSTERSIZE",
    "CLUSTERID",
    "TOPICSPORT",
    "CPUCORES",
    "CPUTHREADS",
    "MEMORY",
    "KUBERNETES",
]

_HAS_OVERVIEW = Holds(
    "rows with the keys of OVERVIEW", lambda rows: set(_OVERVIEW_KEYS) <= {key for _, key, _ in rows}
)
_HAS_MPI = Holds(
    "rows by partition, the last one 16383",
    lambda rows: [row[0] for row in rows] == sorted(row[0] for row in rows) and rows[-1][0] == _MPI,
)
_ASCENDING = Holds(
    "rows by key, ascending", lambda rows: [row[1] for row in rows] == sorted(row[1] for row in rows)
)

TOPO = ("Partition I, Sites S, Leader S", "HASHTYPE S, HASHCONFIG VB")
PROCEDURES = "PROCEDURE_CAT S, PROCEDURE_SCHEM S, PROCEDURE_NAME S, RESERVED1 S, RESERVED2 S, RESERVED3 S, REMARKS S, PROCEDURE_TYPE SM, SPECIFIC_NAME S"  # fmt: skip

# fmt: off
_CATALOG = {
    "TABLES": "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, TABLE_TYPE S, REMARKS S, TYPE_CAT S, TYPE_SCHEM S, TYPE_NAME S, SELF_REFERENCING_COL_NAME S, REF_GENERATION S",
    "COLUMNS": "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, COLUMN_NAME S, DATA_TYPE I, TYPE_NAME S, COLUMN_SIZE I, BUFFER_LENGTH I, DECIMAL_DIGITS I, NUM_PREC_RADIX I, NULLABLE I, REMARKS S, COLUMN_DEF S, SQL_DATA_TYPE I, SQL_DATETIME_SUB I, CHAR_OCTET_LENGTH I, ORDINAL_POSITION I, IS_NULLABLE S, SCOPE_CATALOG S, SCOPE_SCHEMA S, SCOPE_TABLE S, SOURCE_DATA_TYPE SM, IS_AUTOINCREMENT S",
    "INDEXINFO": "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, NON_UNIQUE T, INDEX_QUALIFIER S, INDEX_NAME S, TYPE SM, ORDINAL_POSITION SM, COLUMN_NAME S, ASC_OR_DESC S, CARDINALITY I, PAGES I, FILTER_CONDITION S",
    "PRIMARYKEYS": "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, COLUMN_NAME S, KEY_SEQ SM, PK_NAME S",
    "PROCEDURES": PROCEDURES,
    "PROCEDURECOLUMNS": "PROCEDURE_CAT S, PROCEDURE_SCHEM S, PROCEDURE_NAME S, COLUMN_NAME S, COLUMN_TYPE SM, DATA_TYPE I, TYPE_NAME S, PRECISION I, LENGTH I, SCALE SM, RADIX SM, NULLABLE SM, REMARKS S, COLUMN_DEF S, SQL_DATA_TYPE I, SQL_DATETIME_SUB I, CHAR_OCTET_LENGTH I, ORDINAL_POSITION I, IS_NULLABLE S, SPECIFIC_NAME S",
    "FUNCTIONS": "FUNCTION_TYPE S, FUNCTION_NAME S, CLASS_NAME S, METHOD_NAME S",
    "CLASSES": "CLASS_NAME S, VOLT_PROCEDURE T, ACTIVE_PROC T",
    "USERS": "USER S, ROLES S",
    "ROLES": "ROLE S, PERMISSIONS S",
    "TYPEINFO": "TYPE_NAME S, DATA_TYPE I, PRECISION I, LITERAL_PREFIX S, LITERAL_SUFFIX S, CREATE_PARAMS S, NULLABLE SM, CASE_SENSITIVE T, SEARCHABLE SM, UNSIGNED_ATTRIBUTE T, FIXED_PREC_SCALE T, AUTO_INCREMENT T, LOCAL_TYPE_NAME S, MINIMUM_SCALE SM, MAXIMUM_SCALE SM, SQL_DATA_TYPE I, SQL_DATETIME_SUB I, NUM_PREC_RADIX I",
    "TASKS": "TASK_NAME S, SCHEDULER_CLASS S, SCHEDULER_PARAMETERS S, ACTIONS_CLASS S, ACTIONS_PARAMETERS S, SCHEDULE_CLASS S, SCHEDULE_PARAMETERS S, ON_ERROR S, RUN_LOCATION S, USER S, ENABLED S",
    "TOPICS": "TOPIC_NAME S, IS_SINGLE S, IS_OPAQUE S, STREAM_NAME S, PROCEDURE_NAME S",
}

_HOST = "TIMESTAMP B, HOST_ID I, HOSTNAME S, "
_SITE = _HOST + "SITE_ID I, "
_TIMES = "INVOCATIONS B, TIMED_INVOCATIONS B, MIN_EXECUTION_TIME B, MAX_EXECUTION_TIME B, AVG_EXECUTION_TIME B, MIN_RESULT_SIZE I, MAX_RESULT_SIZE I, AVG_RESULT_SIZE I, MIN_PARAMETER_SET_SIZE I, MAX_PARAMETER_SET_SIZE I, AVG_PARAMETER_SET_SIZE I, ABORTS B, FAILURES B"
_LIMITS = _HOST + "FILE_DESCRIPTORS_LIMIT I, FILE_DESCRIPTORS_OPEN I, CLIENT_CONNECTIONS_LIMIT I, CLIENT_CONNECTIONS_OPEN I, ACCEPTED_CONNECTIONS I, DROPPED_CONNECTIONS I"

_STATISTICS = {
    "PARTITIONCOUNT": (_HOST + "PARTITION_COUNT I",),
    "TABLE": (_SITE + "PARTITION_ID B, TABLE_NAME S, TABLE_TYPE S, TUPLE_COUNT B, TUPLE_ALLOCATED_MEMORY B, TUPLE_DATA_MEMORY B, STRING_DATA_MEMORY B, TUPLE_LIMIT I, PERCENT_FULL I, DR S, EXPORT S",),
    "INDEX": (_SITE + "PARTITION_ID B, INDEX_NAME S, TABLE_NAME S, INDEX_TYPE S, IS_UNIQUE T, IS_COUNTABLE T, ENTRY_COUNT B, MEMORY_ESTIMATE B",),
    "PROCEDURE": (_SITE + f"PARTITION_ID I, PROCEDURE S, {_TIMES}, TRANSACTIONAL T, COMPOUND T",),
    "PROCEDUREDETAIL": (_SITE + f"PARTITION_ID I, PROCEDURE S, STATEMENT S, {_TIMES}",),
    "PROCEDUREPROFILE": ("TIMESTAMP B, PROCEDURE S, WEIGHTED_PERC B, INVOCATIONS B, AVG B, MIN B, MAX B, ABORTS B, FAILURES B",),
    "INITIATOR": (_SITE + "CONNECTION_ID B, CONNECTION_HOSTNAME S, PROCEDURE_NAME S, INVOCATIONS B, AVG_EXECUTION_TIME I, MIN_EXECUTION_TIME I, MAX_EXECUTION_TIME I, ABORTS B, FAILURES B",),
    "LATENCY": (_HOST + "INTERVAL I, COUNT I, TPS I, P50 B, P95 B, P99 B, P99.9 B, P99.99 B, P99.999 B, MAX B",),
    "LATENCY_HISTOGRAM": (_SITE + "HISTOGRAM VB, UNCOMPRESSED_HISTOGRAM VB",),
    "LATENCY_COMPRESSED": (_SITE + "HISTOGRAM VB",),
    "MEMORY": (_HOST + "RSS I, JAVAUSED I, JAVAUNUSED I, TUPLEDATA B, TUPLEALLOCATED B, INDEXMEMORY B, STRINGMEMORY B, TUPLECOUNT B, POOLEDMEMORY B, PHYSICALMEMORY B, JAVAMAXHEAP I",),
    "LIVECLIENTS": (_HOST + "CONNECTION_ID B, CLIENT_HOSTNAME S, ADMIN T, OUTSTANDING_REQUEST_BYTES B, OUTSTANDING_RESPONSE_MESSAGES B, OUTSTANDING_TRANSACTIONS B", _LIMITS),
    "LIMITS": (_LIMITS,),
    "IOSTATS": (_HOST + "CONNECTION_ID B, CONNECTION_HOSTNAME S, BYTES_READ B, MESSAGES_READ B, BYTES_WRITTEN B, MESSAGES_WRITTEN B",),
    "PLANNER": (_HOST + "SITE_ID I, PARTITION_ID I, CACHE1_LEVEL I, CACHE2_LEVEL I, CACHE1_HITS B, CACHE2_HITS B, CACHE_MISSES B, PLAN_TIME_MIN B, PLAN_TIME_MAX B, PLAN_TIME_AVG B, FAILURES B",),
    "CPU": (_HOST + "PERCENT_USED B",),
    "GC": (_HOST + "NEWGEN_GC_COUNT I, NEWGEN_AVG_GC_TIME B, OLDGEN_GC_COUNT I, OLDGEN_AVG_GC_TIME B",),
    "SNAPSHOTSTATUS": (_HOST + "TABLE S, PATH S, FILENAME S, NONCE S, TXNID B, START_TIME B, END_TIME B, SIZE B, DURATION B, THROUGHPUT F, RESULT S, TYPE S",),
    "SNAPSHOTSUMMARY": ("NONCE S, TXNID B, TYPE S, PATH S, START_TIME B, END_TIME B, DURATION B, PROGRESS_PCT F, RESULT S",),
    "IDLETIME": (_SITE + "COUNT B, PERCENT F, AVG B, MIN B, MAX B, STDDEV B",),
    "QUEUE": (_SITE + "CURRENT_DEPTH I, POLL_COUNT B, AVG_WAIT B, MAX_WAIT B",),
    "KSAFETY": ("TIMESTAMP B, PARTITION_ID I, MISSING_REPLICA I",),
    "TTL": ("TIMESTAMP B, TABLE_NAME S, ROWS_DELETED B, ROWS_DELETED_LAST_ROUND B, ROWS_REMAINING B, LAST_DELETE_TIMESTAMP TS",),
    "DRROLE": ("ROLE S, STATE S, REMOTE_CLUSTER_ID I",),
    "TOPO": TOPO,
}


_MANAGEMENT = tuple(
    _STATISTICS[name][0] + (", TRANSACTIONAL T, COMPOUND T" if name == "PROCEDUREDETAIL" else "")
    for name in ("MEMORY", "INITIATOR", "PROCEDUREDETAIL", "IOSTATS", "TABLE", "INDEX", "IDLETIME", "QUEUE", "CPU")
)


def _adhoc(name: str, sql: str, text: str) -> Check:
    return Check(name, "3.2", call("@AdHoc", sql), Answer(-2, text))


def _refused(name: str, sends: bytes, status: int, text: str | re.Pattern[str] | None, source: str = "3.2") -> Check:
    return Check(name, source, sends, Answer(status, text))


_DEFINED = Answer(1, columns=(_STATUS,), rows=[(0,)])
_COMPILING = "SQL error while compiling query: "

CHECKS = [
    Check("@Ping", "10", call("@Ping"), Answer(1, "SUCCESS", (_STATUS,), [(0,)])),
    Check("@Ping with parameters", "10", call("@Ping", 1, "x"), Answer(1, "SUCCESS", (_STATUS,), [(0,)])),
    Check("@Ping of a client that keeps its connection alive", "8", call("@Ping", handle=2**63 - 1), Answer(1, "SUCCESS", (_STATUS,), handle=2**63 - 1)),
    Check("@Subscribe", "3.1", call("@Subscribe", "TOPOLOGY"), Answer(1)),
    Check("@Subscribe without a word", "3.1", call("@Subscribe"), Answer(1)),
    Check("@Subscribe twice", "3.1", (call("@Subscribe", "TOPOLOGY"), call("@Subscribe", "TOPOLOGY")), (Answer(1), Answer(1))),
    _refused("@Subscribe of another word", call("@Subscribe", "topology"), -2, 'Parameter "topology" is not recognized/supported'),
    _refused("@Subscribe of a number", call("@Subscribe", 1), -2, "Parameter index 0 was not a String"),

    Check("@SystemInformation", "10.1", call("@SystemInformation"), Answer(1, columns=("HOST_ID I, KEY S, VALUE S",), rows=_HAS_OVERVIEW)),
    Check("@SystemInformation overview", "10.1", call("@SystemInformation", "overview"), Answer(1, columns=("HOST_ID I, KEY S, VALUE S",), rows=_HAS_OVERVIEW)),
    Check("@SystemInformation DEPLOYMENT", "10.1", call("@SystemInformation", "DEPLOYMENT"), Answer(1, columns=("PROPERTY S, VALUE S",))),
    Check("@SystemInformation LICENSE", "10.1", call("@SystemInformation", "LICENSE"), Answer(1, columns=("PROPERTY S, VALUE S",))),
    _refused("@SystemInformation of another selector", call("@SystemInformation", "NOPE"), -2, "Invalid @SystemInformation selector NOPE"),

    *(Check(f"@SystemCatalog {selector}", "10.2", call("@SystemCatalog", selector), Answer(1, columns=(columns,))) for selector, columns in _CATALOG.items()),
    Check("@SystemCatalog tables", "10.2", call("@SystemCatalog", "tables"), Answer(1, columns=(_CATALOG["TABLES"],))),
    _refused("@SystemCatalog of another selector", call("@SystemCatalog", "NOPE"), -2, "Invalid @SystemCatalog selector: NOPE"),

    *(Check(f"@Statistics {selector}", "10.3", call("@Statistics", selector, 0), Answer(1, columns=tables)) for selector, tables in _STATISTICS.items()),
    Check("@Statistics TOPO has the multi-partition initiator last", "4", call("@Statistics", "TOPO", 0), Answer(1, columns=TOPO, rows=_HAS_MPI)),
    Check("@Statistics topo without an interval", "10.3", call("@Statistics", "topo"), Answer(1, columns=TOPO, rows=_HAS_MPI)),
    Check("@Statistics TOPO with interval 1", "10.3", call("@Statistics", "TOPO", Parameter.of(INTEGER, 1)), Answer(1, columns=TOPO, rows=_HAS_MPI)),
    Check("@Statistics MANAGEMENT", "4", call("@Statistics", "MANAGEMENT", 0), Answer(1, columns=_MANAGEMENT)),
    _refused("@Statistics TOPIC", call("@Statistics", "TOPIC", 0), -2, re.compile(r'Requested info "TOPIC" is not yet available .*'), "4"),
    _refused("@Statistics of another selector", call("@Statistics", "NOPE", 0), -2, "First argument to @Statistics must be a valid STRING selector, instead was NOPE"),
    _refused("@Statistics with three parameters", call("@Statistics", "TOPO", 0, 0), -2, "Incorrect number of arguments to @Statistics (expects 2, received 3)"),
    _refused("@Statistics with a text as its interval", call("@Statistics", "MEMORY", "0"), -9, re.compile(r"Failed to get statistics \(class java\.lang\.String cannot be cast to class java\.lang\.Number \(.*\)\)\.")),

    Check("@GetPartitionKeys INTEGER", "10", call("@GetPartitionKeys", "INTEGER"), Answer(1, columns=("PARTITION_ID I, PARTITION_KEY I",), rows=_ASCENDING)),
    Check("@GetPartitionKeys integer", "4", call("@GetPartitionKeys", "integer"), Answer(1, columns=("PARTITION_ID I, PARTITION_KEY I",), rows=_ASCENDING)),
    Check("@GetPartitionKeys STRING", "10", call("@GetPartitionKeys", "STRING"), Answer(1, columns=("PARTITION_ID I, PARTITION_KEY S",))),
    Check("@GetPartitionKeys VARCHAR", "10", call("@GetPartitionKeys", "VARCHAR"), Answer(1, columns=("PARTITION_ID I, PARTITION_KEY S",))),
    Check("@GetPartitionKeys VARBINARY", "10", call("@GetPartitionKeys", "VARBINARY"), Answer(1, columns=("PARTITION_ID I, PARTITION_KEY VB",), rows=_ASCENDING)),
    _refused("@GetPartitionKeys of another type", call("@GetPartitionKeys", "NOPE"), -2, "Type NOPE is not a supported type of partition key, the type of partition key to return and can be one of INTEGER, STRING or VARCHAR (equivalent), or VARBINARY"),

    Check("@Quiesce", "3.1", call("@Quiesce"), Answer(1, columns=(_STATUS,), rows=[(0,)])),
    Check("@GetHashinatorConfig", "10", call("@GetHashinatorConfig"), Answer(1, columns=("VERSION B, CONFIG VB",))),
    Check("@SnapshotScan of a path that there isn't", "4", call("@SnapshotScan", "/contract-no-such-path"), Answer(1, columns=(
        "PATH S, NONCE S, TXNID B, CREATED B, SIZE B, TABLES_REQUIRED S, TABLES_MISSING S, TABLES_INCOMPLETE S, COMPLETE S, PATHTYPE S",
        _HOST.removeprefix("TIMESTAMP B, ") + "PATH S, TOTAL B, FREE B, USED B, RESULT S, ERR_MSG S",
        _HOST.removeprefix("TIMESTAMP B, ") + "PATH S, NAME S, TXNID B, CREATED B, TABLE S, COMPLETED S, SIZE B, IS_REPLICATED S, PARTITIONS S, TOTAL_PARTITIONS B, READABLE S, RESULT S, ERR_MSG S, PATHTYPE S",
    ))),
    _refused("@Resume of a client that is no administrator's", call("@Resume"), -3, "@Resume is not available to this client"),
    _refused("@CancelShutdown of a client that is no administrator's", call("@CancelShutdown"), -3, "@CancelShutdown is not available to this client"),
    _refused("@StopNode without a host", call("@StopNode"), -2, "@StopNode must provide hostId", "8.4"),
    _refused("@StopNode of a text", call("@StopNode", "x"), -2, "@StopNode must have one Integer parameter specified. Provided type was java.lang.String", "8.4"),
    _refused("@SwapTables that there aren't", call("@SwapTables", "NOSUCH", "NOSUCH2"), -2, _COMPILING + "TABLE object not found: NOSUCH", "4"),
    _refused("@LoadSinglepartitionTable without parameters", call("@LoadSinglepartitionTable"), -3, None),
    _refused("@ExplainProc of a procedure that there isn't", call("@ExplainProc", "nosuch"), -2, "Procedure nosuch not in catalog"),
    _refused("@ExplainView of a view that there isn't", call("@ExplainView", "nosuch"), -2, "View nosuch does not exist."),
    _refused("@Explain of DDL", call("@Explain", "create table contract_x (a integer)"), -2, "Explain doesn't support DDL."),
    Check("@Explain", "10", call("@Explain", "select * from contract_t"), Answer(1, columns=("EXECUTION_PLAN S",)), needs="schema"),
    Check("@ExplainProc", "10", call("@ExplainProc", "contract_select"), Answer(1, columns=("STATEMENT_NAME S, SQL_STATEMENT S, EXECUTION_PLAN S",)), needs="schema"),

    _refused("@AdHoc without SQL", call("@AdHoc"), -2, "Adhoc system procedure requires at least the query parameter."),
    _refused("@AdHoc of a number", call("@AdHoc", 1), -2, re.compile(r"Adhoc system procedure requires the query parameter to be of String type\.")),
    *(_adhoc(f"@AdHoc of {sql!r}", sql, "Failed to plan, no SQL statement provided.") for sql in ("", "  ", ";", "-- nothing")),
    _adhoc("@AdHoc of DDL and a query", "create table contract_x (a integer); select a from contract_t", "DDL mixed with DML and queries is unsupported."),
    _adhoc("@AdHoc of a table that there isn't", "select * from contract_nosuch", _COMPILING + 'Error in "select * from contract_nosuch" - object not found: CONTRACT_NOSUCH'),
    _adhoc("@AdHoc of what is no SQL", "selec 1", _COMPILING + 'SQL Syntax error in "selec 1" unexpected token: SELEC'),
    _adhoc("@AdHoc of a query that has no end", "select", _COMPILING + 'Error in "select" - unexpected end of statement'),
    _adhoc("@AdHoc of commit", "commit", _COMPILING + "this type of sql statement is not supported or is not allowed in this context"),
    _refused("@AdHoc with fewer values than ?", call("@AdHoc", "select id from contract_r where id = ? and v = ?", 1), -2, _COMPILING + "Incorrect number of parameters passed: expected 2, passed 1"),
    _refused("@AdHoc with values for two statements", call("@AdHoc", "select id from contract_r where id = ?; select id from contract_r where id = ?", 1), -2, "The @AdHoc stored procedure when called with more than one parameter must be passed a single parameterized SQL statement as its first parameter. Pass each parameterized SQL statement to a separate callProcedure invocation."),
    _adhoc("@AdHoc of DDL for a table that there isn't", "drop table contract_nosuch", '[Ad Hoc DDL Input:1]: DDL Error: "object not found: CONTRACT_NOSUCH in statement [drop table contract_nosuch]"'),
    _adhoc("@AdHoc of DDL with a type that there isn't", "create table contract_x (a double)", '[Ad Hoc DDL Input:1]: DDL Error: "type not found or user lacks privilege: DOUBLE"'),
    _adhoc("@AdHoc of DDL for a table without columns", "create table contract_x ()", '[Ad Hoc DDL Input:1]: DDL Error: "zero-column table is not allowed"'),

    Check("a query of a table without rows", "3.1", call("@AdHoc", "select id, v from contract_r"), Answer(1, columns=("ID I, V S",), rows=[]), needs="schema"),
    Check("a procedure without a row to find", "3.1", call("contract_select", -1), Answer(1, columns=("ID I, V S",), rows=[]), needs="schema"),
    Check("T.delete without a row to find", "5", call("CONTRACT_T.delete", -7), Answer(1, columns=("modified_tuples B",), rows=[(0,)], table_status=0), needs="schema"),
    Check("T.upsert, T.select, T.delete of a row", "5", (
        call("CONTRACT_T.upsert", 5, None, None, None, None, "x", None, None),
        call("CONTRACT_T.select", 5),
        call("CONTRACT_T.delete", 5),
    ), (
        Answer(1, columns=("modified_tuples B",), rows=[(1,)]),
        Answer(1, columns=("ID I, T T, N B, F F, D D, V S, TS TS, VB VB",), rows=[(5, None, None, None, None, "x", None, None)]),
        Answer(1, columns=("modified_tuples B",), rows=[(1,)]),
    ), needs="schema", in_turn=True),
    Check("T.insert of a row that there is", "3.2", (
        call("CONTRACT_R.insert", 5, "x"), call("CONTRACT_R.insert", 5, "y"), call("CONTRACT_R.delete", 5),
    ), (
        Answer(1, columns=("modified_tuples B",), rows=[(1,)]),
        Answer(-2, re.compile(r"VOLTDB ERROR: CONSTRAINT VIOLATION Attempted violation of constraint\nConstraint Type UNIQUE, Table CatalogId CONTRACT_R\nRelevant Tuples:\n.*", re.DOTALL)),
        Answer(1, columns=("modified_tuples B",), rows=[(1,)]),
    ), needs="schema", in_turn=True),
    Check("NULL for the key of a partition", "5", call("CONTRACT_T.upsert", None, None, None, None, None, None, None, None), Answer(-2, re.compile(r"VOLTDB ERROR: CONSTRAINT VIOLATION Attempted violation of constraint\nConstraint Type NOT_NULL, .*", re.DOTALL)), needs="schema"),

    Check("DDL pushes the procedures to who subscribed", "4.1", (
        call("@Subscribe", "TOPOLOGY"), call("@AdHoc", "create table contract_pushed (a integer)"), call("@AdHoc", "drop table contract_pushed"),
    ), (Answer(1), InAnyOrder((_DEFINED, push("procedures", PROCEDURES))), InAnyOrder((_DEFINED, push("procedures", PROCEDURES)))), needs="changes", in_turn=True),
    Check("DDL pushes nothing to who didn't", "4.1", (
        call("@AdHoc", "create table contract_unpushed (a integer)"), call("@AdHoc", "drop table contract_unpushed"),
    ), (_DEFINED, _DEFINED), needs="changes", in_turn=True),
]
# fmt: on
