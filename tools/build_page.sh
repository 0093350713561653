#!/usr/bin/env bash
# Builds the page of web/ into build/page: dist/, which is served, and page_assets.cc, which embeds
# it. One place for all presets; builds only when a source changed, without network. What it needs
# is fetched by tools/deps.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
exec 9>build/page.lock
flock 9

[ ! -x build/tools/node/bin/node ] || PATH=$PWD/build/tools/node/bin:$PATH
# The folder too: page_assets.cc names its files by their full path.
stamp=$({ echo "$PWD"; find web tools/build_page.sh docs/openapi.json -type f \
  -not -path 'web/node_modules/*' -print0 | sort -z | xargs -0 sha256sum; } | sha256sum)
if [ -f build/page/page_assets.cc ] && [ "$(cat build/page/stamp 2>/dev/null)" = "$stamp" ]; then
  touch build/page/page_assets.cc
  exit 0
fi
if [ ! -x web/node_modules/.bin/vite ]; then
  echo "build_page: the packages of web/ are not here; run make deps" >&2
  exit 1
fi

rm -rf build/page.new
mkdir -p build/page.new build/page-client
web/node_modules/.bin/openapi-typescript docs/openapi.json \
  --output build/page-client/schema.d.ts >build/page-client/log 2>&1 ||
  { cat build/page-client/log >&2; exit 1; }
cd web
node_modules/.bin/tsc --noEmit &
types=$!
node_modules/.bin/vite build --logLevel warn --outDir ../build/page.new/dist
wait "$types"
cd ..
node web/embed.mjs build/page.new "$PWD/build/page"
rm -rf build/page
mv build/page.new build/page
echo "$stamp" >build/page/stamp
