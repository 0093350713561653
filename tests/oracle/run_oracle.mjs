// Computes features with an oracle's SQL:
//   node tests/oracle/run_oracle.mjs --events 'DATA/lake/events/*/*.parquet' --points points.csv
//        --sql tests/oracle/marketplace.sql --out oracle.csv
// --events may be given several times; each is a file or a pattern of Parquet files. --points is
// a CSV with the columns customer_id and as_of; the output of `tideline features` will do. Missing
// is an empty cell.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connect, createEvents, createPoints, quoted } from './duckdb.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', multiple: true },
    points: { type: 'string' },
    sql: { type: 'string' },
    out: { type: 'string' },
  },
});
for (const name of ['events', 'points', 'sql', 'out']) {
  if (!values[name]) {
    console.error(`run_oracle: --${name} is missing`);
    process.exit(2);
  }
}

const database = await connect();
const files = values.events.map(quoted).join(', ');
await createEvents(database,
  `read_parquet([${files}], union_by_name = true, hive_partitioning = false)`);
await createPoints(database, values.points);
const sql = readFileSync(values.sql, 'utf8').trim().replace(/;$/, '');
await database.run(`CREATE TABLE result AS SELECT row_number() OVER () AS nth, * FROM (${sql}\n)`);
await database.run(`COPY (
    SELECT * EXCLUDE (nth) REPLACE (strftime(as_of, '%Y-%m-%dT%H:%M:%S.%fZ') AS as_of)
    FROM result ORDER BY nth
  ) TO ${quoted(values.out)} (FORMAT csv, HEADER)`);
const [[rows]] = await database.all('SELECT count(*) FROM result');
const [[points]] = await database.all('SELECT count(*) FROM points');
console.error(`run_oracle: ${rows} rows for ${points} points -> ${values.out}`);
process.exit(rows === points && Number(rows) > 0 ? 0 : 1);
