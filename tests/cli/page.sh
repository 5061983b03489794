#!/bin/bash
# page.sh PAGE: the command blocks of a page of the documentation (```sh) work, and print what the page says (```text).
page=$(realpath "$1")
. "$(dirname "$0")/lib.sh"

if grep -q '^import .*scipy' "$page" && ! /usr/bin/python3 -c 'import numpy, scipy.sparse.linalg' 2> "$scratch/err"; then
  echo "skipped: /usr/bin/python3 has no numpy or scipy"
  exit 77
fi
it "the commands of ${page#"$root"/} work"
ln -s "$data" data
run /usr/bin/python3 "$root/tests/cli/run_blocks.py" "$page" ${XMR_REDO:+--redo}
if [ $status -ne 0 ]; then
  fail "see below"
  sed 's/^/    /' "$scratch/out" "$scratch/err"
fi
