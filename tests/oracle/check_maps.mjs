// Checks the import maps against the real data sets, as docs/import-maps.md describes them and without the program:
//   node tests/oracle/check_maps.mjs --data ../shared/data
// Counts what each map returns and compares it with the published figures. Needs Python 3.11 to read TOML.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { REPO, connect, quoted } from './duckdb.mjs';

const ALLOWED = ['customer', 'time', 'event', 'type', 'id', 'received_at', 'properties'];

function readToml(file) {
  const script = 'import json, sys, tomllib; json.dump(tomllib.load(open(sys.argv[1], "rb")), sys.stdout)';
  const result = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${file}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

const asArray = (value) => (Array.isArray(value) ? value : [value]);

function matches(pattern, name) {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

function formatOf(table, files) {
  const plain = basename(files[0] ?? '').replace(/\.(gz|zst)$/, '');
  if (table.format) return table.format;
  if (plain.endsWith('.parquet')) return 'parquet';
  return /\.(ndjson|jsonl|json)$/.test(plain) ? 'ndjson' : 'csv';
}

function columnsOf(table) {
  return table.columns.map((column) => {
    const [name, ...type] = column.split(' ');
    return [name, type.join(' ') || 'VARCHAR'];
  });
}

function tableSql(table, files) {
  const list = `[${files.map(quoted).join(', ')}]`;
  const format = formatOf(table, files);
  if (files.length === 0) {
    const columns = { lines: [['line', 'VARCHAR']], ndjson: [['json', 'JSON']] }[format] ?? columnsOf(table);
    return `SELECT ${columns.map(([name, type]) => `NULL::${type} AS "${name}"`).join(', ')} WHERE false`;
  }
  if (format === 'parquet') return `SELECT * FROM read_parquet(${list}, union_by_name = true)`;
  if (format === 'ndjson') return `SELECT * FROM read_ndjson_objects(${list})`;
  if (format === 'lines') {
    return `SELECT * FROM read_csv(${list}, auto_detect = false, header = ${table.header ?? false}, delim = '\x01',
            quote = '', escape = '', columns = {'line': 'VARCHAR'})`;
  }
  const quote = quoted(table.quote ?? '"');
  const dialect = `delim = ${quoted(table.delim ?? ',')}, quote = ${quote}, escape = ${quote}, nullstr = ''`;
  if (!table.columns) {
    return `SELECT * FROM read_csv(${list}, header = true, all_varchar = true, ${dialect}, skip = 0, comment = '',
            union_by_name = true)`;
  }
  const columns = columnsOf(table).map(([name, type]) => `${quoted(name)}: ${quoted(type)}`).join(', ');
  return `SELECT * FROM read_csv(${list}, auto_detect = false, header = ${table.header ?? true}, ${dialect},
          columns = {${columns}})`;
}

// Reads `files` through the map into a table `mapped` with all seven columns.
export async function loadMap(database, mapFile, files) {
  const map = readToml(mapFile);
  const taken = Object.fromEntries(Object.keys(map.files).map((name) => [name, []]));
  for (const file of files) {
    const takers = Object.entries(map.files).filter(([, table]) =>
      asArray(table.match).some((pattern) => matches(pattern, basename(file))));
    if (takers.length !== 1) throw new Error(`${file} is taken by ${takers.length} tables of ${mapFile}`);
    taken[takers[0][0]].push(file);
  }
  for (const [name, table] of Object.entries(map.files)) {
    if (taken[name].length === 0 && table.required !== false) throw new Error(`${mapFile}: no file for ${name}`);
    await database.run(`CREATE OR REPLACE VIEW "${name}" AS ${tableSql(table, taken[name].sort())}`);
  }
  const select = map.select.trim().replace(/;$/, '');
  const described = await database.all(`DESCRIBE ${select}`);
  const given = described.map(([name]) => name);
  const unknown = given.filter((name) => !ALLOWED.includes(name));
  if (unknown.length) throw new Error(`${mapFile} returns unknown columns: ${unknown.join(', ')}`);
  const column = (name, type, absent) => (given.includes(name) ? `${name}::${type}` : absent) + ` AS ${name}`;
  await database.run(`CREATE OR REPLACE TABLE mapped AS SELECT
      ${column('customer', 'VARCHAR')}, ${column('time', 'TIMESTAMP')}, ${column('event', 'VARCHAR')},
      ${given.includes('type') ? "coalesce(type, 'track')" : "'track'"} AS type,
      ${column('id', 'VARCHAR', 'NULL::VARCHAR')}, ${column('received_at', 'TIMESTAMP', 'NULL::TIMESTAMP')},
      ${column('properties', 'JSON', 'NULL::JSON')}
    FROM (${select})`);
  return map;
}

// What is known of each data set: [what, SQL over `mapped`, value].
const count = (what, where, value) => [what, `SELECT count(*) FROM mapped WHERE ${where}`, value];
const CHECKS = [
  {
    map: 'learning/import/oulad.toml', folder: 'oulad', files: /\.csv(\.gz)?$/,
    expect: [
      ['enrolments', 'SELECT count(DISTINCT customer) FROM mapped', 11292],
      count('Enrolled', "event = 'Enrolled'", 11292),
      count('identify', "type = 'identify'", 11292),
      ['students', "SELECT count(DISTINCT properties->>'$.student') FROM mapped", 11138],
      count('Withdrawn', "event = 'Withdrawn'", 3076),
      count('Course Ended', "event = 'Course Ended'", 11292),
      count('student-days with clicks', "event = 'Learning Session'", 112719),
      ['click rows', "SELECT sum((properties->>'$.clicks')::BIGINT) FROM mapped",
        "SELECT sum(sum_click::BIGINT) FROM clicks"],
      count('submissions not banked', "event = 'Assignment Submitted'", 68393 - 454),
      count('Enrolled after or at Withdrawn', `event = 'Withdrawn' AND EXISTS (SELECT 1 FROM mapped e
        WHERE e.customer = mapped.customer AND e.event = 'Enrolled' AND e.time > mapped.time)`, 0),
    ],
  },
  {
    map: 'commerce/import/cdnow.toml', folder: 'cdnow', files: /^CDNOW_master\.txt$/,
    expect: [
      count('purchases', "event = 'Order Completed'", 69659),
      ['customers', 'SELECT count(DISTINCT customer) FROM mapped', 23570],
      ['distinct rows', 'SELECT count(*) FROM (SELECT DISTINCT * FROM mapped)', 69659 - 255],
      ['dollars', "SELECT sum((properties->>'$.revenue')::DECIMAL(18, 2)) FROM mapped", '2500315.63'],
      ['customer-days', 'SELECT count(DISTINCT (customer, time)) FROM mapped', 67591],
    ],
  },
  {
    map: 'commerce/import/cdnow-sample.toml', folder: 'cdnow', files: /^CDNOW_sample\.txt$/,
    expect: [
      count('purchases', "event = 'Order Completed'", 6919),
      ['customers', 'SELECT count(DISTINCT customer) FROM mapped', 2357],
      ['greatest id', 'SELECT max(customer::INT) FROM mapped', 2357],
      ['customer-days', 'SELECT count(DISTINCT (customer, time)) FROM mapped', 6696],
    ],
  },
  {
    map: 'commerce/import/online-retail-lines.toml', folder: 'online-retail', files: /^lines_/,
    expect: [
      ['lines', 'SELECT count(*) FROM mapped', 541909],
      count('without customer', "customer IS NULL OR customer = ''", 135080),
      ['customers', 'SELECT count(DISTINCT customer) FROM mapped', 4372],
      ['invoices', "SELECT count(DISTINCT properties->>'$.order_id') FROM mapped", 25900],
      ['orders with customer', `SELECT count(DISTINCT properties->>'$.order_id') FROM mapped
        WHERE event = 'Order Completed' AND customer IS NOT NULL`, 18536],
      ['their customers', `SELECT count(DISTINCT customer) FROM mapped WHERE event = 'Order Completed'`, 4339],
      count('order lines with customer', "event = 'Order Completed' AND customer IS NOT NULL", 397924),
      count('lines taken back, with customer',
        "event IN ('Order Refunded', 'Order Cancelled') AND customer IS NOT NULL", 8905),
      count('of orders cancelled as a whole', "event = 'Order Cancelled'", 1046),
      ['orders cancelled as a whole',
        "SELECT count(DISTINCT properties->>'$.order_id') FROM mapped WHERE event = 'Order Cancelled'", 145],
      count('adjustments with customer', "event = 'Invoice Adjusted' AND customer IS NOT NULL", 0),
      count('taken back with negative revenue', `event IN ('Order Refunded', 'Order Cancelled')
        AND (properties->>'$.revenue')::DOUBLE < 0`, 0),
      ['value', `SELECT sum(CASE WHEN event IN ('Order Refunded', 'Order Cancelled') THEN -1 ELSE 1 END
        * (properties->>'$.revenue')::DECIMAL(18, 3)) FROM mapped`, '9747747.934'],
    ],
  },
  {
    map: 'commerce/import/online-retail-invoices.toml', folder: 'online-retail', files: /^invoices\.csv$/,
    expect: [
      ['invoices', 'SELECT count(*) FROM mapped', 25900],
      count('without customer', "customer IS NULL OR customer = ''", 3710),
      ['customers', 'SELECT count(DISTINCT customer) FROM mapped', 4372],
      count('orders with customer', "event = 'Order Completed' AND customer IS NOT NULL", 18536),
      count('taken back', "event IN ('Order Refunded', 'Order Cancelled')", 3836),
      count('cancelled as a whole', "event = 'Order Cancelled'", 145),
    ],
  },
  {
    map: 'commerce/import/complete-journey.toml', folder: 'complete-journey', files: /\.csv(\.gz)?$/,
    expect: [
      count('baskets', "event = 'Order Completed'", 47243),
      ['households with baskets', "SELECT count(DISTINCT customer) FROM mapped WHERE event = 'Order Completed'", 2377],
      count('campaigns delivered', "event = 'Campaign Delivered'", 6589),
      count('coupons redeemed', "event = 'Coupon Redeemed'", 2102),
      ['households that redeemed',
        "SELECT count(DISTINCT customer) FROM mapped WHERE event = 'Coupon Redeemed'", 410],
      count('identified', "type = 'identify'", 801),
    ],
  },
];

const EVERYWHERE = [
  count('unreadable times', 'time IS NULL', 0),
  count('no event name', "type = 'track' AND (event IS NULL OR event = '')", 0),
  count('ids given', 'id IS NOT NULL', 0),
  count('properties that are no object', "properties IS NOT NULL AND json_type(properties) <> 'OBJECT'", 0),
  // 1e-7 or 1e20 would be legal JSON, but the maps promise plain decimals.
  count('numbers with exponent', `regexp_matches(properties::VARCHAR, ':-?[0-9.]+[eE]')`, 0),
  count('amounts out of range', "abs((properties->>'$.revenue')::DOUBLE) >= 1099511627776", 0),
];

async function main() {
  const { values } = parseArgs({ options: { data: { type: 'string', default: join(REPO, '..', 'shared', 'data') } } });
  let wrong = 0;
  let checked = 0;
  for (const { map, folder, files, expect } of CHECKS) {
    const directory = join(values.data, folder);
    if (!existsSync(directory)) {
      console.log(`${map}: ${directory} is missing`);
      wrong += 1;
      continue;
    }
    const database = await connect();
    const names = readdirSync(directory).filter((name) => files.test(name)).sort();
    await loadMap(database, join(REPO, 'packs', map), names.map((name) => join(directory, name)));
    const [[rows]] = await database.all('SELECT count(*) FROM mapped');
    const events = await database.all(`SELECT coalesce(event, type), count(*) FROM mapped GROUP BY ALL ORDER BY ALL`);
    console.log(`${map}: ${rows} rows; ${events.map(([name, n]) => `${name} ${n}`).join(', ')}`);
    for (const [what, sql, value] of [...expect, ...EVERYWHERE]) {
      const [[got]] = await database.all(sql);
      const isQuery = typeof value === 'string' && value.startsWith('SELECT');
      const want = isQuery ? (await database.all(value))[0][0] : value;
      checked += 1;
      if (String(got) !== String(want)) {
        wrong += 1;
        console.log(`  ${what}: ${got}, expected ${want}`);
      }
    }
  }
  console.log(`import maps: ${checked} figures checked, ${wrong} wrong`);
  process.exit(wrong === 0 && checked > 0 ? 0 : 1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
