#!/usr/bin/env bash
# clang-format: tools/format.sh [--all] [--fix]. Checks the changed C++ files, or all; --fix
# rewrites them. Exits 1 when a file is not formatted.
set -euo pipefail
cd "$(dirname "$0")/.."
all='' fix=''
for word in "$@"; do
  case "$word" in
    --all) all=--all ;;
    --fix) fix=yes ;;
    *) echo "usage: tools/format.sh [--all] [--fix]" >&2; exit 2 ;;
  esac
done

mapfile -t files < <(tools/changed_files.sh $all)
if [ "${#files[@]}" -eq 0 ]; then
  echo "format: no files"
elif [ -n "$fix" ]; then
  printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" clang-format -i
  echo "format: ${#files[@]} files formatted"
else
  wrong=$(printf '%s\0' "${files[@]}" |
    xargs -0 -n 64 clang-format --dry-run --Werror 2>&1 |
    sed -n 's/^\([^:]*:[0-9]*\):[0-9]*: error: .*/\1: not formatted (make format)/p' |
    sort -t: -u -k1,1) || true
  if [ -n "$wrong" ]; then
    echo "$wrong"
    echo "format: $(wc -l <<<"$wrong") of ${#files[@]} files are not formatted"
    exit 1
  fi
  echo "format: ${#files[@]} files, all formatted"
fi
