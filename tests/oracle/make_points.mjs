// Chooses points (customer, as_of) to compare features at:
//   node tests/oracle/make_points.mjs --events 'DATA/lake/events/*/*.parquet' --count 10000
//        --times 40 --seed 1 --out points.csv
// --times moments over the span of the events, from its first seventh on, every other one at
// 00:00 UTC (a day once), the rest at odd milliseconds; at each an equal share of customers with
// an event (track, page or screen, known then) in the 120 days before. The same seed, the same
// points.
import { parseArgs } from 'node:util';
import { connect, createEvents, quoted } from './duckdb.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', multiple: true },
    count: { type: 'string', default: '10000' },
    times: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
if (!values.events || !values.out) {
  console.error('make_points: --events and --out are needed');
  process.exit(2);
}
const times = Number(values.times);
const seed = quoted(values.seed);

const database = await connect();
const files = values.events.map(quoted).join(', ');
await createEvents(database,
  `read_parquet([${files}], union_by_name = true, hive_partitioning = false)`);
// A fraction in [0, 1) out of a text: md5 is the same in every version of the engine.
await database.run(`CREATE MACRO fraction(text) AS
  CAST(CAST('0x' || left(md5(text), 12) AS UBIGINT) AS DOUBLE) / 281474976710656`);
await database.run(`CREATE TABLE moments AS
  WITH span AS (
    SELECT min(event_time) + (max(event_time) - min(event_time)) / 7 AS low,
           max(event_time) AS high FROM events
  ),
  somewhere AS (
    SELECT i, low + to_milliseconds(CAST(floor(
      (epoch_ms(high) - epoch_ms(low)) * fraction(${seed} || ' time ' || i)) AS BIGINT)) AS t
    FROM span, range(${times}) AS r (i)
  ),
  rounded AS (
    SELECT i, CASE WHEN i % 2 = 0 THEN date_trunc('day', t)
                   ELSE date_trunc('millisecond', t) END AS t FROM somewhere
  )
  SELECT min(i) AS i, t FROM rounded GROUP BY t`);
await database.run(`COPY (
  WITH asked AS (
    SELECT DISTINCT i, t, customer_id FROM moments JOIN events
      ON event_time <= t AND arrival_time <= t AND type IN ('track', 'page', 'screen')
     AND event_time >= date_trunc('day', t - INTERVAL 120 DAY)
  ),
  placed AS (
    SELECT *, row_number() OVER (PARTITION BY i
      ORDER BY md5(${seed} || ' customer ' || i || ' ' || customer_id)) AS place FROM asked
  ),
  chosen AS (SELECT * FROM placed ORDER BY place, i LIMIT ${Number(values.count)})
  SELECT customer_id, strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ') AS as_of FROM chosen ORDER BY i, place
) TO ${quoted(values.out)} (FORMAT csv, HEADER)`);
const [[points]] = await database.all(`SELECT count(*) FROM
  read_csv(${quoted(values.out)}, header = true, all_varchar = true)`);
console.error(`make_points: ${points} points at ${times} times, seed ${values.seed}`);
process.exit(Number(points) > 0 ? 0 : 1);
