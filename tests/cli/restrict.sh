#!/bin/bash
# xmr-predict: the true best labels, and answers from some of the labels only.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-predict: error: $1"; }
tags=$data/debian-tags
head -1500 $tags/train.tsv > train.tsv
head -40 $tags/test.tsv > test.tsv
cut -f 2 test.tsv > queries.txt
expect_ok xmr-featurize fit --word 1 --min-df 2 -o vec.npz train.tsv
expect_ok xmr-featurize apply -f vec.npz --labels $tags/labels.txt -x X.npz -y Y.npz train.tsv
expect_ok xmr-index -x X.npz -y Y.npz --max-leaf 10 --branching 4 -o tree.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels $tags/labels.txt -o model.npz
expect_ok xmr-featurize fit --word 1 --idf none --norm none --row-norm none -o counts.npz train.tsv
expect_ok xmr-featurize apply -f counts.npz --labels $tags/labels.txt -x N.npz -y Y.npz train.tsv
expect_ok xmr-train bm25 -x N.npz -y Y.npz -f counts.npz --labels $tags/labels.txt -o bm25.npz

it "finds with --exact what a beam that drops nothing finds"
expect_ok xmr-predict -m model.npz --exact --stats stats.json -o exact.tsv queries.txt
expect_ok xmr-predict -m model.npz --beam 1000 -o wide.tsv queries.txt
expect_same exact.tsv wide.tsv
expect_ok grep -q '"nodes_visited": [1-9]' stats.json
expect_ok xmr-predict -m model.npz --exact -j 2 -o exact2.tsv queries.txt
expect_same exact.tsv exact2.tsv

it "measures a beam by what there is to be found"
expect_ok xmr-predict -m model.npz --exact -o exact.npz queries.txt
expect_ok xmr-predict -m model.npz --beam 1 -o narrow.npz queries.txt
expect_ok sh -c 'xmr-eval -y exact.npz exact.npz narrow.npz --metrics r@10 --format tsv | cut -f 2 | tail -2 > recalls
  [ "$(head -1 recalls)" = 1 ] && [ "$(tail -1 recalls)" != 1 ]'

it "answers with the allowed labels only"
sed -n '1~20p' $tags/labels.txt > stock.txt
cut -f 1 stock.txt | sort > keys
expect_ok xmr-predict -m model.npz --allow stock.txt -k 30 -o allowed.tsv queries.txt
cut -f 4 allowed.tsv | sort -u | comm -23 - keys > others
[ ! -s others ] || fail "other labels are among the answers"
expect_ok xmr-predict -m model.npz --beam 1000 -k 400 -o all.tsv queries.txt
awk -F'\t' 'NR == FNR { ok[$1]; next } ($4 in ok) { if ($1 != row) { row = $1; rank = 0 } print $1 "\t" ++rank "\t" $3 "\t" $4 }' \
  keys all.tsv > filtered.tsv
expect_ok xmr-predict -m model.npz --allow stock.txt --exact -k 400 -o allowed.tsv queries.txt
expect_same filtered.tsv allowed.tsv
grep -vxFf stock.txt $tags/labels.txt > rest.txt
expect_ok xmr-predict -m model.npz --deny rest.txt --exact -k 400 -o denied.tsv queries.txt
expect_same filtered.tsv denied.tsv
expect_ok xmr-predict -m model.npz -m bm25.npz --allow stock.txt -k 30 -o fused.tsv queries.txt
cut -f 4 fused.tsv | sort -u | comm -23 - keys > others
[ ! -s others ] || fail "other labels are among the fused answers"

it "warns of keys that it does not know, and refuses a set without known ones"
printf 'nothing\n' | cat - stock.txt > more.txt
run xmr-predict -m model.npz --allow more.txt --exact -k 400 -o more.tsv queries.txt
expect_same allowed.tsv more.tsv
grep -q "warning: keys that no label of the model has: 1; the first: more.txt:1: 'nothing'" "$scratch/err" || fail "no warning"
expect_exit 1 "$(error 'X.npz: is a file of arrays; labels are text, one a line')" \
  xmr-predict -m model.npz --allow X.npz queries.txt
printf 'nothing\n' > none.txt
expect_exit 1 "$(error 'none.txt: names no label that the model knows')
hint: the first is none.txt:1: 'nothing'" xmr-predict -m model.npz --allow none.txt queries.txt
expect_exit 1 "$(error 'stock.txt: no label is left')" \
  xmr-predict -m model.npz --allow stock.txt --deny stock.txt queries.txt

it "ranks the candidates of each row, whatever form they have"
for form in npz tsv jsonl; do
  expect_ok xmr-predict -m bm25.npz -k 20 -o candidates.$form queries.txt
  expect_ok xmr-predict -m model.npz --rerank candidates.$form -k 20 -o reranked.$form.tsv queries.txt
done
expect_same reranked.npz.tsv reranked.tsv.tsv
expect_same reranked.npz.tsv reranked.jsonl.tsv
for f in candidates.tsv reranked.npz.tsv; do cut -f 1,4 $f | sort > $f.pairs; done
expect_same candidates.tsv.pairs reranked.npz.tsv.pairs
awk -F'\t' 'NR == FNR { s[$1, $4] = $3; next } s[$1, $4] != $3 { exit 1 }' all.tsv reranked.npz.tsv ||
  fail "scores are not those of a search"
expect_ok xmr-featurize apply -f vec.npz --labels $tags/labels.txt -x T.npz -y YT.npz test.tsv
expect_ok xmr-predict -m model.npz -x T.npz --rerank candidates.npz -k 20 -o features.tsv
expect_same reranked.npz.tsv features.tsv
expect_ok xmr-predict -m model.npz -x T.npz --rerank YT.npz -k 400 -o truth.tsv
expect_ok sh -c 'xmr-eval -y YT.npz truth.tsv --labels '$tags'/labels.txt --metrics r@100 --format tsv | tail -1 | cut -f 2'
expect_stdout 1

it "ranks the labels of given clusters"
printf '%s\n' "$(sed -n '$=' queries.txt) 4 1" > clusters.txt
sed 's/.*/0 0:1/' queries.txt >> clusters.txt
expect_ok xmr-featurize import -x C.npz -y unused.npz clusters.txt
run xmr-predict -m model.npz --rerank C.npz --rerank-level 0 -k 400 -o clusters.tsv queries.txt
if [ $status -eq 0 ]; then
  xmr-inspect convert tree.npz --labels $tags/labels.txt -o - | awk -F'\t' '$2 ~ /^0\// { print $1 }' | sort > in0
  cut -f 4 clusters.tsv | sort -u > answered
  expect_same in0 answered
else
  grep -q 'C.npz: 4 columns, but model.npz has [0-9]* nodes at this level' "$scratch/err" || fail "$(cat "$scratch/err")"
fi

it "refuses what makes no sense"
expect_exit 2 "$(error '--exact: excludes --beam')" xmr-predict -m model.npz --exact --beam 3 queries.txt
expect_exit 2 "$(error '--exact: --ties position needs a beam')
hint: use --ties margin" xmr-predict -m model.npz --exact --ties position queries.txt
expect_exit 2 "$(error 'exact search: with noop a label may score more than the nodes above it, so that only scoring all labels would tell')
hint: --post-processor sigmoid or l3-hinge has scores that fall on the way down" \
  xmr-predict -m model.npz --exact --post-processor noop queries.txt
expect_exit 2 "$(error '--exact: bm25.npz has no tree to search')" xmr-predict -m bm25.npz --exact queries.txt
expect_exit 2 "$(error '--rerank: bm25.npz has no tree, so it cannot rank candidates')" \
  xmr-predict -m bm25.npz --rerank candidates.npz queries.txt
expect_exit 2 "$(error '--exact: --rerank ranks all labels of a row, without a beam')" \
  xmr-predict -m model.npz --exact --rerank candidates.npz queries.txt
expect_exit 2 "$(error '--beam: --rerank ranks all labels of a row, without a beam')" \
  xmr-predict -m model.npz --beam 3 --rerank candidates.npz queries.txt
expect_exit 2 "$(error '--rerank: must be a file, because it is read more than once')" \
  xmr-predict -m model.npz --rerank - queries.txt
expect_exit 2 "$(error '--rerank-level: needs --rerank')" xmr-predict -m model.npz --rerank-level 0 queries.txt
expect_exit 2 "$(error '--dot: draws a beam search over all labels')
hint: leave out --exact, --allow, --deny and --rerank" xmr-predict -m model.npz --exact --dot x.dot queries.txt
head -39 queries.txt > fewer.txt
expect_exit 1 "$(error 'candidates.npz: 40 rows, but fewer.txt has 39')" \
  xmr-predict -m model.npz --rerank candidates.npz -o x.tsv fewer.txt
cat queries.txt fewer.txt > more.txt
expect_exit 1 "$(error 'more.txt:41: candidates.npz has candidates for 40 rows only')" \
  xmr-predict -m model.npz --rerank candidates.npz -o x.tsv more.txt
expect_exit 1 "$(error 'X.npz: 4226 columns, but model.npz has 16 nodes at this level')" \
  xmr-predict -m model.npz -x T.npz --rerank X.npz --rerank-level 0 -o x.tsv
expect_exit 2 "$(error '--rerank-level: model.npz has 2 levels above the labels')
hint: without it the columns are labels" xmr-predict -m model.npz -x T.npz --rerank X.npz --rerank-level 2 -o x.tsv
[ ! -e x.tsv ] || fail "x.tsv was written"
