#!/bin/bash
# xmr-index plan, part and merge: the same bytes as in one run, and what is refused.
. "$(dirname "$0")/lib.sh"

corpus=$data/debian-tags/train.tsv labels=$data/debian-tags/labels.txt
xmr-featurize fit -q --word 1 --min-df 4 -o vec.npz "$corpus"
xmr-featurize apply -q -f vec.npz --labels "$labels" -x X.npz -y Y.npz "$corpus"
unset SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX
in=(-x X.npz -y Y.npz)

plan() { xmr-index plan -q "${in[@]}" -o plan.npz "$@"; }
part() { xmr-index part -q --plan plan.npz "${in[@]}" "$@"; }
merge() { xmr-index merge -q --plan plan.npz "$@"; }
error() { echo "xmr-index: error: $*"; }

# same PARTS OPTION...: trees made in so many parts and in one run.
same() {
  expect_ok xmr-index -q "${in[@]}" "${@:2}" -o tree.npz
  expect_ok plan --parts "$1" "${@:2}"
  for i in $(seq 0 $(($1 - 1))); do expect_ok part --part "$i" -j $((i % 3 + 1)) -o "part-$i.npz"; done
  expect_ok merge -o merged.npz $(seq -f part-%g.npz $(($1 - 1)) -1 0)
  expect_same tree.npz merged.npz
  rm merged.npz
}

it "makes the bytes of one run, of any number of parts and levels"
for parts in 1 8 3; do same $parts --branching 3 --max-leaf 5; done
expect_ok xmr-inspect verify plan.npz part-*.npz
xmr-inspect show tree.npz | grep -q '^  depth  *4$' || fail "not four levels"
same 2
same 5 --max-leaf 1000
same 40 --branching 2 --max-leaf 40 -s 7 --rounds 3 --y-norm none --embedding-size 20 -j 1
same 3 --branching 4 --max-leaf 9 --embedding-size 0

it "makes the bytes of one run by a sample of the labels, and those of all for a sample that leaves none out"
for parts in 1 5; do same $parts --branching 3 --max-leaf 5 --sample-labels 100; done
same 3 --branching 4 --max-leaf 9 --embedding-size 0 --sample-labels 200 -s 3 -j 1
same 2 --sample-labels 100
expect_ok plan --parts 3 --branching 3 --max-leaf 5 --sample-labels 350 -j 1
mv plan.npz one.npz
expect_ok plan --parts 3 --branching 3 --max-leaf 5 --sample-labels 350 -j 3
expect_same one.npz plan.npz
xmr-inspect show plan.npz | grep -q 'sample *350' || fail "$(xmr-inspect show plan.npz)"
expect_ok plan --parts 3 --branching 3 --max-leaf 5
mv plan.npz one.npz
expect_ok plan --parts 3 --branching 3 --max-leaf 5 --sample-labels 351
expect_same one.npz plan.npz
rm one.npz

it "samples more than 500,000 labels by default"
for count in 500000 500001; do
  awk -v labels=$count 'BEGIN {
    print "3000 60 " labels
    for (i = 0; i < 3000; ++i) print i * 7919 % labels "," i * 104729 % labels, i % 20 ":1 " 20 + i % 37 ":0.5" }' > many.txt
  expect_ok xmr-featurize import -q -x "X$count.npz" -y "Y$count.npz" many.txt
done
in=(-x X500001.npz -y Y500001.npz)
same 3
xmr-inspect show tree.npz | grep -q 'sample *100000' || fail "$(xmr-inspect show tree.npz)"
expect_ok xmr-index -q "${in[@]}" --sample-labels 100000 -o other.npz
expect_same tree.npz other.npz
expect_ok xmr-index -q -x X500000.npz -y Y500000.npz -o other.npz
! xmr-inspect show other.npz | grep -q sample || fail "a sample of 500000 labels"
in=(-x X.npz -y Y.npz)
rm ./?500000.npz ./?500001.npz other.npz part-*.npz

it "makes them of label features, of label rows, and of several matrices side by side, too"
xmr-featurize apply -q -f vec.npz --columns -,text -x Z.npz "$labels"
in=(-x X.npz -y Y.npz --label-features Z.npz)
same 3 --branching 3 --max-leaf 5
same 3 --branching 3 --max-leaf 5 --sample-labels 100
in=(-x X.npz -y Y.npz --label-rows Z.npz)
same 3 --branching 3 --max-leaf 5
in=(-x X.npz -x X.npz --x-norms l2 --x-weights 1,2 -y Y.npz)
same 3 --branching 3 --max-leaf 5
in=(-x X.npz -y Y.npz)
rm part-*.npz

it "knows its number from the schedulers' array jobs"
plan --parts 3 --branching 3 --max-leaf 5
for i in 0 1 2; do part --part $i -o part-$i.npz; done
SLURM_ARRAY_TASK_ID=2 expect_ok part -o array.npz
expect_same part-2.npz array.npz
expect_exit 2 "$(error '--part: the number of the part is missing, 0..2')
hint: an array job sets it by SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or AWS_BATCH_JOB_ARRAY_INDEX" part -o bad.npz
expect_exit 2 "$(error '--part: part 3 is outside 0..2')" part --part 3 -o bad.npz
plan --parts 11 --branching 3 --max-leaf 5
expect_ok part --part 10 -o ten.npz
expect_ok part --part 010 -o array.npz # decimal
expect_same ten.npz array.npz
rm ten.npz array.npz
plan --parts 3 --branching 3 --max-leaf 5

it "uses stdin and stdout once a command"
twice() { expect_exit 2 "$(error "-: given 2 times, but $1 can be used once")" "${@:2}"; }
twice stdout xmr-index plan "${in[@]}" --parts 3 -o - --stats -
twice stdout part --part 0 -o - --stats -
twice stdout merge -o - --stats - part-[0-2].npz
twice stdin xmr-index plan -x - -y - --parts 3 -o bad.npz
twice stdin xmr-index part --plan - -x X.npz -y - --part 0 -o bad.npz
twice stdin merge -o bad.npz - -

it "refuses parts that are missing, there twice, of another plan, damaged, or none"
expect_exit 1 "$(error 'plan.npz: 2 of 3 parts missing: 0, 2')" merge -o bad.npz part-1.npz
cp part-1.npz copy.npz
expect_exit 1 "$(error 'copy.npz: is the same part as part-1.npz')" merge -o bad.npz part-[0-2].npz copy.npz
plan --parts 3 --branching 3 --max-leaf 5 -s 1
expect_exit 1 "$(error 'part-0.npz: is not a part of plan.npz')
hint: it was made for another plan, or an old one" merge -o bad.npz part-[0-2].npz
plan --parts 3 --branching 3 --max-leaf 5
head -c 500 part-1.npz > copy.npz
expect_exit 1 "$(error 'copy.npz: the directory of the archive is missing or damaged; the file may be cut off')" \
  merge -o bad.npz part-[02].npz copy.npz
expect_exit 1 "$(error 'X.npz: is a matrix, not a tree-part')" merge -o bad.npz part-[02].npz X.npz
expect_exit 1 "$(error 'X.npz: is a matrix, not a tree-plan')" xmr-index merge --plan X.npz -o bad.npz part-0.npz
/usr/bin/python3 -S "$root/tests/cli/forge.py" plan.npz old.npz 'meta.json:/tool_version="0.0.1"'
run xmr-index part --plan old.npz "${in[@]}" --part 0 -o bad.npz
grep -q '^xmr-index: error: old.npz: was made by version 0.0.1, this is ' "$scratch/err" || fail "$(cat "$scratch/err")"
rm copy.npz old.npz

it "reads the rows that it needs, and no others"
# Arrays of more than a mebibyte, which are not checked as a whole when they are opened.
for name in X Y; do xmr-inspect concat -q $name.npz $name.npz $name.npz $name.npz $name.npz -o large-$name.npz; done
kept=("${in[@]}")
in[1]=large-X.npz in[3]=large-Y.npz
plan --parts 20 --branching 3 --max-leaf 5
expect_own_rows 20
in=("${kept[@]}")
rm large-*.npz

plan --parts 3 --branching 3 --max-leaf 5

it "refuses a sample of fewer labels than the root has children"
expect_exit 2 "$(error 'sample: 100 labels are fewer than the 120 children of the root')" \
  plan --parts 3 --branching 64 --max-leaf 3 --sample-labels 100

it "refuses other inputs than the plan was made from"
(sed 1d "$corpus"; head -1 "$corpus") > other.tsv
xmr-featurize apply -q -f vec.npz --labels "$labels" -x other-X.npz -y other-Y.npz other.tsv
expect_exit 1 "$(error 'other-X.npz: is not the file that plan.npz was made from')" \
  xmr-index part --plan plan.npz -x other-X.npz -y Y.npz --part 0 -o bad.npz
expect_exit 1 "$(error 'other-Y.npz: is not the file that plan.npz was made from')" \
  xmr-index part --plan plan.npz -x X.npz -y other-Y.npz --part 0 -o bad.npz
expect_exit 2 "$(error 'plan.npz was made without --label-rows')" part --label-rows Z.npz --part 0 -o bad.npz
[ ! -e bad.npz ] || fail "bad.npz was written"

it "refuses a plan that somebody forged, whatever its fingerprints say"
forge() { /usr/bin/python3 -S "$root/tests/cli/forge.py" plan.npz forged.npz "$1"; }
forge meta.json:/content/tree/embedding_size=0
run xmr-index part -q --plan forged.npz "${in[@]}" --part 0 -o bad.npz
[ $status -eq 1 ] && grep -q '^xmr-index: error: forged.npz: member mean: [0-9]* items, 0 are needed$' "$scratch/err" ||
  fail "exit $status: $(cat "$scratch/err")"
# As many columns of features, and fewer labels than the plan has.
printf '0\techo\n' > one.tsv
xmr-featurize apply -q -f vec.npz -x one-X.npz -y one-Y.npz one.tsv
xmr-index plan -q -x one-X.npz -y one-Y.npz --parts 1 -o one.npz
fingerprint() {
  /usr/bin/python3 -S -c 'import json, sys, zipfile
print(json.dumps(json.loads(zipfile.ZipFile("one.npz").read("meta.json"))["content"]["tree"][sys.argv[1]]))' "$1"
}
for name in x y; do
  forge "meta.json:/content/tree/$name=$(fingerprint $name)"
  mv forged.npz plan.npz
done
expect_exit 1 "$(error "plan.npz: member labels: $(wc -l < "$labels") labels, but one-Y.npz has 1")" \
  xmr-index part -q --plan plan.npz -x one-X.npz -y one-Y.npz --part 0 -o bad.npz
