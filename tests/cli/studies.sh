#!/bin/bash
# scripts/studies.sh leaves the sets that it studies as they are: files of one set must not be written through links to
# those of the set before.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import scipy.sparse' 2> /dev/null || skip "no python3-scipy"

# Enough labels for the trees of three levels that the study of growth needs.
mkdir texts matrices
for set in train test; do
  awk -v set=$set 'BEGIN { for (row = 0; row < 8500; ++row) print row "\tlabel" row " word" row % 7 " " set row % 11 }' > texts/$set.tsv
done
awk 'BEGIN { for (label = 0; label < 8500; ++label) print "label" label }' > texts/labels.txt
xmr-featurize fit -q -o vec.npz texts/train.tsv
for set in trn:train tst:test; do
  xmr-featurize apply -q -f vec.npz --labels texts/labels.txt -x "matrices/X.${set%:*}.npz" -y "matrices/Y.${set%:*}.npz" "texts/${set#*:}.tsv"
done
sha256sum texts/* matrices/* > before

for study in ties growth; do
  it "the study $study measures sets of text and matrices, in any order, and leaves them as they are"
  expect_ok "$root/scripts/studies.sh" $study texts matrices texts
  lines=$(sed 1d "$scratch/out" | cut -f 1 | uniq -c | xargs)
  [ "$lines" = "2 texts 2 matrices 2 texts" ] || [ "$lines" = "12 texts 12 matrices 12 texts" ] || fail "lines: $lines"
  sha256sum texts/* matrices/* > after
  expect_same before after
done
