#!/bin/bash
# xmr-inspect prune: fewer weights of a finished model.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-inspect: error: $1"; }
weights() { xmr-inspect show --json "$1" | grep -o '"weights":[0-9]*' | head -1 | cut -d: -f2; }

awk 'BEGIN { print "600 192 6"; for (i = 0; i < 600; ++i)
  printf "%d %d:1 %d:0.5 %d:0.25\n", i % 6, i % 6, 6 + i % 97, 103 + i % 89 }' > all.txt
expect_ok xmr-featurize import -x X.npz -y Y.npz all.txt
expect_ok xmr-index -x X.npz -y Y.npz -o tree.npz
printf '%s\n' a b c d e f > labels.txt
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz --labels labels.txt --weight-type f2 --threshold 0 -o model.npz

it "keeps the weights that xmr-train would have kept"
expect_ok xmr-inspect prune model.npz --threshold 0.3 --top-weights 4 -o small.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz --labels labels.txt --weight-type f2 --threshold 0.3 \
  --threshold-negative 0.3 --top-weights 4 -o trained.npz
[ "$(weights small.npz)" = "$(weights trained.npz)" ] || fail "$(weights small.npz) weights, $(weights trained.npz) trained"
[ "$(weights small.npz)" -lt "$(weights model.npz)" ] || fail "nothing was dropped"
expect_ok sh -c 'for m in small trained; do xmr-predict -m $m.npz -x X.npz -k 3 > $m.tsv; done; cmp small.tsv trained.tsv'

it "makes a whole model of it, names included, and records what was done"
expect_ok xmr-inspect verify small.npz
expect_ok sh -c 'head -1 small.tsv | cut -f4 | grep -q "^[a-f]$"'
expect_ok sh -c 'xmr-inspect show --json small.npz | grep -q "\"prune\":{\"threshold\":0.3"'

it "drops weights until a file has its size"
size=$(stat -c %s model.npz)
expect_ok xmr-inspect prune model.npz --size $((size - 1000)) -o small.npz
[ "$(stat -c %s small.npz)" -le $((size - 1000)) ] || fail "$(stat -c %s small.npz) bytes"
expect_ok xmr-inspect prune model.npz --size 1M -o same.npz
[ "$(weights same.npz)" = "$(weights model.npz)" ] || fail "weights were dropped for no reason"

it "makes a matcher of the upper levels, whose answers the whole model ranks to its own"
tags=$data/debian-tags
expect_ok xmr-featurize fit --word 1 --min-df 3 -o vec.npz $tags/test.tsv
expect_ok xmr-featurize apply -f vec.npz --labels $tags/labels.txt -x T.npz -y TY.npz $tags/test.tsv
expect_ok xmr-index -x T.npz -y TY.npz --max-leaf 20 --branching 4 -o deep-tree.npz
expect_ok xmr-train -x T.npz -y TY.npz -t deep-tree.npz --labels $tags/labels.txt -o deep.npz
depth=$(xmr-inspect show --json deep-tree.npz | grep -o '"depth":[0-9]*' | head -1 | cut -d: -f2)
[ "$depth" = 3 ] || fail "$depth levels"
expect_ok xmr-inspect prune deep.npz --keep-levels 2 -o matcher.npz
expect_ok xmr-inspect verify matcher.npz
expect_ok xmr-predict -m matcher.npz -x T.npz --beam 4 -k 4 -o nodes.npz
expect_ok xmr-predict -m deep.npz -x T.npz --rerank nodes.npz --rerank-level 1 -o shared.tsv
expect_ok xmr-predict -m deep.npz -x T.npz --beam 4 -o whole.tsv
expect_same whole.tsv shared.tsv
expect_ok xmr-inspect prune deep.npz --keep-levels 3 -o again.npz
expect_ok xmr-predict -m again.npz -x T.npz --beam 4 -o again.tsv
expect_same whole.tsv again.tsv
expect_exit 2 "$(error '--keep-levels: 4 is outside 1..3, the levels of deep.npz')" \
  xmr-inspect prune deep.npz --keep-levels 4 -o small.npz

it "refuses what makes no sense"
expect_exit 2 "$(error 'at least one of --threshold, --top-weights, --size and --keep-levels is required')" \
  xmr-inspect prune model.npz -o small.npz
expect_exit 2 "$(error '--threshold excludes --size')
hint: xmr-inspect prune --help lists the options" xmr-inspect prune model.npz --size 1M --threshold 1 -o small.npz
expect_exit 1 "$(error 'model.npz: parts other than weights take 0.00 MiB, more than --size')" \
  xmr-inspect prune model.npz --size 1K -o small.npz
expect_exit 1 "$(error 'tree.npz: is a label-tree, not a model
hint: xmr-train makes a model')" \
  xmr-inspect prune tree.npz --threshold 1 -o small.npz
