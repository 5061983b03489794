#!/bin/bash
# xmr-index --init and xmr-train --init: trees and models of labels and rows that have changed.
. "$(dirname "$0")/lib.sh"

# catalogue NAME FIRST LAST: labels FIRST..LAST-1 of debian-tags, numbered anew, and the rows that have some of them.
xmr-featurize fit --word 1 --min-df 2 -o vec.npz "$data/debian-tags/train.tsv"
catalogue() {
  sed -n "$(($2 + 1)),$3p" "$data/debian-tags/labels.txt" > "$1.txt"
  awk -F '\t' -v first="$2" -v last="$3" '{
    n = split($1, ids, ","); kept = ""
    for (i = 1; i <= n; ++i) if (ids[i] >= first && ids[i] < last) kept = kept (kept == "" ? "" : ",") ids[i] - first
    if (kept != "") print kept "\t" $2
  }' "$data/debian-tags/train.tsv" > "$1.tsv"
  xmr-featurize apply -f vec.npz --labels "$1.txt" -x "$1-X.npz" -y "$1-Y.npz" "$1.tsv"
}
catalogue old 3 349
catalogue new 5 351
xmr-index -x old-X.npz -y old-Y.npz --max-leaf 4 -o old-tree.npz
xmr-train -q -x old-X.npz -y old-Y.npz -t old-tree.npz --labels old.txt -o old.npz

grow() {
  xmr-index -x new-X.npz -y new-Y.npz --max-leaf 4 "$@"
}
train() {
  xmr-train -q -x new-X.npz -y new-Y.npz --labels new.txt "$@"
}

it "lets a tree grow, by the names in a model or in a file, the same for any number of threads"
expect_ok grow --init old.npz --labels new.txt -o tree.npz -j 1 --stats stats.json
[ "$(figure labels_kept),$(figure labels_added),$(figure labels_gone)" = 344,2,2 ] || fail "$(cat stats.json)"
expect_ok grow --init old-tree.npz --init-labels old.txt --labels new.txt -o same.npz -j 3
expect_same tree.npz same.npz
expect_ok grow --init old-tree.npz -o other.npz
! cmp -s tree.npz other.npz || fail "names do not matter"

it "takes a model without names for one whose labels are the same, and its tree's largest leaf for the limit"
xmr-train -q -x old-X.npz -y old-Y.npz -t old-tree.npz -o bare.npz
expect_ok xmr-index -x new-X.npz -y new-Y.npz --init bare.npz -o bare-tree.npz
expect_ok xmr-index -x new-X.npz -y new-Y.npz --init old-tree.npz -o other.npz
expect_same other.npz bare-tree.npz

it "makes of a trained model the bytes of training anew"
expect_ok train -t tree.npz -o anew.npz --stats stats.json
[ -z "$(figure parents_kept)" ] || fail "$(cat stats.json)"
for threads in 1 3; do
  expect_ok train -t tree.npz --init old.npz -o "model.npz" -j $threads --stats stats.json
  expect_same anew.npz model.npz
done
[ "$(figure parents_kept)" -gt 5 ] && [ "$(figure parents_kept)" -lt "$(figure parents)" ] || fail "$(cat stats.json)"
expect_ok train -t tree.npz --init old.npz --checkpoint ckpt -o model.npz
expect_same anew.npz model.npz
expect_ok train -t tree.npz --init anew.npz -o model.npz --stats stats.json
[ "$(figure parents_kept)" = "$(figure parents)" ] || fail "$(cat stats.json)"
xmr-train plan -q -x new-X.npz -y new-Y.npz -t tree.npz --parts 2 -o plan.npz
for part in 0 1; do
  expect_ok xmr-train part --plan plan.npz -x new-X.npz -y new-Y.npz -t tree.npz --init old.npz --part $part -o part-$part.npz
done
expect_ok xmr-train merge -q --plan plan.npz -t tree.npz --labels new.txt -o model.npz part-0.npz part-1.npz
expect_same anew.npz model.npz

it "keeps upper levels on wish, which makes another model"
expect_ok train -t tree.npz --init old.npz --keep-levels 1 -o model.npz
/usr/bin/python3 - <<'PY' || fail "not the old first level"
import numpy
old, kept, anew = (numpy.load(name) for name in ("old.npz", "model.npz", "anew.npz"))
for member in "level0/chunks", "level0/problems":
    assert (old[member] == kept[member]).all() and not numpy.array_equal(old[member], anew[member])
PY
expect_ok xmr-inspect verify model.npz
expect_ok train -t tree.npz --init model.npz -o model.npz
expect_same anew.npz model.npz

it "says so when nothing of a model can be kept"
expect_ok xmr-train -x new-X.npz -y new-Y.npz -t tree.npz --init old.npz -s 1 -o model.npz
grep -q 'warning: none of [0-9]* parents has the rows and options of a parent in old.npz; all were trained again' "$scratch/err" ||
  fail "$(cat "$scratch/err")"

it "refuses what cannot be the start"
expect_exit 2 'xmr-train: error: --keep-levels: needs --init' train -t tree.npz --keep-levels 1 -o bad.npz
expect_exit 2 'xmr-train: error: --init: --dry-run cannot estimate how many parents are kept' \
  train -t tree.npz --init old.npz --dry-run -o bad.npz
expect_exit 2 "xmr-train: error: --keep-levels: 3 is outside 0..2" \
  train -t tree.npz --init old.npz --keep-levels 3 -o bad.npz
xmr-index -q -x new-X.npz -y new-Y.npz --max-leaf 4 -o alone.npz
expect_exit 1 'xmr-train: error: alone.npz: has not grown from the tree of old.npz
hint: xmr-index --init grows a tree' train -t alone.npz --init old.npz --keep-levels 1 -o bad.npz
expect_exit 1 'xmr-train: error: old.npz: the weights have type i1, but --keep-levels needs f4' \
  train -t tree.npz --init old.npz --keep-levels 1 --weight-type f4 -o bad.npz
xmr-inspect prune -q old.npz --threshold 0.2 -o pruned.npz
expect_exit 1 'xmr-train: error: pruned.npz: does not know which problems it solves: it was imported, cut, or trained by an older version
hint: a model that xmr-train makes now does' train -t tree.npz --init pruned.npz -o bad.npz
expect_exit 1 'xmr-train: error: tree.npz: is a label-tree, not a model
hint: xmr-train makes a model' train -t tree.npz --init tree.npz -o bad.npz
xmr-featurize fit --word 1 -o other-vec.npz new.tsv
xmr-featurize apply -f other-vec.npz --labels new.txt -x other-X.npz -y other-Y.npz new.tsv
run xmr-train -q -x other-X.npz -y new-Y.npz -t tree.npz --init old.npz -o bad.npz
grep -q '^xmr-train: error: old.npz: [0-9]* features, but other-X.npz has [0-9]*$' "$scratch/err" || fail "$(cat "$scratch/err")"
xmr-featurize fit --word 1 --min-df 2 --idf none -o other-vec.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -f other-vec.npz --labels new.txt -x other-X.npz -y other-Y.npz new.tsv
expect_exit 1 'xmr-train: error: other-X.npz: was not made with the vectorizer of old.npz
hint: --init needs the features of its model' xmr-train -q -x other-X.npz -y new-Y.npz -t tree.npz --init old.npz -o bad.npz

it "refuses trees that cannot grow, and what --init decides"
expect_exit 2 'xmr-index: error: --init-labels: needs --init' grow --init-labels old.txt -o bad.npz
expect_exit 2 'xmr-index: error: --init-labels: needs --labels, the labels of Y' \
  grow --init old-tree.npz --init-labels old.txt -o bad.npz
expect_exit 2 'xmr-index: error: --init-labels: old.npz has label names of its own' \
  grow --init old.npz --init-labels old.txt --labels new.txt -o bad.npz
expect_exit 2 'xmr-index: error: --init: old.npz has label names, so --labels is required' \
  grow --init old.npz -o bad.npz
expect_exit 2 'xmr-index: error: --branching: the tree of --init determines it' \
  grow --init old-tree.npz --branching 8 -o bad.npz
expect_exit 2 'xmr-index: error: --dry-run: cannot be used with --init' grow --init old-tree.npz --dry-run -o bad.npz
head -n 10 old.txt > few.txt
expect_exit 1 'xmr-index: error: few.txt: 10 labels, but old-tree.npz has 346' \
  grow --init old-tree.npz --init-labels few.txt --labels new.txt -o bad.npz
catalogue less 0 300
expect_exit 1 'xmr-index: error: less-Y.npz: 300 labels, but old-tree.npz has 346
hint: --labels and --init-labels tell which are gone' xmr-index -x less-X.npz -y less-Y.npz --init old-tree.npz -o bad.npz
LC_ALL=C sort -c old.txt 2> /dev/null && sorted=old || { LC_ALL=C sort old.txt > sorted.txt; sorted=sorted; }
xmr-index -q -x old-X.npz -y old-Y.npz --labels $sorted.txt --method trie -o trie.npz
expect_exit 1 'xmr-index: error: trie.npz: a tree of --method trie, which cannot grow: keys place its labels
hint: make a new tree with xmr-index' grow --init trie.npz -o bad.npz

it "leaves nothing behind"
[ ! -e bad.npz ] || fail "bad.npz was written"
no_leftovers
