#!/bin/bash
# The main job on data/: product search over Debian packages, from raw text to metrics and answers.
#   scripts/demo.sh [FOLDER OF THE TOOLS]
# Everything it makes stays in build/demo.
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh
PATH=$(cd "${1:-build/release/bin}" && pwd):$PATH
data=$PWD/data/debian-search
mkdir -p build/demo
cd build/demo

ln -sf "$data"/train.tsv "$data"/test.tsv "$data"/labels.txt .
echo "Product search: $(wc -l < train.tsv) texts in 16 languages about $(wc -l < labels.txt) packages."

step xmr-featurize fit --word 1 --word 2 --char-wb 3 -o vec.npz train.tsv
step xmr-featurize apply -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
step xmr-featurize apply -f vec.npz --labels labels.txt -x X-test.npz -y Y-test.npz test.tsv
step xmr-index -x X.npz -y Y.npz -o tree.npz
step xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
step xmr-predict -m model.npz -x X-test.npz -k 100 -o ranked.npz
step xmr-eval -y Y-test.npz ranked.npz --metrics p@1 r@10,100 mrr@10

echo
echo "The same job by one command. The first answers of retrieved.npz are right more often than those of the tree alone (ranked.npz):"
step xmr-train retrieval -q --labels labels.txt -o retrieval.npz train.tsv
cut -f 2 test.tsv > queries.txt
step xmr-predict -m retrieval.npz -k 100 -o retrieved.npz queries.txt
step xmr-eval -y Y-test.npz ranked.npz retrieved.npz --metrics p@1 r@10,100 mrr@10

# Answers are "row rank score key"; labels.txt says what a key is about.
query() {
  echo
  echo "\$ echo \"$1\" | xmr-predict -m retrieval.npz -k 3"
  echo "$1" | xmr-predict -m retrieval.npz -k 3 |
    awk -F '\t' 'NR == FNR { about[$1] = $2; next } { printf "  %-8.2g %-20s %s\n", $3, $4, about[$4] }' labels.txt -
}
query "vector drawing program"
query "password manger"   # misspelt
query "Tabellenkalkulation"
query "lettore multimediale"
query "клиент электронной почты"

echo
echo "Ask your own:  echo \"...\" | build/release/bin/xmr-predict -m build/demo/retrieval.npz -k 5"
