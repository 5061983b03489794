#!/bin/bash
# BM25 models: xmr-train bm25, xmr-predict with them, xmr-inspect on them.
. "$(dirname "$0")/lib.sh"

counts='--idf none --norm none --row-norm none'
printf '0\tred bus red\n1\told car\n0,2\tred car\n' > rows.tsv
printf 'bus\tthe red bus\ncar\told car\nvan\tblue van\n' > labels.txt
xmr-featurize fit --word 1 $counts -o vec.npz rows.tsv
xmr-featurize apply -f vec.npz --labels labels.txt -x X.npz -y Y.npz rows.tsv

it "ranks labels by the words of their rows, those without a word of the query not at all"
expect_ok xmr-train bm25 -x X.npz -y Y.npz -f vec.npz --labels labels.txt --k1 1 --b 0 -o model.npz
# Three documents: bus {red 3, bus 1, car 1}, car {old 1, car 1}, van {red 1, car 1}. ln(1 + 1.5 / 2.5) = 0.47000;
# of red: 3 · 2 / 4 times that for bus, 1 for van. Units are 2^-16.
expect_ok sh -c 'printf "red\nnothing\nred red\n" | xmr-predict -m model.npz'
expect_stdout '0	1	0.70500183	bus
0	2	0.47000122	van
2	1	1.4100037	bus
2	2	0.94000244	van'

it "gives the same from features and from text, alone and in a batch, for any number of threads"
xmr-featurize fit --word 1 $counts -o v.npz "$data/debian-search/train.tsv"
apply() { xmr-featurize apply -f v.npz --labels "$data/debian-search/labels.txt" -x "X-$1.npz" -y "Y-$1.npz" "$2"; }
head -3000 "$data/debian-search/train.tsv" > train.tsv
apply train train.tsv
apply test "$data/debian-search/test.tsv"
expect_ok xmr-train bm25 -q -j 1 -x X-train.npz -y Y-train.npz -f v.npz -o m.npz
expect_ok xmr-train bm25 -q -j 7 -x X-train.npz -y Y-train.npz -f v.npz -o m7.npz
expect_same m.npz m7.npz
expect_ok xmr-predict -j 1 -m m.npz -x X-test.npz -k 20 -o P.tsv
expect_ok xmr-predict -j 7 -m m.npz --columns labels,text -k 20 -o P7.tsv "$data/debian-search/test.tsv"
expect_same P.tsv P7.tsv
expect_ok sh -c 'cut -f 2 "$1" | head -1 | xmr-predict -m m.npz -k 20 > P1.tsv' - "$data/debian-search/test.tsv"
grep '^0	' P.tsv > first.tsv
expect_same first.tsv P1.tsv

it "knows labels by their texts alone, or by both"
expect_ok xmr-train bm25 --documents labels -f vec.npz --labels labels.txt -o texts.npz
expect_ok sh -c 'echo "old bus" | xmr-predict -m texts.npz | cut -f 4'
expect_stdout 'bus
car'
expect_ok xmr-train bm25 --documents both -x X.npz -y Y.npz -f vec.npz --labels labels.txt -o both.npz
expect_ok sh -c 'echo "old bus" | xmr-predict -m both.npz -k 1 | cut -f 4'
expect_stdout 'car'

it "says how many labels have no document"
printf '0\tred bus\n' > one.tsv
xmr-featurize apply -f vec.npz --labels labels.txt -x one-X.npz -y one-Y.npz one.tsv
expect_exit 0 'xmr-train: warning: 2 of 3 labels have no document; no query finds them' \
  xmr-train bm25 -x one-X.npz -y one-Y.npz -o one.npz

it "is shown, verified, and refused when damaged"
expect_ok sh -c 'xmr-inspect show model.npz | grep -E "^  (labels|postings|type) "'
expect_stdout '  labels           3
  postings         7'
expect_ok sh -c 'xmr-inspect verify model.npz | grep -c "checksums of all postings, 7 in range"'
expect_exit 1 "xmr-inspect: error: model.npz: a model of type 'bm25', xr-linear is needed" \
  xmr-inspect convert model.npz --level 0 -o W.npz

it "refuses features that are no counts"
xmr-featurize fit --word 1 -o tfidf.npz rows.tsv
xmr-featurize apply -f tfidf.npz --labels labels.txt -x tfidf-X.npz -y Y.npz rows.tsv
hint='hint: learn the vectorizer with --idf none --norm none --row-norm none'
value=$(xmr-inspect convert tfidf-X.npz Y.npz -o - | sed -n '2s/^0 1:\([^ ]*\).*/\1/p')
expect_exit 1 "xmr-train: error: tfidf-X.npz: row 0: feature 1 has the value $value, BM25 needs counts
$hint" xmr-train bm25 -x tfidf-X.npz -y Y.npz -o bad.npz
expect_exit 1 "xmr-train: error: tfidf.npz: the features have weights, but BM25 needs counts
$hint" xmr-train bm25 --documents labels -f tfidf.npz --labels labels.txt -o bad.npz
expect_ok xmr-train bm25 -q -x X.npz -y Y.npz -o plain.npz
printf '2 4 0\n 0:0.5\n 1:1\n' > half.txt
xmr-featurize import -x half.npz -y half-Y.npz half.txt
expect_exit 1 "xmr-predict: error: half.npz: row 0: feature 0 has the value 0.5, BM25 needs counts
$hint" xmr-predict -m plain.npz -x half.npz

it "refuses what makes no sense"
expect_exit 2 "xmr-train: error: unknown option '-t'
hint: xmr-train bm25 --help lists the options" \
  xmr-train bm25 -x X.npz -y Y.npz -t tree.npz -o bad.npz
expect_exit 2 "xmr-train: error: unknown option '--k1'
hint: xmr-train --help lists the options" \
  xmr-train -x X.npz -y Y.npz -t tree.npz --k1 1 -o bad.npz
expect_exit 2 'xmr-train: error: --documents rows: needs -x and -y' xmr-train bm25 -x X.npz -o bad.npz
expect_exit 2 'xmr-train: error: --documents labels: reads neither -x nor -y' \
  xmr-train bm25 --documents labels -x X.npz -f vec.npz --labels labels.txt -o bad.npz
expect_exit 2 "xmr-train: error: --documents both: needs -f and --labels, to read the texts of labels" \
  xmr-train bm25 --documents both -x X.npz -y Y.npz -o bad.npz
expect_exit 2 'xmr-train: error: --y and --tree are required
hint: xmr-train --help lists the options' xmr-train -x X.npz -o bad.npz
expect_exit 2 "xmr-train: error: unknown command 'bm52'
hint: did you mean bm25?" xmr-train bm52 -x X.npz -y Y.npz -o bad.npz
for option in '--beam 5' '--ties margin' '--post-processor noop' '--preset pecos'; do
  expect_exit 2 "xmr-predict: error: ${option% *}: model.npz has no tree to search" \
    xmr-predict -m model.npz -x X.npz $option
done
[ ! -e bad.npz ] || fail "bad.npz exists"
no_leftovers
