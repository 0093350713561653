// Reads foreign files through an import map as docs/import-maps.md says, without the program.
// Needs Python 3.11 for its TOML reader.
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { quoted } from './duckdb.mjs';

const ALLOWED = ['customer', 'time', 'event', 'type', 'id', 'received_at', 'properties'];

function readToml(file) {
  const script = 'import json, sys, tomllib\n'
    + 'json.dump(tomllib.load(open(sys.argv[1], "rb")), sys.stdout)';
  const result = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${file}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

function matches(patterns, name) {
  return [patterns].flat().some((pattern) => {
    const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
  });
}

function formatOf(table, files) {
  if (table.format) return table.format;
  const plain = basename(files[0] ?? '').replace(/\.(gz|zst)$/, '');
  if (plain.endsWith('.parquet')) return 'parquet';
  return /\.(ndjson|jsonl|json)$/.test(plain) ? 'ndjson' : 'csv';
}

// [name, type] of each column that the table declares.
function columnsOf(table, format) {
  if (format === 'lines') return [['line', 'VARCHAR']];
  if (format === 'ndjson') return [['json', 'JSON']];
  return table.columns.map((column) => {
    const [name, ...type] = column.split(' ');
    return [name, type.join(' ') || 'VARCHAR'];
  });
}

function csvSql(table, list) {
  const quote = quoted(table.quote ?? '"');
  const dialect = `delim = ${quoted(table.delim ?? ',')}, quote = ${quote}, escape = ${quote},
    nullstr = '', header = ${table.header ?? true}`;
  if (!table.columns) {
    return `SELECT * FROM read_csv(${list}, ${dialect}, all_varchar = true, skip = 0, comment = '',
      union_by_name = true)`;
  }
  const columns = columnsOf(table, 'csv')
    .map(([name, type]) => `${quoted(name)}: ${quoted(type)}`).join(', ');
  return `SELECT * FROM read_csv(${list}, ${dialect}, auto_detect = false,
    columns = {${columns}})`;
}

function tableSql(table, files) {
  const format = formatOf(table, files);
  if (files.length === 0) {
    const nulls = columnsOf(table, format).map(([name, type]) => `NULL::${type} AS "${name}"`);
    return `SELECT ${nulls.join(', ')} WHERE false`;
  }
  const list = `[${files.map(quoted).join(', ')}]`;
  switch (format) {
    case 'parquet': return `SELECT * FROM read_parquet(${list}, union_by_name = true)`;
    case 'ndjson': return `SELECT * FROM read_ndjson_objects(${list})`;
    case 'lines': return `SELECT * FROM read_csv(${list}, auto_detect = false, delim = '\x01',
      quote = '', escape = '', header = ${table.header ?? false}, columns = {'line': 'VARCHAR'})`;
    default: return csvSql(table, list);
  }
}

function distribute(map, mapFile, files) {
  const taken = Object.fromEntries(Object.keys(map.files).map((name) => [name, []]));
  for (const file of files) {
    const takers = Object.keys(map.files)
      .filter((name) => matches(map.files[name].match, basename(file)));
    if (takers.length !== 1) {
      throw new Error(`${file} is taken by ${takers.length} tables of ${mapFile}`);
    }
    taken[takers[0]].push(file);
  }
  for (const [name, table] of Object.entries(map.files)) {
    if (taken[name].length === 0 && table.required !== false) {
      throw new Error(`${mapFile}: no file for ${name}`);
    }
  }
  return taken;
}

// Makes the map's views and a table `mapped` of what it returns, with all seven columns.
export async function loadMap(database, mapFile, files) {
  const map = readToml(mapFile);
  const taken = distribute(map, mapFile, files);
  for (const [name, table] of Object.entries(map.files)) {
    const sql = tableSql(table, taken[name].sort());
    await database.run(`CREATE OR REPLACE VIEW "${name}" AS ${sql}`);
  }
  const select = map.select.trim().replace(/;$/, '');
  const given = (await database.all(`DESCRIBE ${select}`)).map(([name]) => name);
  const unknown = given.filter((name) => !ALLOWED.includes(name));
  if (unknown.length) throw new Error(`${mapFile} returns ${unknown.join(', ')}`);
  const column = (name, type) =>
    `CAST(${given.includes(name) ? name : 'NULL'} AS ${type}) AS ${name}`;
  await database.run(`CREATE OR REPLACE TABLE mapped AS
    SELECT CAST(customer AS VARCHAR) AS customer, CAST(time AS TIMESTAMP) AS time,
           CAST(event AS VARCHAR) AS event,
           coalesce(${given.includes('type') ? 'type' : 'NULL'}, 'track') AS type,
           ${column('id', 'VARCHAR')}, ${column('received_at', 'TIMESTAMP')},
           ${column('properties', 'JSON')}
    FROM (${select})`);
}
