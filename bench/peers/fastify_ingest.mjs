// The peer of the ingest bench: fastify that parses a batch with JSON.parse, appends its bytes to
// a file and answers after an fdatasync that covers it. Group commit: while one group is written
// and synced, the next one gathers. Prints the port; GET /count tells the events taken.
//
//   node fastify_ingest.mjs FILE
//
// As kind as it gets: the plain JSON.parse in place of fastify's guarded one, no checks of the
// events, no logging, bodies written as they came with one writev a group.
import { open } from "node:fs/promises";
import { createRequire } from "node:module";
import { fdatasync, writev } from "node:fs";

// The packages lie in build/bench-peers, this file in the source tree.
const require = createRequire(`${process.env.TIDELINE_BENCH_PEERS}/package.json`);
const fastify = require("fastify");

const file = await open(process.argv[2], "a");
const answer = '{"success":true}';
let waiting = [];
let committing = false;
let events = 0;
let commits = 0;

function commit() {
  if (committing || waiting.length === 0) return;
  committing = true;
  const group = waiting;
  waiting = [];
  const failed = (error) => {
    console.error(error);
    process.exit(1);
  };
  const bytes = group.reduce((sum, one) => sum + one.body.length, 0);
  writev(file.fd, group.map((one) => one.body), (error, written) => {
    if (error || written !== bytes) return failed(error ?? new Error("short write"));
    fdatasync(file.fd, (syncError) => {
      if (syncError) return failed(syncError);
      committing = false;
      commits += 1;
      for (const one of group) {
        events += one.events;
        one.reply.send(answer);
      }
      commit();
    });
  });
}

const app = fastify({ bodyLimit: 1 << 20, logger: false });
app.removeContentTypeParser("application/json");
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
  try {
    done(null, { bytes: body, parsed: JSON.parse(body) });
  } catch (error) {
    error.statusCode = 400;
    done(error);
  }
});
app.post("/v1/batch", (request, reply) => {
  const { bytes, parsed } = request.body;
  reply.type("application/json");
  waiting.push({ body: bytes, events: parsed.batch.length, reply });
  // What arrives in the same turn of the event loop goes into the same group.
  if (waiting.length === 1) setImmediate(commit);
});
app.get("/count", async () => ({ events, commits }));
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(app.server.address().port);
