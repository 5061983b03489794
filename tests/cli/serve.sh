#!/bin/bash
# xmr-serve: its answers are those of xmr-predict; limits, hostile requests, reloads, the end.
. "$(dirname "$0")/lib.sh"
command -v xmr-serve > /dev/null || skip "xmr-serve was not built: libmicrohttpd-dev is missing"

it "makes models of three kinds"
head -600 "$data/debian-tags/train.tsv" > train.tsv
cut -f 2 "$data/debian-tags/test.tsv" | head -60 > queries.txt
expect_ok xmr-featurize fit --word 1-2 -o vec.npz train.tsv
expect_ok xmr-featurize fit --word 1 --idf none --norm none --row-norm none -o counts.npz train.tsv
for set in vec counts; do
  expect_ok xmr-featurize apply -f $set.npz --labels "$data/debian-tags/labels.txt" -x X-$set.npz -y Y.npz train.tsv
done
expect_ok xmr-featurize apply -f vec.npz --columns text -x X-test.npz queries.txt
expect_ok xmr-index -x X-vec.npz -y Y.npz --max-leaf 20 -o tree.npz
expect_ok xmr-train -x X-vec.npz -y Y.npz -t tree.npz -f vec.npz --labels "$data/debian-tags/labels.txt" -o linear.npz
expect_ok xmr-train -x X-vec.npz -y Y.npz -t tree.npz --cost 4 -f vec.npz --labels "$data/debian-tags/labels.txt" -o other.npz
expect_ok xmr-train bm25 -x X-counts.npz -y Y.npz -f counts.npz --labels "$data/debian-tags/labels.txt" -o bm25.npz
make_completion_model complete.npz
[ ! -s "$scratch/failures" ] || exit 1

it "answers over HTTP"
/usr/bin/python3 -S "$root/tests/cli/serve.py" > "$scratch/out" 2>&1 || fail "$(cat "$scratch/out")"

it "refuses wrong options"
expect_exit 2 "xmr-serve: error: -m linear.npz: two models have the name 'linear'
hint: give another name: -m other=linear.npz" xmr-serve -m linear.npz -m linear.npz
expect_exit 1 "xmr-serve: error: none.npz: cannot look at: No such file or directory" xmr-serve -m none.npz
expect_exit 2 "xmr-serve: error: -m '=linear.npz': a name or a file is missing
hint: -m shop=model.npz" xmr-serve -m =linear.npz
