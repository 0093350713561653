#!/usr/bin/env bash
# clang-tidy by .clang-tidy: tools/tidy.sh [--all | FILE...]; the changed C++ sources, or those.
# Reads the compile commands of build/release (or of BUILD=DIR). Exits 1 when it finds something.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/release}
[ -f "$build/compile_commands.json" ] || { echo "tidy: run make build first" >&2; exit 1; }

sources() {
  case "${1:-}" in
    '' | --all) tools/changed_files.sh "$@" ;;
    *) printf '%s\n' "$@" ;;
  esac | grep '\.cc$'
}
mapfile -t files < <(sources "$@" | while read -r file; do
  # Only what the build knows: a source of another preset has no flags here.
  if grep -qF "$PWD/$file\"" "$build/compile_commands.json"; then echo "$file"; fi
done)
[ "${#files[@]}" -gt 0 ] || { echo "tidy: no files"; exit 0; }

status=0
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" \
    clang-tidy --quiet -p "$build" --warnings-as-errors='*' 2>/dev/null || status=1
echo "tidy: ${#files[@]} files, $([ "$status" -eq 0 ] && echo clean || echo 'see above')"
exit "$status"
