// Events and figures worked out by hand, to test the SQL of an oracle with.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPO, connect, createEvents, quoted } from './duckdb.mjs';

export const T = Date.parse('2025-06-30T00:00:00Z');
const iso = (ms) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
const rows = [];
const expected = [];  // [customer, days from T, {feature: value}]

// An event of `customer`, `days` days from T.
export function event(customer, days, name, properties = {}, settings = {}) {
  const { type = 'track', arrives = days, id = `m${rows.length}` } = settings;
  rows.push(`(${quoted(customer)}, ${quoted(type)}, ${quoted(name)},
    TIMESTAMP ${quoted(iso(T + days * 86400e3))}, TIMESTAMP ${quoted(iso(T + arrives * 86400e3))},
    'self', ${quoted(id)}, ${quoted(JSON.stringify(properties))})`);
}

// What the features of `customer` must be `days` days from T; null is missing.
export const expect = (customer, days, values) => expected.push([customer, days, values]);

async function compute(file) {
  const database = await connect();
  await database.run(`CREATE TABLE raw (customer_id VARCHAR, type VARCHAR, event VARCHAR,
    event_time TIMESTAMP, arrival_time TIMESTAMP, source VARCHAR, message_id VARCHAR,
    properties JSON)`);
  await database.run(`INSERT INTO raw VALUES ${rows.join(',\n')}`);
  await createEvents(database, 'raw');
  const points = expected.map(([customer, days], i) =>
    `(${i}, ${quoted(customer)}, TIMESTAMP ${quoted(iso(T + days * 86400e3))})`);
  await database.run(`CREATE TABLE points AS
    SELECT * FROM (VALUES ${points.join(', ')}) AS p (point, customer_id, as_of)`);
  return database.objects(readFileSync(join(REPO, 'tests', 'oracle', file), 'utf8'));
}

const isClose = (got, want) => Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want));

// Runs the oracle `file` on all events above, prints a verdict a customer, and ends the process.
export async function check(file, features) {
  const results = await compute(file);
  let failed = 0;
  const verdict = (name, complaints) => {
    failed += complaints.length > 0;
    console.log(complaints.length ? `not ok ${name}: ${complaints.join('; ')}` : `ok ${name}`);
  };
  const covered = new Set();
  expected.forEach(([customer, days, values], i) => {
    const complaints = [];
    for (const [name, want] of Object.entries(values)) {
      covered.add(name);
      const text = results[i][name];
      const same = want === null || text === null ? text === want : isClose(Number(text), want);
      if (!same) complaints.push(`${name} is ${text}, expected ${want}`);
    }
    verdict(`${file} for ${customer} at day ${days}`, complaints);
  });
  const columns = Object.keys(results[0]).slice(2);
  verdict(`every column of ${file} has an expectation`,
    columns.filter((name) => !covered.has(name)).map((name) => `${name} has none`));
  verdict(`${file} has ${features} features and the coverage`,
    columns.length === features + 1 ? [] : [`${columns.length} columns`]);
  process.exit(failed === 0 ? 0 : 1);
}
