#!/bin/bash
# The assertions of lib.sh themselves: a test that cannot fail is none.
. "$(dirname "$0")/lib.sh"

# Runs a small test script; the output is in $scratch/out.
try() {
  mkdir -p "$scratch/cli"
  cp "$root/tests/cli/lib.sh" "$scratch/cli/lib.sh"
  { echo '. "$(dirname "$0")/lib.sh"'; cat; } > "$scratch/cli/tried.sh"
  XMR_BIN=/usr/bin run bash "$scratch/cli/tried.sh"
}

it "passes when every assertion holds"
try <<'END'
expect_files
expect_ok true
expect_exit 3 'no' sh -c 'echo no >&2; exit 3'
expect_ok printf 'a\nb\n'
expect_stdout $'a\nb'
echo x > one
echo x > two
expect_same one two
expect_files one two
no_leftovers
END
[ $status -eq 0 ] || fail "exit code $status"
expect_stdout ''

it "fails, names fact and line, and goes on"
try <<'END'
it "is true"
expect_ok false
echo on
END
[ $status -eq 1 ] || fail "exit code $status"
expect_stdout 'tried.sh:3: is true: exit code 1 from: false
on
tried: failed, 1 assertions; last fact: is true'

it "fails when an assertion in a pipe does"
try <<'END'
echo | expect_ok false
END
[ $status -eq 1 ] || fail "exit code $status"

for broken in "expect_exit 1 '' true" "expect_exit 0 'words' true" "expect_exit 0 '' sh -c 'echo words >&2'" \
  "expect_ok echo a; expect_stdout b" "echo a > a; echo b > b; expect_same a b" "echo > a; expect_files" \
  "echo > a; expect_files a b" "echo > .a.tmp; no_leftovers" "expect_golden none /dev/null" "false"; do
  it "notices: $broken"
  try <<< "$broken"
  [ $status -eq 1 ] || fail "exit code $status"
done

it "tells a skipped test from a passed one"
try <<< 'skip "no data"'
[ $status -eq 77 ] || fail "exit code $status"
expect_stdout 'tried: skipped: no data'
