#!/bin/bash
# xmr-predict --explain and --dot: why an answer is one, and what the search looked at.
. "$(dirname "$0")/lib.sh"

printf '%s\n' 'amp	guitar amplifier' 'bass	bass guitar' 'drum	snare drum' 'kettle	electric kettle' 'lamp	desk lamp' \
  'iron	steam iron' > labels.txt
awk -F '\t' '{ print NR - 1 "\t" $2; print NR - 1 "\t" $2 " for " $1 " lovers" }' labels.txt > train.tsv
xmr-featurize fit -q --word 1 -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz --branching 2 --max-leaf 2 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -o bare.npz
echo "electric kettle" > query.txt
files=$(ls)

it "tells the path of each answer and the features that moved it, as text"
expect_ok xmr-predict -m model.npz -k 2 --explain 2 query.txt
expect_golden text -
expect_ok xmr-predict -m bare.npz -k 1 --explain 1 -x X.npz
head -1 "$scratch/out" > first
echo "row 0: 2 features" > expected
expect_same expected first
grep -q ' feature [0-9]' "$scratch/out" || fail "no feature by its number"

it "gives it in JSON lines beside the same answers, as each line arrives"
cut -f 2 train.tsv > texts.txt
xmr-predict -m model.npz -o plain.jsonl texts.txt
cat texts.txt | xmr-predict -m model.npz --explain 3 --format jsonl > explained.jsonl
/usr/bin/python3 - <<'PY' || fail "see above"
import json
for plain, explained in zip(open("plain.jsonl"), open("explained.jsonl"), strict=True):
    plain, explained = json.loads(plain), json.loads(explained)
    for answer in explained["labels"]:
        path = answer.pop("path")
        assert path[-1]["score"] == answer["score"]
        for step in path:
            margin = step["bias"] + sum(f["effect"] for f in step["features"]) + step["others"]
            assert len(step["features"]) <= 3 and abs(margin - step["margin"]) < 1e-5
    assert plain == explained
PY

it "draws the search of one row"
expect_ok xmr-predict -m model.npz -k 1 --beam 1 --dot search.dot query.txt
expect_golden dot search.dot
expect_exit 1 'xmr-predict: error: --dot: draws a single row, but there are more' \
  xmr-predict -m model.npz -x X.npz --dot more.dot
cp search.dot expected
expect_ok xmr-predict -m model.npz -k 1 --beam 1 --min-score 2 --dot search.dot query.txt
expect_stdout ''
expect_same expected search.dot

it "names a row that has no answer, too"
printf 'no TAB\n0\tdesk lamp\n' > bad.tsv
expect_ok xmr-predict -m model.npz --explain 1 --min-score 2 --columns id,text --skip-bad-rows bad.tsv
expect_stdout 'row 0: no TAB
row 1: 0\x09desk lamp'
rm first expected texts.txt plain.jsonl explained.jsonl search.dot bad.tsv

it "explains nothing and draws nothing where that makes no sense"
refuse() { expect_exit 2 "xmr-predict: error: $1" xmr-predict query.txt "${@:2}"; }
refuse '--explain: needs a single model' -m model.npz -m bare.npz --explain 1
refuse '--explain: npz holds only labels and scores; use --format jsonl' -m model.npz --explain 1 -o P.npz
refuse '--explain: --format tsv holds only labels and scores; use --format jsonl or none' -m model.npz --explain 1 --format tsv
refuse '--explain: --latency prints no answers' -m model.npz --explain 1 --latency
xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none -o counts.npz train.tsv
xmr-featurize apply -q -f counts.npz --labels labels.txt -x C.npz -y CY.npz train.tsv
xmr-train bm25 -q -x C.npz -y CY.npz -f counts.npz -o bm25.npz
refuse '--dot: bm25.npz is not an XR-Linear model' -m bm25.npz --dot no.dot
rm counts.npz C.npz CY.npz bm25.npz
expect_files $files
