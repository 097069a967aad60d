#!/usr/bin/env bash
# The full run: every fuzz target under libFuzzer, guided by coverage.
#
#   tests/fuzz/run.sh [SECONDS] [TARGET...]     600 seconds for each of all targets unless told otherwise
#
# HOURBOOK_FUZZ_JOBS     targets at a time, 2 unless told
# HOURBOOK_FUZZ_SEED     what chance does; by the clock unless told, and printed
# HOURBOOK_FUZZ_OUT      where corpora, findings and logs go; a folder in target/ unless told
#
# Needs a C++ compiler, for libFuzzer itself. Prints a line for each target; ends non-zero if there was a finding.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=${1:-600}
[ $# -gt 0 ] && shift
out=${HOURBOOK_FUZZ_OUT:-${CARGO_TARGET_DIR:-$root/target}/fuzz-runs}
mkdir -p "$out"
program=${HOURBOOK_FUZZ_PROGRAM:-$("$here/build.sh")}
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(sed -n 's/^    [a-z_]* "\([a-z-]*\)"$/\1/p' "$here/main.rs")
fi
# Ledgers in memory, where there is such a place: a sync to a disk is not what is tested here.
[ -d /dev/shm ] && [ -w /dev/shm ] && export TMPDIR=${TMPDIR:-/dev/shm}

one() {
  local target=$1 seed=${HOURBOOK_FUZZ_SEED:-$(date +%s)} dir=$out/$1 folder folders=()
  rm -rf "$dir/findings" && mkdir -p "$dir/corpus" "$dir/findings"
  for folder in "$here/corpus/$target" "$here/regressions/$target"; do
    [ -d "$folder" ] && folders+=("$folder")
  done
  HOURBOOK_FUZZ_TARGET=$target HOURBOOK_FUZZ_SEEDS=$dir/corpus "$program" >"$dir/seeds.log" 2>&1 || true
  local status=0
  HOURBOOK_FUZZ_TARGET=$target "$program" "$dir/corpus" "${folders[@]}" -max_total_time="$seconds" -seed="$seed" \
    -timeout=25 -rss_limit_mb=3000 -malloc_limit_mb=1500 -print_final_stats=1 -use_value_profile=1 \
    -artifact_prefix="$dir/findings/" >"$dir/log" 2>&1 || status=$?
  local executions coverage found
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log" | tail -1)
  coverage=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$dir/log" | tail -1 || true)
  found=$(find "$dir/findings" -type f | wc -l)
  printf '%-16s seconds %s  executions %s  %s  corpus %s  seed %s  findings %s  exit %s\n' "$target" "$seconds" \
    "${executions:-0}" "${coverage:-cov: -}" "$(find "$dir/corpus" -type f | wc -l)" "$seed" "$found" "$status" |
    tee -a "$out/summary.txt"
  [ "$found" -eq 0 ] && [ "$status" -eq 0 ]
}
export -f one
export here out program seconds

printf '%s\n' "${targets[@]}" | xargs -P "${HOURBOOK_FUZZ_JOBS:-2}" -I{} bash -c 'set -uo pipefail; one "$1"' _ {}
