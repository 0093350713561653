// Verifies webhooks with the reference library. On stdin a JSON array of {secret, headers, body};
// on stdout a JSON array of the verified contents, null where the signature does not hold.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.argv[2]}/`);
const { Webhook } = require("standardwebhooks");

const verified = JSON.parse(readFileSync(0, "utf8")).map(({ secret, headers, body }) => {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch {
    return null;
  }
});
process.stdout.write(JSON.stringify(verified));
