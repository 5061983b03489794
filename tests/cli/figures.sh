#!/bin/bash
# scripts/check_docs refuses a page whose figures are not those of docs/figures.json.
. "$(dirname "$0")/lib.sh"

tools=$(dirname "$(command -v xmr-index)")
mkdir -p tree/tests tree/data
cp -r "$root/README.md" "$root/docs" "$root/scripts" "$root/tools" tree/
cp -r "$root/tests/bench" tree/tests/
cp "$root/data/README.md" tree/data/

# expect_mistakes PATTERN COUNT: the lines of check_docs's output with the pattern.
expect_mistakes() {
  echo "$2" > expected
  grep -c "$1" "$scratch/out" > got || true
  expect_equal "the number of mistakes" expected got
}

# changed FILE EXPRESSION: check_docs on a copy with this change by sed.
changed() {
  rm -rf copy && cp -r tree copy
  sed -i "$2" "copy/$1"
  run copy/scripts/check_docs "$tools"
}

it "refuses a cell that differs from the file"
changed README.md '/^| debian-search | one tree |/s/[0-9.]* |$/99.99 |/'
expect_mistakes '^README.md: a table differs from docs/figures.json' 1

it "refuses a speed and an accuracy in prose"
changed docs/tutorial.md '$s/$/\n\nA query takes 12 µs and finds 56.78 of 100./'
expect_mistakes 'docs/tutorial.md: "\(12 µs\|56.78\)" is a figure outside' 2

it "refuses a table that the file lacks"
changed docs/tutorial.md '$s/$/\n\n<!-- figures none -->\n<!-- end -->/'
expect_mistakes "docs/tutorial.md: docs/figures.json has no table 'none'" 1

it "writes the tables into the pages"
changed README.md '/^| debian-search | one tree |/s/[0-9.]* |$/99.99 |/'
run copy/scripts/check_docs --write "$tools"
expect_equal README.md "$root/README.md" copy/README.md
