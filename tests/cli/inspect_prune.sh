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
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz --labels labels.txt --threshold 0 -o model.npz

it "keeps the weights that xmr-train would have kept"
expect_ok xmr-inspect prune model.npz --threshold 0.3 --top-weights 4 -o small.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz --labels labels.txt --threshold 0.3 --top-weights 4 -o trained.npz
[ "$(weights small.npz)" = "$(weights trained.npz)" ] || fail "$(weights small.npz) weights, $(weights trained.npz) trained"
[ "$(weights small.npz)" -lt "$(weights model.npz)" ] || fail "nothing was dropped"
expect_ok sh -c 'for m in small trained; do xmr-predict -m $m.npz -x X.npz -k 3 > $m.tsv; done; cmp small.tsv trained.tsv'

it "makes a whole model of it, names included, and records what was done"
expect_ok xmr-inspect verify small.npz
expect_ok sh -c 'head -1 small.tsv | cut -f4 | grep -q "^[a-f]$"'
expect_ok sh -c 'xmr-inspect show --json small.npz | grep -q "\"prune\":{\"threshold\":0.3"'

it "drops weights until a file has its size"
size=$(stat -c %s model.npz)
wanted=$(awk -v size="$size" 'BEGIN { printf "%.6f", (size - 1000) / 1048576 }')
expect_ok xmr-inspect prune model.npz --size "$wanted" -o small.npz
[ "$(stat -c %s small.npz)" -le $((size - 1000)) ] || fail "$(stat -c %s small.npz) bytes"
expect_ok xmr-inspect prune model.npz --size 1 -o same.npz
[ "$(weights same.npz)" = "$(weights model.npz)" ] || fail "weights were dropped for no reason"

it "refuses what makes no sense"
expect_exit 2 "$(error 'one of --threshold, --top-weights and --size is needed')" \
  xmr-inspect prune model.npz -o small.npz
expect_exit 2 "$(error '--threshold excludes --size')
hint: xmr-inspect prune --help lists the options" xmr-inspect prune model.npz --size 1 --threshold 1 -o small.npz
expect_exit 1 "$(error 'model.npz: what is not weights takes 0.00 MiB, more than --size')" \
  xmr-inspect prune model.npz --size 0.001 -o small.npz
expect_exit 1 "$(error 'tree.npz: is a label-tree, not a model')" \
  xmr-inspect prune tree.npz --threshold 1 -o small.npz
