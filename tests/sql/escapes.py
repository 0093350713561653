"""Ways out of the SQL of the API: statements that must neither read, write, reach nor harm.

    for escape in escapes(places): escape.kind, escape.sql

`places` names what stands ready to be found: `secret` (a folder of files that hold a canary),
`out` (a folder that must stay empty), `data` (the data folder), `port` (a listener that must not
be called).
"""

import collections

Escape = collections.namedtuple("Escape", "kind sql")
Places = collections.namedtuple("Places", "secret out data port")

# Functions that read a file, as a SELECT of them.
READERS = ["read_text", "read_blob", "read_csv", "read_csv_auto", "read_json", "read_json_auto",
           "read_ndjson", "read_ndjson_auto", "read_json_objects", "read_ndjson_objects",
           "read_parquet", "parquet_scan", "parquet_metadata", "parquet_schema",
           "parquet_file_metadata", "parquet_kv_metadata", "sniff_csv"]


def files(p):
    for reader in READERS:
        kind = "parquet" if "parquet" in reader else "json" if "json" in reader else "csv"
        yield f"select * from {reader}('{p.secret}/secret.{kind}')"
    for path in ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/self/environ",
                 "/proc/self/maps", "/proc/self/cmdline", "/proc/self/fd/3", "/proc/1/environ",
                 "/proc/version", "/dev/mem", "/sys/kernel/notes", "file:///etc/passwd",
                 f"{p.data}/VERSION", f"{p.data}/state/CURRENT", f"{p.data}/log/*",
                 f"{p.data}/run/control.sock", "../VERSION", "../../VERSION",
                 "../../../../../../etc/passwd", "/../../etc/passwd", "./../VERSION"]:
        yield f"select content from read_text('{path}')"
    for path in ["/**", "/etc/*", "/*", "../*", f"{p.secret}/*", "/proc/*/environ", "~/*"]:
        yield f"select * from read_text((select list(file) from glob('{path}')))"
    yield f"select * from '{p.secret}/secret.csv'"
    yield f"select * from \"{p.secret}/secret.json\""
    yield f"from '{p.secret}/secret.parquet'"
    yield f"select * from read_csv(['{p.secret}/secret.csv', '{p.secret}/secret.csv'])"
    yield f"select * from read_text('{p.secret}/' || 'secret.csv')"
    yield f"select * from query('select * from read_text(''{p.secret}/secret.csv'')')"
    yield f"select * from query_table('{p.secret}/secret.csv')"
    yield f"with t as (from read_blob('{p.secret}/secret.csv')) select content::varchar from t"
    yield f"select (select content from read_text('{p.secret}/secret.csv')) from events"
    yield f"select * from read_csv('{p.secret}/secret.csv', all_varchar = true, delim = '')"
    yield f"explain analyze select * from read_text('{p.secret}/secret.csv')"
    yield f"describe select * from read_csv('{p.secret}/secret.csv')"
    yield f"summarize select * from read_csv('{p.secret}/secret.csv')"
    yield ("select json_execute_serialized_sql(json_serialize_sql("
           f"'select * from read_text(''{p.secret}/secret.csv'')'))")
    yield ("from json_execute_serialized_sql(json_serialize_sql("
           f"'select * from read_text(''{p.secret}/secret.csv'')'))")


def copies(p):
    for form in ["csv", "json", "parquet"]:
        yield f"copy (select 1 as x) to '{p.out}/made.{form}' (format {form})"
        yield f"copy events to '{p.data}/lake/events/made.{form}' (format {form})"
    yield f"copy (select 1) to '{p.out}' (format csv, partition_by (x))"
    yield "copy (select 1) to '/dev/stdout'"
    yield "copy (select 1) to '/proc/self/fd/3'"
    yield f"copy (select 1) to '{p.data}/VERSION' (format csv)"
    yield f"copy events from '{p.secret}/secret.csv'"
    yield f"export database '{p.out}/all'"
    yield f"import database '{p.secret}'"
    yield "copy from database memory to memory"
    yield f"explain analyze copy (select 1) to '{p.out}/explained.csv'"
    yield f"/* select */ copy (select 1) to '{p.out}/commented.csv'"
    yield f"select 1; copy (select 1) to '{p.out}/second.csv'"
    yield f"-- a comment\ncopy (select 1) to '{p.out}/below.csv'"
    yield f"EXPLAIN/**/ANALYZE/**/COPY (select 1) TO '{p.out}/tight.csv'"
    yield f"explain (analyze, format json) copy (select 1) to '{p.out}/options.csv'"


def attaches(p):
    for target in [f"{p.secret}/secret.duckdb", f"{p.out}/new.duckdb", ":memory:", "new.duckdb",
                   f"{p.data}/state", "/tmp/new.duckdb", "md:", "sqlite:x.db", "postgres:x",
                   "mysql:x", f"http://127.0.0.1:{p.port}/x.duckdb"]:
        yield f"attach '{target}' as other"
    yield f"attach if not exists '{p.out}/b.duckdb' as b (read_write)"
    yield f"attach '{p.secret}/secret.duckdb' as s (read_only); select * from s.t"
    yield "create database other"
    yield "detach memory"
    yield "use memory.main"


def settings(p):
    for name, value in [("enable_external_access", "true"), ("lock_configuration", "false"),
                        ("allowed_directories", "['/']"), ("allowed_paths", "['/etc/passwd']"),
                        ("temp_directory", f"'{p.out}'"), ("memory_limit", "'100GB'"),
                        ("max_memory", "'100GB'"), ("threads", "64"),
                        ("home_directory", f"'{p.secret}'"), ("extension_directory", f"'{p.out}'"),
                        ("secret_directory", f"'{p.out}'"), ("file_search_path", f"'{p.secret}'"),
                        ("custom_extension_repository", f"'http://127.0.0.1:{p.port}'"),
                        ("autoinstall_extension_repository", f"'http://127.0.0.1:{p.port}'"),
                        ("allow_unsigned_extensions", "true"),
                        ("autoload_known_extensions", "true"),
                        ("autoinstall_known_extensions", "true"),
                        ("allow_community_extensions", "true"),
                        ("allow_persistent_secrets", "true"),
                        ("log_query_path", f"'{p.out}/log'"),
                        ("profiling_output", f"'{p.out}/p'"),
                        ("enable_logging", "true"), ("disabled_filesystems", "''"),
                        ("http_proxy", f"'127.0.0.1:{p.port}'"),
                        ("max_temp_directory_size", "'1TB'"),
                        ("allocator_flush_threshold", "'0'")]:
        yield f"set global {name} = {value}"
    yield "set session enable_external_access = true"
    yield "reset enable_external_access"
    yield "reset global lock_configuration"
    yield "set variable x = 1"


def pragmas(p):
    yield "pragma enable_external_access = true"
    yield "pragma disable_lock_configuration"
    yield f"pragma temp_directory = '{p.out}'"
    yield "pragma enable_profiling = 'json'"
    yield f"pragma profiling_output = '{p.out}/profile'"
    yield "pragma enable_logging"
    yield f"pragma import_database('{p.secret}')"
    yield "pragma force_checkpoint"
    yield "call force_checkpoint()"
    yield "call enable_logging(storage = 'file', storage_config = {'path': '" + p.out + "'})"
    yield "checkpoint"
    yield "vacuum"
    yield "analyze"


def extensions(p):
    for name in ["httpfs", "aws", "postgres", "sqlite", "spatial", "excel"]:
        yield f"install {name}"
        yield f"load {name}"
    yield f"install httpfs from 'http://127.0.0.1:{p.port}'"
    yield "force install httpfs from community"
    yield f"load '{p.secret}/secret.duckdb_extension'"
    yield "update extensions"
    yield "create secret s (type s3, key_id 'a', secret 'b')"
    yield "create persistent secret s (type http, bearer_token 'b')"
    yield f"select * from sqlite_scan('{p.secret}/secret.db', 't')"
    yield "select * from postgres_scan('host=127.0.0.1', 'public', 't')"


def network(p):
    here = f"127.0.0.1:{p.port}"
    for url in [f"http://{here}/x", f"https://{here}/x", f"http://localhost:{p.port}/x",
                f"http://[::1]:{p.port}/x", "s3://bucket/x", "gs://bucket/x", "r2://bucket/x",
                "hf://datasets/x/x", "az://x/x", "abfss://x/x"]:
        yield f"select * from read_csv('{url}.csv')"
    yield f"select * from read_parquet('http://{here}/x.parquet')"
    yield f"from 'http://{here}/x.csv'"
    yield f"select * from read_text('http://{here}/x')"
    yield f"select * from glob('http://{here}/*')"


def changes(_):
    yield "create table t as select 1 as x"
    yield "create or replace view events as select 1 as x"
    yield "create temp table t (x int)"
    yield "create macro f(x) as x"
    yield "create schema s"
    yield "create type mood as enum ('a')"
    yield "create sequence q"
    yield "insert into events select * from events"
    yield "update events set event = 'x'"
    yield "delete from events"
    yield "drop view events"
    yield "alter view events rename to others"
    yield "truncate events"
    yield "merge into events using events e on false when not matched then insert"
    yield "prepare p as select 1"
    yield "execute p"
    yield "begin transaction"
    yield "commit"
    yield "explain analyze create table t as select 1"
    yield "explain analyze delete from events"
    yield "select 1; select 2"
    yield "comment on view events is 'x'"


def memory(_):
    yield "select repeat('x', 3000000000)"
    yield "select length(repeat('x', 2000000000) || repeat('y', 2000000000))"
    yield "select list(range) from range(2000000000)"
    yield "select string_agg(range::varchar, ',') from range(2000000000)"
    yield "select * from range(400000000) order by hash(range)"
    yield "select count(*) from (select distinct range from range(1000000000))"
    yield "select range, list(range) from range(200000000) group by 1"
    yield "select range(1000000000)"
    yield ("select max(x) from (select row_number() over (order by hash(range)) x "
           "from range(500000000))")
    yield ("with recursive t(x) as (select repeat('x', 1000) union all select x || x from t) "
           "select max(length(x)) from t")


def loops(_):
    yield "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t"
    yield "select count(*) from range(1000000000) a, range(1000000000) b where a.range <> b.range"
    yield "select sum(sin(a.range + b.range)) from range(10000000) a, range(10000000) b"
    yield "select count(*) from range(100000000) where regexp_matches(repeat('a', 300), '(a*)*b')"
    yield "select sum(length(repeat('ab', 10000))) from range(1000000000)"
    yield "select count(*) from events a, range(1000000000) b where md5(a.event || b.range) = 'x'"


def crashes(_):
    yield "select " + "(" * 20_000 + "1" + ")" * 20_000
    yield "select " + "1+" * 40_000 + "1"
    yield "select " + "not " * 20_000 + "true"
    yield "select " + "[" * 5_000 + "1" + "]" * 5_000
    yield "select '" + "[" * 50_000 + "'::json->'$'"
    yield "select * from arrow_scan(1, 2, 3)"
    yield "select * from arrow_scan_dumb(12345::ubigint, 2::ubigint, 3::ubigint)"
    yield "select * from " + "(select * from " * 3_000 + "events" + ")" * 3_000
    yield "select getenv('HOME')"
    yield "select getenv('TIDELINE_CANARY')"


KINDS = [("files", files), ("copy", copies), ("attach", attaches), ("settings", settings),
         ("pragma", pragmas), ("extensions", extensions), ("network", network),
         ("changes", changes), ("memory", memory), ("loops", loops), ("crashes", crashes)]


def escapes(places):
    return [Escape(kind, sql) for kind, make in KINDS for sql in make(places)]
