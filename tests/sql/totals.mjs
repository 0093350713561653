// Runs SQL in @duckdb/node-api and prints the rows as JSON: an engine that is not the program's.
// node totals.mjs DATABASE SETUP.sql QUERY... ; DATABASE may be :memory:, SETUP may be -.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.env.TIDELINE_NODE_MODULES, "x.js"));
const { DuckDBInstance } = require("@duckdb/node-api");

const [database, setup, ...queries] = process.argv.slice(2);
const options = database === ":memory:" ? {} : { access_mode: "READ_ONLY" };
const instance = await DuckDBInstance.create(database, options);
const connection = await instance.connect();
if (setup !== "-") await connection.run(readFileSync(setup, "utf8"));
const answers = [];
for (const query of queries) {
  const reader = await connection.runAndReadAll(query);
  answers.push(reader.getRowsJson());
}
console.log(JSON.stringify(answers));
