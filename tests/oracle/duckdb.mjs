// DuckDB for the oracle and the map checks: the engine that the set-up put under build/tools,
// no extension loaded from outside, UTC.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPO = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const require = createRequire(join(REPO, 'build', 'tools', 'duckdb', 'package.json'));

// A connection to a new in-memory database. `all(sql)` gives rows as arrays of JSON values, big
// integers as text; `objects(sql)` the same as objects.
export async function connect() {
  const { DuckDBInstance } = require('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    run: (sql) => connection.run(sql),
    all: async (sql) => (await connection.runAndReadAll(sql)).getRowsJson(),
    objects: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
  };
}

// A text as an SQL string literal.
export const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

// The events that every oracle reads. `events` is a table expression with at least these columns.
export async function createEvents(database, events) {
  await database.run(`CREATE OR REPLACE VIEW events AS
    SELECT CAST(customer_id AS VARCHAR) AS customer_id, type, event,
           CAST(event_time AS TIMESTAMP) AS event_time,
           CAST(arrival_time AS TIMESTAMP) AS arrival_time,
           source, message_id, CAST(properties AS JSON) AS properties
    FROM ${events}`);
}

// `file` is a CSV with the columns customer_id and as_of (RFC 3339); others are not looked at.
export async function createPoints(database, file) {
  await database.run(`CREATE OR REPLACE TABLE points AS
    SELECT row_number() OVER () AS point, customer_id,
           CAST(CAST(as_of AS TIMESTAMPTZ) AS TIMESTAMP) AS as_of
    FROM read_csv(${quoted(file)}, header = true, all_varchar = true, delim = ',', quote = '"',
                  escape = '"', nullstr = '', skip = 0, comment = '', parallel = false)`);
}
