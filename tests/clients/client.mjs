// What the clients that run in Node share: their settings, and the report of what they called.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import './calls.js';

const require = createRequire(join(process.env.CLIENT_MODULES, 'package.json'));

// {url, key, prefix, count, pause}
export const settings = JSON.parse(process.env.CLIENT_SETTINGS);
export const load = (name) => require(name);

// Makes the calls, waits for `finish`, and prints {calls, failures} for the test.
export async function run(make, finish, failures) {
  const calls = await globalThis.makeCalls(make, settings);
  await finish();
  console.log(JSON.stringify({ calls, failures }));
}
