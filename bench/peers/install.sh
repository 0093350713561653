#!/usr/bin/env bash
# Installs what the bench compares with into build/bench-peers: fastify from npm, onnxruntime from
# PyPI, and Debian's redis-server where there is none. Run again it does nothing. The program needs
# none of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=build/bench-peers

version_there() {
  sed -n 's/^ *"version": *"\(.*\)",\{0,1\}$/\1/p' "$peers/node_modules/fastify/package.json" \
    2>/dev/null | head -n 1
}
wanted=$(sed -n 's/^ *"fastify": *"\(.*\)"$/\1/p' bench/peers/package.json)

# `install`, not `ci`: see tools/deps.sh.
if [ "$(version_there)" != "$wanted" ]; then
  echo "bench: fetching fastify $wanted from npm into $peers"
  mkdir -p "$peers"
  cp bench/peers/package.json bench/peers/package-lock.json "$peers/"
  (cd "$peers" &&
    npm install --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)
fi

# onnxruntime from PyPI, beside the network's kernels, in a folder of its own.
onnx=onnxruntime==1.30.0
if [ "$(cat "$peers/python/stamp" 2>/dev/null)" != "$onnx" ]; then
  echo "bench: fetching $onnx from PyPI into $peers/python"
  rm -rf "$peers/python"
  mkdir -p "$peers/python"
  python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore \
    --no-warn-script-location --target "$peers/python" "$onnx" "numpy<3"
  echo "$onnx" >"$peers/python/stamp"
fi

# Unpacked, not installed, so that no service is started; with the libraries that only it needs.
if ! command -v redis-server >/dev/null && [ ! -x "$peers/redis/usr/bin/redis-server" ]; then
  echo "bench: fetching Debian's redis-server into $peers"
  rm -rf "$peers/redis" "$peers/redis.new"
  mkdir -p "$peers/redis.new"
  (cd "$peers/redis.new" && apt-get -q download redis-server redis-tools liblzf1 libjemalloc2 &&
    for package in ./*.deb; do dpkg-deb -x "$package" . && rm "$package"; done)
  mv "$peers/redis.new" "$peers/redis"
fi
