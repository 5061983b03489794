#!/bin/bash
# Common behaviour of all tools and commands: help, version, wrong use, the end of stdout.
. "$(dirname "$0")/lib.sh"

tools=$(cd "$root/tools" && ls xmr-*.cpp | sed 's/\.cpp$//')
version=$(sed -n 's/^project(xmr VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")

# The commands of a tool, from its help.
commands_of() {
  "$1" --help | sed -n '/^Commands:$/,/^$/s/^  \([a-z][a-z0-9-]*\) .*/\1/p'
}

check_help() {
  it "$* --help exits 0, fits 80 columns and ends with an example"
  expect_ok "$@" --help
  long=$(grep -nE '^.{81}' "$scratch/out" | head -1) || true
  [ -z "$long" ] || fail "more than 80 columns: $long"
  grep -q "^Usage: $*" "$scratch/out" || fail "no usage"
  sed -n '/^Example:$/,$p' "$scratch/out" | grep -q '^  .*xmr-' || fail "no example at the end"
  [ ! -s "$scratch/err" ] || fail "help says something on stderr"
  ! tr -s '\n ' ' ' < "$scratch/out" | grep -o -e '\[[^]]*required; default[^]]*\]' -e '--memory SIZE[^]]*default[^]]*\]' ||
    fail "a default that the tool does not take"
}

check_common_options() {
  it "$* has the common options"
  for option in -j -s -q -v -h -V; do
    grep -qE "^  $option, --[a-z]+" "$scratch/out" || fail "no $option in the help"
  done
  grep -q '^  --stats FILE' "$scratch/out" || fail "no --stats in the help"

  it "$* refuses what it does not know"
  expect_exit 2 "$1: error: unknown option '--no-such-thing'
hint: $* --help lists the options" "$@" --no-such-thing
  expect_exit 2 "$1: error: unknown option '--thread'
hint: did you mean --threads?" "$@" --thread=2

  it "$* refuses threads outside 1..1024"
  for threads in 0 1025 1000000; do
    expect_exit 2 "$1: error: --threads: $threads is outside 1..1024
hint: $* --help lists the options" "$@" -j $threads
  done
  expect_exit 2 "$1: error: --threads: 'two' is not a whole number in 1..1024
hint: $* --help lists the options" "$@" --threads two
}

for tool in $tools; do
  if [ "$tool" = xmr-serve ] && ! command -v xmr-serve > /dev/null; then continue; fi # no libmicrohttpd-dev
  check_help "$tool"
  if grep -q '^  -j' "$scratch/out"; then check_common_options "$tool"; fi
  for command in $(commands_of "$tool"); do
    check_help "$tool" "$command"
    check_common_options "$tool" "$command"
  done

  it "$tool --version says name and version"
  expect_ok "$tool" --version
  expect_stdout "$tool $version"

  it "$tool fails when its output cannot be written"
  expect_exit 1 "$tool: error: <stdout>: cannot write: No space left on device" sh -c "$tool --help > /dev/full"
  expect_exit 1 "$tool: error: <stdout>: cannot write: Bad file descriptor" sh -c "$tool --help >&-"
done
expect_files
