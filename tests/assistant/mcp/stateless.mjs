// A client of the stateless era: @modelcontextprotocol/client 2.x, pinned to it, then left to find
// the era out by itself, then in its default, the handshake.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { visit } from './visit.mjs';

const require = createRequire(join(process.env.CLIENT_MODULES, 'package.json'));
const { Client, StreamableHTTPClientTransport } = await import(
  pathToFileURL(require.resolve('@modelcontextprotocol/client')));

const ways = {
  pinned: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  auto: { versionNegotiation: { mode: 'auto' } },
  legacy: {},
};
for (const [way, options] of Object.entries(ways)) {
  const client = new Client({ name: way, version: '1.0.0' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_URL)));
  await visit(client, way, client.getProtocolEra?.());
  await client.close();
}
