#!/usr/bin/env bash
# Prints the C++ files of the project: those that differ from the main branch (committed, not yet
# committed or new), or with --all every one.
set -euo pipefail
cd "$(dirname "$0")/.."
patterns=('src/*.h' 'src/*.cc' 'bench/*.h' 'bench/*.cc' 'tests/*.h' 'tests/*.cc')

if [ "${1:-}" = --all ]; then
  git ls-files --cached --others --exclude-standard -- "${patterns[@]}"
else
  base=HEAD
  for name in origin/main origin/HEAD HEAD~1; do
    if git rev-parse -q --verify "$name^{commit}" >/dev/null; then
      base=$(git merge-base HEAD "$name" || echo HEAD)
      break
    fi
  done
  git diff --name-only "$base" -- "${patterns[@]}"
  git ls-files --others --exclude-standard -- "${patterns[@]}"
fi | sort -u | while read -r file; do
  if [ -f "$file" ]; then echo "$file"; fi
done
