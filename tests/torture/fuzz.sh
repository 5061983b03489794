#!/bin/bash
# Fuzzes every reader for some seconds, one after another, and prints what was tried. What a crash was found with is kept
# in FOLDER/../crashes. fuzz.sh FOLDER OF THE FUZZERS [SECONDS [EXECUTIONS]]
set -u
bin=$(cd "$1" && pwd) seconds=${2:-60} executions=${3:--1}
corpus=$(cd "$(dirname "$0")/../fuzz" && pwd)/corpus
crashes=$(dirname "$bin")/crashes
mkdir -p "$crashes"
failed=0
printf 'fuzzer\texecutions\tcrashes\n'
for fuzzer in "$bin"/fuzz_*; do
  reader=${fuzzer##*/fuzz_}
  found=$(dirname "$bin")/corpus/$reader  # goes on where the last run ended
  mkdir -p "$found"
  log=$(mktemp)
  # A reader that asks for more memory than a small file can be worth is as wrong as one that crashes.
  ASAN_OPTIONS=quarantine_size_mb=4:malloc_context_size=10 "$fuzzer" "$found" "$corpus/$reader" -max_total_time="$seconds" \
    -runs="$executions" -malloc_limit_mb=1024 -timeout=10 -artifact_prefix="$crashes/$reader-" -print_final_stats=1 \
    > "$log" 2>&1 && crashed=0 || crashed=1
  awk -v OFS='\t' -v reader="$reader" -v crashed=$crashed '
    /number_of_executed_units/ { executions = $2 }
    END { print reader, executions, crashed }' "$log"
  if [ $crashed -ne 0 ]; then
    failed=1
    tail -30 "$log" >&2
  fi
  rm -f "$log"
done
exit $failed
