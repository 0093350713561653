// Writes page_assets.cc, which embeds every file of dist/, as it is and compressed.
//   node embed.mjs FOLDER FINAL    FOLDER holds dist/; FINAL is where FOLDER will lie
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { extname, join } from "node:path";
import { constants, gzipSync } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const [folder, final] = process.argv.slice(2);
const names = readdirSync(join(folder, "dist"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 6))
  .sort((a, b) => (a < b ? -1 : 1));
mkdirSync(join(folder, "gzip"));

const blobs = [];
const rows = [];
function embed(file, content) {
  const symbol = `tideline_page_${blobs.length}`;
  blobs.push({ symbol, file });
  return { view: `{${symbol}, ${content.length}}`, symbol };
}
for (const name of names) {
  const type = TYPES[extname(name)];
  if (!type) throw new Error(`no content type for ${name}`);
  const content = readFileSync(join(folder, "dist", name));
  const plain = embed(join(final, "dist", name), content);
  let packed = { view: "{}" };
  const gzip = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  if (gzip.length < 0.9 * content.length) {
    const flat = name.replaceAll("/", "_");
    writeFileSync(join(folder, "gzip", flat), gzip);
    packed = embed(join(final, "gzip", flat), gzip);
  }
  // The hash makes this file change with every file that it embeds.
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  rows.push(`    {"${name}", "${type}", ${plain.view}, ${packed.view}},  // ${hash}`);
}

const assembly = blobs.map(
  ({ symbol, file }) =>
    `    ".global ${symbol}\\n${symbol}:\\n.incbin \\"${file}\\"\\n.byte 0\\n"`,
);
writeFileSync(
  join(folder, "page_assets.cc"),
  `// Made by web/embed.mjs.
#include "api/page_assets.h"

asm(".pushsection .rodata\\n"
${assembly.join("\n")}
    ".popsection\\n");

extern "C" {
${blobs.map(({ symbol }) => `extern const char ${symbol}[];`).join("\n")}
}

namespace tideline {

std::span<const PageAsset> page_assets() {
  static const PageAsset kAssets[] = {
${rows.join("\n")}
  };
  return kAssets;
}

}  // namespace tideline
`,
);
