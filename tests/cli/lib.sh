# Sourced by every tests/cli/<subject>.sh: a fresh directory, the built tools in PATH, and assertions.
#
#   . "$(dirname "$0")/lib.sh"
#
#   it "refuses a label outside the range"
#   printf '7\ttext\n' > train.tsv
#   expect_exit 1 'xmr-featurize: error: train.tsv:1: label 7 is outside 0..4' xmr-featurize apply ... train.tsv
#   expect_files train.tsv
#
# A failed assertion is printed with its line and the script goes on; its exit code tells at the end. Any other command
# that fails ends it. By hand: tests/cli/<subject>.sh, with XMR_BIN=<folder of the tools> if that is not build/release/bin,
# and XMR_REDO=1 to write golden files anew.
set -eu
export LC_ALL=C.UTF-8 NO_COLOR=1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
subject=$(basename "$0" .sh)
PATH=$(cd "${XMR_BIN:-$root/build/release/bin}" && pwd):$PATH
data=$root/data
scratch=$(mktemp -d "${TMPDIR:-/tmp}/xmr-$subject.XXXXXX")
mkdir "$scratch/work"
cd "$scratch/work"
fact="(no fact named)"

finish() {
  local code=$?
  cd /
  if [ -s "$scratch/failures" ]; then code=1; fi
  if [ $code -ne 0 ] && [ $code -ne 77 ]; then
    echo "$subject: failed, $(wc -l < "$scratch/failures" 2>/dev/null || echo 0) assertions; last fact: $fact"
  fi
  rm -rf "$scratch"
  exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

# it FACT: the assertions that follow are about this.
it() {
  fact=$1
}

# Counted in a file, because an assertion may run in a subshell.
fail() {
  local frame=1
  while [ "${BASH_SOURCE[$frame]}" = "${BASH_SOURCE[0]}" ]; do frame=$((frame + 1)); done
  echo "$subject.sh:${BASH_LINENO[$((frame - 1))]}: $fact: $1" | tee -a "$scratch/failures"
}

# Runs a command; its exit code, stdout and stderr are in $status, $scratch/out and $scratch/err.
run() {
  status=0
  "$@" > "$scratch/out" 2> "$scratch/err" || status=$?
}

# figure NAME: a number that `--stats stats.json` has recorded.
figure() {
  sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" stats.json
}

# expect_ok COMMAND...: it exits with 0.
expect_ok() {
  run "$@"
  if [ $status -ne 0 ]; then
    fail "exit code $status from: $*"
    sed 's/^/    /' "$scratch/err"
  fi
}

# expect_exit CODE STDERR COMMAND...: it exits with CODE and says exactly STDERR. If CODE is 2 and STDERR is that of a
# tool and has no hint, the hint is the command that lists the options.
expect_exit() {
  local code=$1 message=$2
  shift 2
  run "$@"
  if [ $status -ne "$code" ]; then fail "exit code $status instead of $code from: $*"; fi
  if [ "$code" = 2 ] && [[ $message == *": error: "* && $message != *hint:* ]]; then
    message+=$'\n'$(grep -E '^hint: [a-z-]+( [a-z0-9-]+)? --help lists the options$' "$scratch/err" || echo "hint: ... --help")
  fi
  printf '%s' "${message:+$message$'\n'}" > "$scratch/expected"
  expect_equal "stderr of: $*" "$scratch/expected" "$scratch/err"
}

# expect_stdout TEXT: the last command printed exactly this.
expect_stdout() {
  printf '%s' "${1:+$1$'\n'}" > "$scratch/expected"
  expect_equal stdout "$scratch/expected" "$scratch/out"
}

# expect_same FILE1 FILE2: the same bytes.
expect_same() {
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# expect_golden NAME FILE: FILE (- for the last stdout) is what golden/<subject>/NAME holds.
expect_golden() {
  local golden=$root/tests/cli/golden/$subject/$1 file=$2
  if [ "$file" = - ]; then file=$scratch/out; fi
  if [ -n "${XMR_REDO:-}" ]; then
    mkdir -p "$(dirname "$golden")"
    cp "$file" "$golden"
  fi
  expect_equal "golden file $1" "$golden" "$file"
}

expect_equal() {
  if ! diff -u --label expected --label got "$2" "$3" > "$scratch/diff"; then
    fail "$1 is not as expected"
    sed 's/^/    /' "$scratch/diff"
  fi
}

# expect_files NAME...: the directory holds these files and nothing else, no temporary either.
expect_files() {
  local got expected=
  got=$(find . -mindepth 1 -printf '%P\n' | sort | tr '\n' ' ')
  if [ $# -gt 0 ]; then expected=$(printf '%s\n' "$@" | sort | tr '\n' ' '); fi
  [ "$got" = "$expected" ] || fail "the directory holds: $got"
}

# damage_last_row FROM TO: a matrix whose last value has changed on the disk.
damage_last_row() {
  /usr/bin/python3 -S - "$1" "$2" << 'EOF'
import struct, sys, zipfile
info, file = zipfile.ZipFile(sys.argv[1]).getinfo("data.npy"), bytearray(open(sys.argv[1], "rb").read())
name, extra = struct.unpack_from("<HH", file, info.header_offset + 26)
file[info.header_offset + 30 + name + extra + info.file_size - 1] ^= 1
open(sys.argv[2], "wb").write(file)
EOF
}

# expect_own_rows PARTS: of a plan, some parts need the last row of large-X.npz, and others do not look at it. With the
# script's own `part`, and `in`, whose second item is that file.
expect_own_rows() {
  local i needed='' all
  all=$(seq -s ' ' 0 $(($1 - 1)))
  damage_last_row large-X.npz bad.npz
  for i in $all; do
    part --part $i -o part.npz
    in[1]=bad.npz
    run part --part $i -o from-bad.npz
    in[1]=large-X.npz
    if [ $status -eq 0 ]; then
      expect_same part.npz from-bad.npz
    else
      grep -q ': error: bad.npz: rows [0-9]*\.\.[0-9]*: checksum does not match: the file is damaged$' "$scratch/err" ||
        fail "$(cat "$scratch/err")"
      needed+=" $i"
    fi
  done
  [ -n "$needed" ] && [ "$needed" != " $all" ] || fail "parts that need the last row:$needed"
  rm -f bad.npz part.npz from-bad.npz
}

# no_leftovers: no temporary file is left.
no_leftovers() {
  local left
  left=$(find . -name '.*.tmp' -printf '%P ')
  [ -z "$left" ] || fail "temporary files are left: $left"
}

# skip REASON: ends the script; ctest lists it as skipped.
skip() {
  echo "$subject: skipped: $1"
  exit 77
}

# make_completion_model FILE: a completion model of the first sessions in data/, with pairs.tsv, valid.tsv and known.txt.
make_completion_model() {
  head -4000 "$data/debian-sessions/sessions.tsv" > log.tsv
  expect_ok xmr-featurize sessions -o pairs.tsv --valid valid.tsv --valid-share 0.1 --labels known.txt log.tsv
  expect_ok xmr-featurize fit --word 1:column=previous --char 1-3:column=prefix,tf=position \
    --columns previous,prefix,- -o vec-pairs.npz pairs.tsv
  expect_ok xmr-featurize apply -f vec-pairs.npz --columns previous,prefix,label --labels known.txt --label-keys \
    -x X-pairs.npz -y Y-pairs.npz pairs.tsv
  expect_ok xmr-index -x X-pairs.npz -y Y-pairs.npz --labels known.txt --method hybrid -o tree-pairs.npz
  expect_ok xmr-train -x X-pairs.npz -y Y-pairs.npz -t tree-pairs.npz -f vec-pairs.npz --labels known.txt \
    --loss logistic --post-processor sigmoid -o linear-pairs.npz
  expect_ok xmr-train completion -m linear-pairs.npz --pairs pairs.tsv --valid valid.tsv -o "$1"
}
