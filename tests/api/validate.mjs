// The OpenAPI document by an independent validator of OpenAPI 3.1, and every answer that the test
// recorded by its schema. Input: lines {"method","path","status","type","body"} in a file.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { modules, document: documentFile, answers } = JSON.parse(process.env.API_SETTINGS);
const require = createRequire(pathToFileURL(`${modules}/`));
const { Validator } = await import(
  pathToFileURL(require.resolve("@seriousme/openapi-schema-validator")).href
);
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

let failed = 0;
function told(name, why) {
  if (why) failed += 1;
  const words = String(why).replaceAll(/\s+/g, " ").slice(0, 600);
  console.log(why ? `not ok ${name}: ${words}` : `ok ${name}`);
}

const document = JSON.parse(readFileSync(documentFile, "utf8"));
const validator = new Validator();
const verdict = await validator.validate(structuredClone(document));
told("the document is valid OpenAPI 3.1", verdict.valid ? "" : JSON.stringify(verdict.errors));
told("it says that it is 3.1", document.openapi.startsWith("3.1.") ? "" : document.openapi);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(document, "document");
// Every schema compiles, also those that no answer here has.
for (const name of Object.keys(document.components.schemas)) {
  try {
    ajv.compile({ $ref: `document#/components/schemas/${name}` });
  } catch (error) {
    told(`schema ${name} compiles`, error.message);
  }
}

const operationIds = Object.values(document.paths).flatMap((methods) =>
  Object.values(methods).map(({ operationId }) => operationId),
);
told(
  "operation ids are there and differ",
  new Set(operationIds).size === operationIds.length && operationIds.every(Boolean)
    ? ""
    : operationIds.join(" "),
);

function pathOf(target) {
  const path = target.split("?")[0];
  if (document.paths[path]) return path;
  const parts = path.split("/");
  return Object.keys(document.paths)
    .filter((known) => {
      const own = known.split("/");
      return (
        own.length === parts.length &&
        own.every((part, i) => part === parts[i] || (part.startsWith("{") && parts[i] !== ""))
      );
    })
    .sort((a, b) => a.split("{").length - b.split("{").length)[0];
}

const escaped = (text) => text.replaceAll("~", "~0").replaceAll("/", "~1");
const compiled = new Map();
function schemaAt(pointer) {
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `document#${pointer}` }));
  return compiled.get(pointer);
}

const wrong = new Map();
const seen = new Set();
let checked = 0;
for (const line of readFileSync(answers, "utf8").split("\n").filter(Boolean)) {
  const { method, path: target, status, type, body } = JSON.parse(line);
  const path = pathOf(target);
  const name = `${method} ${path ?? target} ${status}`;
  const complain = (why) => wrong.set(name, why);
  if (!path) {
    if (status !== 404) complain("it is in no path of the document");
    continue;
  }
  const operation = document.paths[path][method.toLowerCase()];
  if (!operation) {
    if (status !== 405) complain("the document has no such method");
    continue;
  }
  seen.add(operation.operationId);
  const response = operation.responses[String(status)];
  if (!response) {
    complain("the document does not tell this status");
    continue;
  }
  const content = type.split(";")[0];
  if (!response.content?.[content]) {
    complain(`the document does not tell the type ${content}`);
    continue;
  }
  if (!content.endsWith("json")) continue;
  const check = schemaAt(
    `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}` +
      `/content/${escaped(content)}/schema`,
  );
  checked += 1;
  if (check(JSON.parse(body))) continue;
  const words = check.errors.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  complain(words.slice(0, 3).join("; "));
}
for (const [name, why] of wrong) told(`${name} is as the document says`, why);
told(`${checked} answers are as the document says`, checked > 40 ? "" : `only ${checked}`);
const unseen = Object.entries(document.paths)
  .filter(([path, { get }]) => path.startsWith("/api/v1/") && get && !seen.has(get.operationId))
  .map(([, { get }]) => get.operationId);
console.log(`reads that were not asked: ${unseen.join(" ") || "none"}`);
process.exitCode = failed > 0 ? 1 : 0;
