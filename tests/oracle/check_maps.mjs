// Checks the import maps against the real data sets:
//   node tests/oracle/check_maps.mjs --data ../shared/data
// Counts what each map returns and compares with the published figures. Runs without the program.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { REPO, connect } from './duckdb.mjs';
import { loadMap } from './import_maps.mjs';

// A check is [what, SQL, value]; a value that is SQL itself is computed too. FOLDER in the SQL
// stands for the folder of the data set.
const count = (what, where, value) => [what, `SELECT count(*) FROM mapped WHERE ${where}`, value];
const distinct = (what, of, where, value) =>
  [what, `SELECT count(DISTINCT ${of}) FROM mapped WHERE ${where}`, value];
const ORDER = "properties->>'$.order_id'";
const REVENUE = "(properties->>'$.revenue')::DECIMAL(18, 3)";
const TAKEN_BACK = "event IN ('Order Refunded', 'Order Cancelled')";

// The population of the published tables of the two presentations with clicks, `day` days in:
// registered, not unregistered, course not ended; inactive: no click in the next 14 (30) days; and
// how well the time since the last click alone tells them (area under the curve, a student who
// never clicked being the longest silent).
const population = (day) => `
  WITH starts (ending, day0) AS (
    VALUES ('/BBB/2013B', TIMESTAMP '2013-02-01'), ('/AAA/2013J', TIMESTAMP '2013-10-01')
  ),
  asked AS (
    SELECT mapped.*, day0 + to_days(${day} + 1) AS t FROM mapped JOIN starts
      ON ends_with(customer, ending)
  ),
  enrolled AS (
    SELECT customer,
      coalesce(epoch(t - max(time) FILTER (event = 'Learning Session' AND time <= t)), 1e12)
        AS silent,
      count(*) FILTER (event = 'Learning Session' AND time > t AND time <= t + INTERVAL 14 DAY) = 0
        AS inactive14,
      count(*) FILTER (event = 'Learning Session' AND time > t AND time <= t + INTERVAL 30 DAY) = 0
        AS inactive30
    FROM asked GROUP BY customer, t
    HAVING count(*) FILTER (event = 'Enrolled' AND time <= t) = 1
       AND count(*) FILTER (event IN ('Withdrawn', 'Course Ended') AND time <= t) = 0
  ),
  ranked AS (
    SELECT *, rank() OVER (ORDER BY silent)
              + (count(*) OVER (PARTITION BY silent) - 1) / 2 AS place FROM enrolled
  )
  SELECT format('{} {:.1f} {:.1f} {:.3f}', count(*), 100 * avg(inactive14::INT),
    100 * avg(inactive30::INT),
    (sum(place) FILTER (inactive14) - sum(inactive14::INT) * (sum(inactive14::INT) + 1) / 2)
      / (sum(inactive14::INT) * sum((NOT inactive14)::INT))) FROM ranked`;

const CHECKS = [
  {
    map: 'learning/import/oulad.toml', folder: 'oulad', files: /\.csv(\.gz)?$/,
    expect: [
      distinct('enrolments', 'customer', 'true', 11292),
      count('Enrolled', "event = 'Enrolled'", 11292),
      count('identify', "type = 'identify'", 11292),
      distinct('students', "properties->>'$.student'", "type = 'identify'", 11138),
      count('Withdrawn', "event = 'Withdrawn'", 3076),
      count('Course Ended', "event = 'Course Ended'", 11292),
      count('student-days with clicks', "event = 'Learning Session'", 112719),
      ['clicks', "SELECT sum((properties->>'$.clicks')::BIGINT) FROM mapped",
        'SELECT sum(sum_click::BIGINT) FROM clicks'],
      ['equal rows', 'SELECT count(*) - count(DISTINCT mapped) FROM mapped', 0],
      count('submissions not banked', "event = 'Assignment Submitted'", 68393 - 454),
      count('Withdrawn before Enrolled', `event = 'Withdrawn' AND EXISTS (
        SELECT 1 FROM mapped e WHERE e.customer = mapped.customer AND e.event = 'Enrolled'
          AND e.time > mapped.time)`, 0),
      ['day 28: n, inactive14, inactive30, recency AUC', population(28), '1898 15.8 9.7 0.865'],
      ['day 56: n, inactive14, inactive30, recency AUC', population(56), '1835 24.0 17.6 0.845'],
      ['day 84: n, inactive14, inactive30, recency AUC', population(84), '1781 21.1 16.7 0.891'],
    ],
  },
  {
    map: 'commerce/import/cdnow.toml', folder: 'cdnow', files: /^CDNOW_master\.txt$/,
    expect: [
      count('purchases', "event = 'Order Completed'", 69659),
      distinct('customers', 'customer', 'true', 23570),
      ['without repeats', 'SELECT count(*) FROM (SELECT DISTINCT * FROM mapped)', 69659 - 255],
      ['dollars', `SELECT sum(${REVENUE}) FROM mapped`, '2500315.630'],
      distinct('customer-days', '(customer, time)', 'true', 67591),
    ],
  },
  {
    map: 'commerce/import/cdnow-sample.toml', folder: 'cdnow', files: /^CDNOW_sample\.txt$/,
    expect: [
      count('purchases', "event = 'Order Completed'", 6919),
      distinct('customers', 'customer', 'true', 2357),
      ['greatest customer id', 'SELECT max(customer::INT) FROM mapped', 2357],
      distinct('customer-days', '(customer, time)', 'true', 6696),
      // Repeat days, and weeks from the first to the last one and to the end, on 1997-09-30.
      ['customers unlike the published summary', `SELECT count(*) FROM (
        SELECT customer, count(DISTINCT time) - 1 AS x,
               date_diff('day', min(time), max(time)) / 7 AS recency,
               date_diff('day', min(time), TIMESTAMP '1997-09-30 12:00:00') / 7 AS age
        FROM mapped WHERE time < TIMESTAMP '1997-10-01' GROUP BY customer)
        FULL JOIN (SELECT ID, frequency, recency AS weeks, T
                   FROM read_csv('FOLDER/cdnow_customers_summary.csv')) ON ID = customer::INT
        WHERE (x = frequency AND abs(recency - weeks) < 0.0051 AND abs(age - T) < 0.0051)
              IS NOT TRUE`, 0],
    ],
  },
  {
    map: 'commerce/import/online-retail-lines.toml', folder: 'online-retail', files: /^lines_/,
    expect: [
      count('lines', 'true', 541909),
      count('without customer', "customer IS NULL OR customer = ''", 135080),
      distinct('customers', 'customer', 'true', 4372),
      distinct('invoices', ORDER, 'true', 25900),
      distinct('orders', ORDER, "event = 'Order Completed' AND customer IS NOT NULL", 18536),
      distinct('customers with orders', 'customer', "event = 'Order Completed'", 4339),
      count('order lines', "event = 'Order Completed' AND customer IS NOT NULL", 397924),
      count('lines taken back', `${TAKEN_BACK} AND customer IS NOT NULL`, 8905),
      distinct('invoices taken back', ORDER, TAKEN_BACK, 3836),
      count('lines of orders cancelled as a whole', "event = 'Order Cancelled'", 1046),
      distinct('orders cancelled as a whole', ORDER, "event = 'Order Cancelled'", 145),
      count('adjustments', "event = 'Invoice Adjusted' AND customer IS NOT NULL", 0),
      count('taken back with negative revenue', `${TAKEN_BACK} AND ${REVENUE} < 0`, 0),
      ['value', `SELECT sum(CASE WHEN ${TAKEN_BACK} THEN -1 ELSE 1 END * ${REVENUE}) FROM mapped`,
        '9747747.934'],
    ],
  },
  {
    map: 'commerce/import/online-retail-invoices.toml',
    folder: 'online-retail', files: /^invoices\.csv$/,
    expect: [
      count('invoices', 'true', 25900),
      count('without customer', "customer IS NULL OR customer = ''", 3710),
      distinct('customers', 'customer', 'true', 4372),
      count('orders', "event = 'Order Completed' AND customer IS NOT NULL", 18536),
      count('taken back', TAKEN_BACK, 3836),
      count('cancelled as a whole', "event = 'Order Cancelled'", 145),
    ],
  },
  {
    map: 'commerce/import/complete-journey.toml',
    folder: 'complete-journey', files: /\.csv(\.gz)?$/,
    expect: [
      count('baskets', "event = 'Order Completed'", 47243),
      distinct('households with baskets', 'customer', "event = 'Order Completed'", 2377),
      count('campaigns delivered', "event = 'Campaign Delivered'", 6589),
      count('coupons redeemed', "event = 'Coupon Redeemed'", 2102),
      distinct('households that redeemed', 'customer', "event = 'Coupon Redeemed'", 410),
      count('identify', "type = 'identify'", 801),
    ],
  },
];

const EVERYWHERE = [
  count('unreadable times', 'time IS NULL', 0),
  count('no event name', "type = 'track' AND (event IS NULL OR event = '')", 0),
  count('ids given', 'id IS NOT NULL', 0),
  count('properties that are no object',
    "properties IS NOT NULL AND json_type(properties) <> 'OBJECT'", 0),
  count('numbers with an exponent',
    `regexp_matches(properties::VARCHAR, ':-?[0-9.]+[eE]')`, 0),
  count('amounts out of range', `abs(${REVENUE}) >= 1099511627776`, 0),
];

async function checkMap({ map, folder, files, expect }, data) {
  const directory = join(data, folder);
  if (!existsSync(directory)) return [`${directory} is missing`];
  const database = await connect();
  const names = readdirSync(directory).filter((name) => files.test(name)).sort();
  await loadMap(database, join(REPO, 'packs', map), names.map((name) => join(directory, name)));
  const events = await database.all(
    'SELECT coalesce(event, type), count(*) FROM mapped GROUP BY ALL ORDER BY ALL');
  console.log(`# ${map}: ${events.map(([name, n]) => `${name} ${n}`).join(', ')}`);
  const complaints = [];
  for (const [what, sql, value] of [...expect, ...EVERYWHERE]) {
    const [[got]] = await database.all(sql.replaceAll('FOLDER', directory));
    const isSql = typeof value === 'string' && value.startsWith('SELECT');
    const want = isSql ? (await database.all(value))[0][0] : value;
    if (String(got) !== String(want)) complaints.push(`${what}: ${got}, expected ${want}`);
  }
  return complaints;
}

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const data = values.data ?? process.env.TIDELINE_DATA ?? join(REPO, '..', 'shared', 'data');
let failed = 0;
for (const check of CHECKS) {
  const complaints = await checkMap(check, data);
  failed += complaints.length > 0;
  const name = `the map ${check.map} gives the published figures`;
  console.log(complaints.length ? `not ok ${name}: ${complaints.join('; ')}` : `ok ${name}`);
}
process.exit(failed === 0 ? 0 : 1);
