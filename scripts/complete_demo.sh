#!/bin/bash
# Query completion on data/debian-sessions: from a log of sessions to a model, and then to whoever types.
#   scripts/complete_demo.sh [FOLDER OF THE TOOLS]
# Everything it makes stays in build/complete-demo. docs/completion.md tells what the steps are.
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh
PATH=$(cd "${1:-build/release/bin}" && pwd):$PATH
log=$PWD/data/debian-sessions/sessions.tsv
mkdir -p build/complete-demo
cd build/complete-demo

echo "Query completion: a log of $(cut -f 1 "$log" | uniq | wc -l) sessions, $(wc -l < "$log") queries."
step xmr-featurize sessions -o train.tsv --valid valid.tsv --valid-share 0.1 --labels labels.txt "$log"
step xmr-featurize fit --min-df 6 --word 1:column=previous --char 3-5:column=previous --char 1-3:column=prefix,tf=position \
  --columns previous,prefix,- -o vec.npz train.tsv
step xmr-featurize apply -f vec.npz --columns previous,prefix,label --labels labels.txt --label-keys \
  -x X.npz -y Y.npz train.tsv
step xmr-index -x X.npz -y Y.npz --labels labels.txt --method hybrid -o tree.npz
step xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt --loss logistic --cost 4 \
  --threshold 0.4 --post-processor sigmoid -o linear.npz
step xmr-train completion -m linear.npz --pairs train.tsv --valid valid.tsv -o model.npz

echo
echo "Type the names of Debian packages, for example libc6, then libg:"
echo "\$ xmr-predict type -m build/complete-demo/model.npz"
xmr-predict type -m model.npz || [ $? = 130 ] # Ctrl-C is a way to leave
