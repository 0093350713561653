// A client of the handshake era: @modelcontextprotocol/sdk 1.x, unmodified.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { visit } from './visit.mjs';

const require = createRequire(join(process.env.CLIENT_MODULES, 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = await load(
  '@modelcontextprotocol/sdk/client/streamableHttp.js');

const client = new Client({ name: 'handshake', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_URL)));
await visit(client, 'handshake');
await client.ping();
await client.close();
