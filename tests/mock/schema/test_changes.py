"""What DDL does to a schema, and the words in which a server refuses it."""

import pytest

from volttools.mock.schema.changes import changed, is_ddl
from volttools.mock.schema.errors import DdlError
from volttools.mock.schema.model import Schema

BASE = """
create table t (id integer not null, v varchar(20), n bigint, primary key (id));
partition table t on column id;
create table rep (a integer not null, b timestamp);
create view vt as select v, count(*) from t group by v;
create procedure p1 partition on table t column id as select v from t where id = ?;
create role r1 with sql;
"""


def after(ddl, base=BASE):
    return changed(changed(Schema(), base), ddl)


def refusal(ddl, base=BASE):
    with pytest.raises(DdlError) as caught:
        after(ddl, base)
    return caught.value.status


def test_a_table_has_its_keys_indexes_and_partition():
    table = after("create unique index i on t (id, v); create index j on rep (b) where a > 1;").table("T")
    assert table.partition_column == "ID"
    assert [(index.name, index.columns, index.unique) for index in table.indexes] == [
        ("VOLTDB_AUTOGEN_IDX_PK_T_ID", ("ID",), True),
        ("I", ("ID", "V"), True),
    ]


def test_tables_are_altered():
    schema = after(
        "alter table rep add column c varchar(5) default 'x' before b;"
        "alter table rep alter column a bigint not null;"
        "alter table rep alter column c set not null;"
        "alter table rep alter column c drop default;"
        "alter table rep add constraint k primary key (a);"
        "alter table rep add using ttl 5 on column b;"
    )
    table = schema.table("rep")
    assert [(column.name, column.type.name, column.nullable, column.default) for column in table.columns] == [
        ("A", "BIGINT", False, None),
        ("C", "VARCHAR", False, None),
        ("B", "TIMESTAMP", True, None),
    ]
    assert (table.primary_key.constraint, table.ttl_column) == ("K", "B")
    schema = changed(
        schema, "alter table rep drop ttl; alter table rep drop primary key; alter table rep drop column c;"
    )
    table = schema.table("rep")
    assert (len(table.columns), table.primary_key, table.ttl_column) == (2, None, None)


def test_views_follow_their_tables():
    view = after("").table("VT")
    assert [(column.name, column.type.name, column.nullable) for column in view.columns] == [
        ("V", "VARCHAR", True),
        ("C2", "BIGINT", True),
    ]
    assert after("").partition_column(view) == "ID"
    assert after("drop view vt; drop procedure p1; drop table t").table("t") is None


def test_procedures_learn_their_parameters_anew_when_a_table_changes():
    assert [kind.name for kind in after("").procedures["p1"].types] == ["INTEGER"]
    schema = after(
        "alter table t alter column id bigint not null; partition procedure p1 on table t column id"
    )
    assert [kind.name for kind in schema.procedures["p1"].types] == ["BIGINT"]
    assert schema.procedures["p1"].partition_type.name == "BIGINT"


def test_roles_functions_tasks_and_dr_are_kept():
    schema = after(
        "create function f from method p.K.m; create task k on schedule every 5 seconds procedure p1 on error log;"
        "alter task k disable; dr table t; create procedure q allow r1 from class a.Q; set dr = active;"
    )
    assert schema.functions["f"].class_name == "p.K"
    task = schema.tasks["k"]
    assert (task.schedule, task.procedure, task.on_error, task.enabled) == (
        "every 5 seconds",
        "p1",
        "LOG",
        False,
    )
    assert schema.table("t").is_dr
    dropped = changed(
        schema, "drop task k; drop function f; drop procedure q; drop role r1; dr table t disable"
    )
    assert (dropped.tasks, dropped.functions, dropped.roles, dropped.table("t").is_dr) == ({}, {}, {}, False)


P1 = '[Ad Hoc DDL Input:1]: DDL Error: "{}"'
P2 = '[Ad Hoc DDL Input]: VoltDB DDL Error: "{}"'


@pytest.mark.parametrize(
    ("ddl", "status"),
    [
        ("create table t (a integer)",
         P1.format("object name already exists: T in statement [create table t (a integer)]")),
        ("create table x (a integer, a integer)", P1.format("object name already exists: A")),
        ("drop table nosuch", P1.format("object not found: NOSUCH in statement [drop table nosuch]")),
        ("drop table t", P1.format("dependent objects exist: PUBLIC.VT in statement [drop table t]")),
        ("create table x (a integer, primary key (b))", P1.format("object not found: B")),
        ("create table x (a varchar(1048577 bytes))",
         P1.format("VARCHAR column size for column X.A is > 1048576 char maximum.")),
        ("partition table nosuch on column a",
         P2.format("Invalid PARTITION statement: table nosuch does not exist")),
        ("partition table rep on column nosuch", "In database, PARTITION has unknown COLUMN 'nosuch'"),
        ("partition table rep on column b",
         "In database, Partition column 'REP.b' is nullable. Partition columns must be constrained \"NOT NULL\"."),
        ("create procedure p1 as select a from rep", P2.format('Procedure "p1" is already defined')),
        ("drop procedure nosuch", P2.format('Dropped Procedure "nosuch" is not defined')),
        ("create procedure p11 partition on table t column nocol as select a from rep where a = ?",
         "[p11]: Procedure p11 is partitioned on a column nocol which can't be found in table t."),
        ("create procedure p5 partition on table t column id parameter 3 as select v from t where id = ?",
         "[p5]: Invalid parameter index value 3 for procedure: p5"),
        ("create procedure p4 allow nosuchrole as select a from rep",
         "[p4]: Procedure p4 allows access by a role nosuchrole that does not exist"),
        ("create view v4 as select v, avg(n) from t group by v",
         'Materialized view "V4" must have non-group by columns aggregated by sum, count, min or max.'),
        ("create role r1", P2.format('Role name "r1" in CREATE ROLE statement already exists.')),
        ("create role r2 with nosuchperm",
         P2.format('Invalid permission "NOSUCHPERM" in CREATE ROLE statement: "create role r2 with nosuchperm", '
                   "available permissions: [ADMIN, ALLPROC, DEFAULTPROC, DEFAULTPROCREAD, SQL, SQLREAD, COMPOUNDPROC]")),
        ("create task t3 on schedule every 5 seconds procedure nosuch",
         "Error validating parameters for task t3: Procedure does not exist: nosuch"),
        ("create table d17 (a integer) using ttl 5 on column a", "TTL column 'D17.A' must be of type TIMESTAMP"),
        ("create table wide (a varchar(262144), b varchar(262144), c varchar(262144))",
         "Error: Table WIDE has a maximum row size of 3145740 but the maximum supported row size is 2097152"),
    ],
)  # fmt: skip
def test_refusals_are_the_servers(ddl, status):
    assert refusal(ddl) == status


def test_unknown_tables_in_procedures_are_told_with_the_statement():
    assert refusal("create procedure bad as select * from nosuch").startswith(
        '[bad]: Failed to plan for statement (sql0) "select * from nosuch;". Error: "'
    )
    assert refusal("drop view vt; drop table t").startswith("[p1]: Failed to plan for statement (sql0)")


def test_keys_of_partitioned_tables_need_the_column():
    assert refusal(
        "create table d (a integer not null, b integer, primary key (b)); partition table d on column a"
    ) == (
        "Invalid use of PRIMARY KEY. The PRIMARY KEY on the partitioned table D does not include the partitioning "
        "column A. See the documentation for the 'CREATE TABLE' and 'CREATE INDEX' commands and the 'ASSUMEUNIQUE' "
        "keyword."
    )
    assert refusal("create assumeunique index i on t (id)").startswith(
        "ASSUMEUNIQUE is not valid for an index"
    )
    after("create assumeunique index i on t (v)")


def test_columns_and_streams_have_limits():
    many = ", ".join(f"c{number} integer" for number in range(1025))
    assert refusal(f"create table c1025 ({many})") == "Table C1025 has 1025 columns (max is 1024)"
    streams = ";".join(f"create stream s{number} (a integer)" for number in range(3))
    assert refusal(streams).startswith("ERROR - Too many streams.")


def test_all_or_nothing_and_the_statement_is_numbered():
    before = changed(Schema(), BASE)
    with pytest.raises(DdlError) as caught:
        changed(before, "create table x (a integer);\n drop table nosuch")
    assert caught.value.status.startswith("[Ad Hoc DDL Input:2]: ")
    assert caught.value.position == len("create table x (a integer);\n ")
    assert before.table("x") is None


def test_one_batch_may_not_drop_and_create_a_table_but_a_file_may():
    text = "drop table z1; create table z1 (a integer)"
    base = changed(Schema(), "create table z1 (b bigint)")
    with pytest.raises(
        DdlError, match=r"contains both DROP and CREATE statements for the following table\(s\): z1"
    ):
        changed(base, text, is_one_batch=True)
    assert [column.name for column in changed(base, text).table("z1").columns] == ["A"]


def test_ddl_is_known_by_its_first_word():
    assert is_ddl(" Create table t (a integer)")
    assert not is_ddl("select 1 from t")
    assert not is_ddl("dropped")
