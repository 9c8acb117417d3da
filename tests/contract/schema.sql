-- What some checks need. `--volt-changes` defines it before the first, and drops it behind the last.
create table contract_t (
    id integer not null, t tinyint, n bigint, f float, d decimal, v varchar(20), ts timestamp, vb varbinary(20),
    primary key (id)
);
partition table contract_t on column id;
create table contract_r (id integer not null, v varchar(20), primary key (id));
create procedure contract_select partition on table contract_t column id as select id, v from contract_t where id = ?;
create procedure contract_all as select count(*) from contract_r where id = ?;
