#!/bin/bash
# xmr-inspect verify: what is whole passes, any change is reported.
. "$(dirname "$0")/lib.sh"

printf '3 6 3\n0,2 1:0.5 5:-2\n 3:1e-3\n1\n' | xmr-featurize import -x X.npz -y Y.npz

it "passes whole files and says what was checked"
expect_ok xmr-inspect verify X.npz Y.npz
expect_stdout 'X.npz: ok: matrix; CRC-32 of 7 members, layout, 3 entries sorted and in range
Y.npz: ok: matrix; CRC-32 of 7 members, layout, 3 entries sorted and in range'
cat X.npz | expect_ok xmr-inspect verify -
expect_stdout '/dev/stdin: ok: matrix; CRC-32 of 7 members, layout, 3 entries sorted and in range'

expect_ok xmr-inspect verify <(cat X.npz) Y.npz <(cat Y.npz)
[ "$(grep -c ': ok: matrix; CRC-32 of 7 members, layout, 3 entries' "$scratch/out")" = 3 ] || fail "$(cat "$scratch/out")"

it "goes on after a damaged file, and fails in the end"
head -c 1000 X.npz > cut.npz
echo text > text
: > empty
expect_exit 1 'xmr-inspect: error: 4 of 5 files failed the check' xmr-inspect verify cut.npz X.npz text empty none
expect_stdout 'cut.npz: the directory of the archive is missing or damaged; the file may be cut off
X.npz: ok: matrix; CRC-32 of 7 members, layout, 3 entries sorted and in range
text: is not an npz archive
empty: is empty; an npz archive is expected
none: cannot open: No such file or directory'

it "reports a changed bit anywhere"
mkdir changed
for byte in $(seq 0 29 $(($(stat -c %s X.npz) - 1))); do
  was=$(od -An -tu1 -j "$byte" -N1 X.npz)
  cp X.npz changed/$byte
  printf "\\x$(printf %x $((was ^ 1 << byte % 8)))" | dd of=changed/$byte bs=1 seek="$byte" conv=notrunc status=none
done
count=$(ls changed | wc -l)
expect_exit 1 "xmr-inspect: error: $count of $count files failed the check" xmr-inspect verify changed/*
