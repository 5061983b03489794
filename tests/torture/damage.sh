#!/bin/bash
# Sums the counts of the readers' damage tests (tests/support/damage.hpp). damage.sh FOLDER OF THE UNIT TESTS
set -eu
for program in "$1"/unit_*; do
  if grep -q '\[damage\]' <("$program" --list-tags); then "$program" '[damage]'; fi
done | awk -F '\t' -v OFS='\t' '
  BEGIN { print "reader", "truncations", "changed bytes" }
  $1 == "damage" { cut[$2] += $3; changed[$2] += $4 }
  END { for (reader in cut) print reader, cut[reader], changed[reader] | "sort -f" }'
