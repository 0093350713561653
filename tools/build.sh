#!/usr/bin/env bash
# Configures (when needed) and builds one preset: tools/build.sh PRESET [TARGET...].
# A build folder that was moved or copied with its checkout is configured afresh.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: tools/build.sh PRESET [TARGET...]}
shift
cache=build/$preset/CMakeCache.txt

if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$cache"; then
  echo "build: build/$preset was made in another place; configuring it again"
  rm -rf "$cache" "build/$preset/CMakeFiles"
fi
if [ ! -f "build/$preset/build.ninja" ] || [ ! -f "$cache" ] ||
  [ CMakePresets.json -nt "$cache" ]; then
  cmake --preset "$preset" -Wno-dev
  touch "$cache"
fi
exec cmake --build "build/$preset" --parallel "$(nproc)" ${1:+--target "$@"}
