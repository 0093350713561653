// The peer of the bench of reads: fastify that serves the newest predictions from memory, newest
// first. Prints the port.
//
//   node fastify_reads.mjs FILE
//
// FILE: the JSON of a page as Tideline serves it. As kind as it gets: no store, no check of the
// query but limit, no ETag, a response schema, so that fast-json-stringify writes the rows, no
// logging. POST /v1/batch takes events: parsed by the plain JSON.parse, each replaces a row in
// memory; nothing is checked, stored or computed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The packages lie in build/bench-peers, this file in the source tree.
const require = createRequire(`${process.env.TIDELINE_BENCH_PEERS}/package.json`);
const fastify = require("fastify");

const page = JSON.parse(readFileSync(process.argv[2], "utf8"));
const rows = page.data;

function schemaOf(value) {
  if (value === null) return { type: ["string", "number", "null"] };
  if (typeof value === "object") {
    const properties = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, schemaOf(member)]),
    );
    return { type: "object", properties };
  }
  return { type: typeof value };
}

const app = fastify({ logger: false });
app.get(
  "/api/v1/predictions",
  {
    schema: {
      querystring: {
        type: "object",
        properties: { limit: { type: "integer", minimum: 1, maximum: 1000, default: 100 } },
      },
      response: {
        200: {
          type: "object",
          properties: {
            data: { type: "array", items: schemaOf(rows[0]) },
            next_cursor: { type: ["string", "null"] },
          },
        },
      },
    },
  },
  async (request) => ({
    data: rows.slice(0, request.query.limit),
    next_cursor: page.next_cursor,
  }),
);

let taken = 0;
app.removeContentTypeParser("application/json");
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
  done(null, JSON.parse(body));
});
app.post("/v1/batch", async (request) => {
  for (const event of request.body.batch) {
    taken += 1;
    const row = rows[taken % rows.length];
    rows[taken % rows.length] = { ...row, features_as_of: event.timestamp };
  }
  return { success: true };
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(app.server.address().port);
