#!/bin/bash
# xmr-featurize fit --part and merge: the same bytes as in one run, and what is refused.
. "$(dirname "$0")/lib.sh"

unset SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX
head -400 "$data/debian-tags/train.tsv" > train.tsv
tail -100 "$data/debian-tags/train.tsv" > more.tsv
fit() { xmr-featurize fit -q "$@"; }
error() { echo "xmr-featurize: error: $*"; }

# same PARTS ARGUMENT...: vectorizers fitted in so many parts and in one run.
same() {
  expect_ok fit "${@:2}" -o vec.npz
  for i in $(seq 0 $(($1 - 1))); do expect_ok fit "${@:2}" --part "$i" --parts "$1" -j $((i % 3 + 1)) -o "counts-$i.npz"; done
  expect_ok xmr-featurize merge -q -o merged.npz $(seq -f counts-%g.npz $(($1 - 1)) -1 0)
  expect_same vec.npz merged.npz
  expect_ok xmr-inspect verify $(seq -f counts-%g.npz 0 $(($1 - 1)))
  rm merged.npz counts-*.npz
}

it "makes the bytes of one run, of any number of parts, blocks and corpora"
for parts in 1 2 8; do same $parts train.tsv more.tsv; done
same 3 --word 1-3:min-df=3,max-features=500 --char 2-4:tf=position --min-df 2 train.tsv
same 5 --preset pecos train.tsv
same 3 --word 1-2 --hash 12 --columns -,text train.tsv
same 4 --char-wb 3 --min-df 0.01 --max-df 0.2 --idf none more.tsv
head -2 train.tsv > two.tsv
same 9 two.tsv

it "leaves out bad rows of each part"
sed '7s/\t/ /; 300s/\t/ /' train.tsv > bad.tsv
same 3 --skip-bad-rows bad.tsv
expect_exit 1 "$(error 'bad.tsv:300: no tab in a line of 2 columns (labels,text)')
hint: columns are separated by TAB; --columns names them, \"-\" for one that is not used" fit --part 2 --parts 3 -o counts.npz bad.tsv

it "knows its number from the schedulers' array jobs"
for i in 0 1 2; do expect_ok fit --part $i --parts 3 -o counts-$i.npz train.tsv; done
JOB_COMPLETION_INDEX=2 expect_ok fit --parts 3 -o array.npz train.tsv
expect_same counts-2.npz array.npz
rm array.npz

it "tells what a part holds, and its figures"
expect_ok fit --part 1 --parts 3 -o counts-1.npz --stats stats.json train.tsv
rows=$(sed 's/.*"rows": *\([0-9]*\).*/\1/' stats.json | grep -m 1 '^[0-9]*$')
xmr-inspect show counts-1.npz | grep -q "^  rows  *$rows\$" || fail "$(xmr-inspect show counts-1.npz)"
xmr-inspect show --json counts-1.npz | grep -q '"part":{"part":1,"parts":3}' || fail "$(xmr-inspect show --json counts-1.npz)"
expect_ok xmr-featurize merge -o vec.npz counts-[0-2].npz --stats stats.json
grep -q '"parts": *3' stats.json || fail "$(cat stats.json)"

it "refuses parts that are missing, there twice, of another fit, damaged, or none"
merge() { expect_exit 1 "$(error "$1")" xmr-featurize merge -o bad.npz "${@:2}"; }
other=' was not made from what counts-0.npz was made from, or with other options
hint: xmr-inspect show prints how each was made'
merge 'the fit of counts-1.npz: 2 of 3 parts missing: 0, 2' counts-1.npz
cp counts-1.npz copy.npz
merge 'copy.npz: is the same part as counts-1.npz' counts-[0-2].npz copy.npz
fit --part 1 --parts 3 --word 1 -o copy.npz train.tsv
merge "copy.npz:$other" counts-[02].npz copy.npz
fit --part 1 --parts 3 -o copy.npz more.tsv
merge "copy.npz:$other" counts-[02].npz copy.npz
fit --part 1 --parts 3 --columns -,text -o copy.npz train.tsv
merge "copy.npz:$other" counts-[02].npz copy.npz
fit --part 1 --parts 4 -o copy.npz train.tsv
merge 'copy.npz: is one of 4 parts, but counts-0.npz is one of 3 parts' counts-[02].npz copy.npz
head -c 5000 counts-1.npz > copy.npz
merge 'copy.npz: the directory of the archive is missing or damaged; the file may be cut off' counts-[02].npz copy.npz
merge 'vec.npz: is a vectorizer, not a fit-part' counts-[02].npz vec.npz
merge 'none.npz: cannot open: No such file or directory' counts-[02].npz none.npz
expect_exit 1 "$(error 'counts-0.npz: is a fit-part, not a vectorizer
hint: xmr-featurize fit makes a vectorizer')" xmr-featurize apply -f counts-0.npz -x bad.npz train.tsv
forged() { /usr/bin/python3 -S "$root/tests/cli/forge.py" counts-1.npz copy.npz "meta.json:$1"; }
forged '/tool_version="0.0.1"'
run xmr-featurize merge -o bad.npz counts-[02].npz copy.npz
grep -q '^xmr-featurize: error: copy.npz: was made by version 0.0.1, this is ' "$scratch/err" || fail "$(cat "$scratch/err")"
forged '/content/unicode="1.1"'
run xmr-featurize merge -o bad.npz counts-[02].npz copy.npz
grep -q '^xmr-featurize: error: copy.npz: was made with Unicode 1.1, this is ' "$scratch/err" || fail "$(cat "$scratch/err")"
forged '/content/part/parts=70000'
merge 'copy.npz: meta.json: a fit of 70000 parts' copy.npz

it "refuses to cut what is no file, and more parts than can be merged"
expect_exit 1 "$(error '<stdin>: is not a regular file, which a part needs')" fit --part 0 --parts 1 -o bad.npz - < train.tsv
expect_exit 2 "$(error 'a fit of 70000 parts; at most 65536 can be merged')" fit --part 0 --parts 70000 -o bad.npz train.tsv
expect_exit 2 "$(error "--part: part 3 is outside 0..2")" fit --part 3 --parts 3 -o bad.npz train.tsv
[ ! -e bad.npz ] || fail "bad.npz was written"
no_leftovers
