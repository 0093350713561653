// The SQL oracle as a peer of the program's features, in DuckDB on one thread:
//   node bench/peers/oracle.mjs prepare --from 'DIR/events-*.parquet' --to DIR --at TIME
//        writes what `tideline generate` made as files of a lake, and points.csv: every customer
//   node bench/peers/oracle.mjs run --events 'DIR/events/*/*.parquet' --points FILE --out FILE
//        features of all points; prints seconds of wall clock and CPU, the output's not counted
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect, createEvents, createPoints, quoted } from '../../tests/oracle/duckdb.mjs';

const SQL = join(dirname(fileURLToPath(import.meta.url)), '../../tests/oracle/marketplace.sql');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(['from', 'to', 'at', 'events', 'points', 'out']
    .map((name) => [name, { type: 'string' }])),
});

async function prepare(database) {
  mkdirSync(join(values.to, 'events/dt=all'), { recursive: true });
  await database.run(`CREATE VIEW made AS SELECT * FROM read_parquet(${quoted(values.from)})`);
  await database.run(`COPY (
    SELECT customer AS customer_id, type, event, time AS event_time,
           coalesce(received_at, time) AS arrival_time, 'bench' AS source, id AS message_id,
           properties
    FROM made
  ) TO ${quoted(join(values.to, 'events/dt=all/made.parquet'))}
    (FORMAT parquet, COMPRESSION zstd)`);
  await database.run(`COPY (
    SELECT DISTINCT customer AS customer_id, ${quoted(values.at)} AS as_of FROM made ORDER BY 1
  ) TO ${quoted(join(values.to, 'points.csv'))} (FORMAT csv, HEADER)`);
}

async function run(database) {
  await database.run('SET threads = 1');
  await createEvents(database, `read_parquet(${quoted(values.events)})`);
  await createPoints(database, values.points);
  const sql = readFileSync(SQL, 'utf8').trim().replace(/;$/, '');
  const begun = process.hrtime.bigint();
  const used = process.cpuUsage();
  await database.run(`CREATE TABLE result AS SELECT * FROM (${sql}\n)`);
  const cpu = process.cpuUsage(used);
  const wall = Number(process.hrtime.bigint() - begun) / 1e9;
  const [[rows]] = await database.all('SELECT count(*) FROM result');
  await database.run(`COPY (
    SELECT * REPLACE (strftime(as_of, '%Y-%m-%dT%H:%M:%S.%fZ') AS as_of)
    FROM result ORDER BY customer_id
  ) TO ${quoted(values.out)} (FORMAT csv, HEADER)`);
  console.log(JSON.stringify({
    units: Number(rows), wall_s: wall, cpu_s: (cpu.user + cpu.system) / 1e6,
  }));
}

const database = await connect();
await (positionals[0] === 'prepare' ? prepare(database) : run(database));
process.exit(0);
