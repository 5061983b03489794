#!/bin/bash
# The command blocks of the documentation (```sh) work, and print what the page says (```text).
. "$(dirname "$0")/lib.sh"

for page in "$root"/README.md "$root"/docs/*.md; do
  grep -q '^```sh$' "$page" || continue
  if grep -q '^import .*scipy' "$page" && ! /usr/bin/python3 -c 'import numpy, scipy.sparse.linalg' 2> "$scratch/err"; then
    echo "documents: ${page#"$root"/} skipped, /usr/bin/python3 has no numpy or scipy"
    continue
  fi
  it "the commands of ${page#"$root"/} work"
  mkdir "$scratch/work/$(basename "$page")"
  cd "$scratch/work/$(basename "$page")"
  ln -s "$data" data
  run /usr/bin/python3 "$root/tests/cli/run_blocks.py" "$page" ${XMR_REDO:+--redo}
  if [ $status -ne 0 ]; then
    fail "see below"
    sed 's/^/    /' "$scratch/out" "$scratch/err"
  fi
done
