#!/bin/bash
# Sets of few rows or labels, which are legal, through all tools: one label, fewer labels than branching, rows without
# labels, labels without rows, more answers than labels.
. "$(dirname "$0")/lib.sh"

# corpus LABELS ROW...: labels.txt with the first LABELS letters, train.tsv with the rows, and what featurize makes of them.
corpus() {
  printf '%s\n' a b c d e f g h | head -"$1" > labels.txt
  shift
  printf '%s\n' "$@" > train.tsv
  expect_ok xmr-featurize fit --word 1 -o vec.npz train.tsv
  expect_ok xmr-featurize apply -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
}

# learn WARNING [OPTION...]: tree and model, with the options for the tree; what xmr-train says.
learn() {
  local warning=$1
  shift
  expect_exit 0 '' xmr-index -x X.npz -y Y.npz "$@" -o tree.npz
  expect_exit 0 "$warning" xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
}

# ranks KEYS TEXT [OPTION...]: the keys that the model answers with.
ranks() {
  local keys=$1 text=$2
  shift 2
  expect_ok xmr-predict -m model.npz "$@" - <<< "$text"
  [ "$(cut -f 4 "$scratch/out" | tr '\n' ' ')" = "$keys " ] || fail "'$text' is answered with $(cut -f 4 "$scratch/out" | tr '\n' ' ')"
}

it "learns one label, with and without rows that do not have it"
corpus 1 $'0\tred bus' $'0\told car'
learn ''
ranks a 'red bus' -k 100
corpus 1 $'0\tred bus' $'\told car'
learn ''
ranks a 'nothing known' -k 100 --beam 1000

it "learns two labels"
corpus 2 $'0\tred bus' $'1\told car'
learn ''
ranks 'a b' 'red bus' -k 100
ranks 'b a' 'old car' -k 100
ranks b 'old car' -k 1

five=($'0\tred bus' $'1\told car' $'2\tblue sky' $'3\tgreen tree' $'4\tsmall boat')
it "learns fewer labels than a node has children, than a leaf has labels, and than the beam has nodes"
corpus 5 "${five[@]}"
for options in '' '--branching 64' '--max-leaf 2 --branching 2' '--max-leaf 2 --branching 64' '--method random --max-leaf 2' \
  '--preset pecos --max-leaf 2 --branching 2'; do
  learn '' $options
  for row in "${five[@]}"; do
    expect_ok xmr-predict -m model.npz -k 100 --beam 1000 - <<< "${row#*$'\t'}"
    [ "$(wc -l < "$scratch/out")" = 5 ] || fail "not all labels with $options"
    [ "$(head -1 "$scratch/out" | cut -f 4)" = "$(sed -n "$((${row%%$'\t'*} + 1))p" labels.txt)" ] || fail "$row with $options"
  done
  xmr-predict -m model.npz -x X.npz -k 2147483647 --beam 2147483647 -o P.npz
  expect_ok xmr-eval -q -y Y.npz P.npz --metrics p@1 r@100000 --format tsv
  expect_stdout $'predictions\tp@1\tr@100000\nP.npz\t1\t1'
done

it "learns from rows without labels, and labels without rows"
corpus 5 $'0\tred bus' $'3\told car' $'\tnew sky'
learn 'xmr-train: warning: 3 of 5 labels have no row and rank behind all others'
ranks 'a d b c e' 'red bus' -k 100
ranks 'd a b c e' 'old car' -k 100

it "refuses to learn where no row has a label, but ranks and measures"
cp model.npz old.npz
corpus 5 $'\tred bus' $'\told car'
expect_exit 0 'xmr-index: warning: all label vectors are empty: the tree follows label ids' \
  xmr-index -x X.npz -y Y.npz -o tree.npz
expect_exit 1 'xmr-train: error: Y.npz: no row has a label' \
  xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
expect_same old.npz model.npz
printf '0\t1\t0.5\ta\n' > P.tsv
expect_ok xmr-eval -y Y.npz --labels labels.txt P.tsv --metrics p@1 r@1 --format json
expect_stdout '{"predictions":"P.tsv","rows":2,"p@1":0.0,"r@1":0.0}'

it "refuses a set of no labels at all"
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y none.npz train.tsv
expect_exit 1 'xmr-index: error: none.npz: has no labels (columns)
hint: xmr-featurize apply -y writes the labels of the rows' xmr-index -x X.npz -y none.npz -o other.npz
expect_exit 1 'xmr-train: error: none.npz: has no labels (columns)
hint: xmr-featurize apply -y writes the labels of the rows' \
  xmr-train -x X.npz -y none.npz -t tree.npz -o other.npz
expect_exit 1 'xmr-eval: error: P.tsv: holds predictions where none can be' xmr-eval -y none.npz P.tsv

it "learns where no row has a known feature"
corpus 2 $'0\tred bus' $'1\told car'
printf '0\tunheard of\n1\t\n' > unknown.tsv
expect_ok xmr-featurize apply -f vec.npz --labels labels.txt -x X.npz -y Y.npz unknown.tsv
expect_ok xmr-index -q -x X.npz -y Y.npz -o tree.npz
expect_ok xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
ranks 'b a' 'red bus' -k 100

it "shows, checks and cuts a set without rows"
expect_ok xmr-inspect slice X.npz Y.npz --share 0.000001 -o X0.npz Y0.npz
expect_ok xmr-inspect verify X0.npz Y0.npz
expect_ok xmr-inspect convert X0.npz Y0.npz -o -
expect_stdout '0 4 2'
expect_exit 1 'xmr-eval: error: Y0.npz: has no rows' xmr-eval -y Y0.npz P.tsv
it "makes the same tree and model for any number of threads of labels that are alike or have no rows, of tiny and huge values"
while read -r known kinds size; do
  awk -v known="$known" -v kinds="$kinds" -v size="$size" 'BEGIN {
    print 600, 12, 300
    for (i = 0; i < 600; ++i) print i % known, i % kinds ":" size, 7 + i % kinds % 5 ":-" size
  }' > rows.txt
  expect_ok xmr-featurize import -x X.npz -y Y.npz rows.txt
  for options in '' '--branching 1024 --max-leaf 2' '--method balanced --max-leaf 2 --branching 2'; do
    for threads in 1 2 3 7; do
      expect_ok xmr-index -q -j "$threads" -x X.npz -y Y.npz $options -o "tree$threads.npz"
      expect_ok xmr-train -q -j "$threads" -x X.npz -y Y.npz -t "tree$threads.npz" -o "model$threads.npz"
      expect_same tree1.npz "tree$threads.npz"
      expect_same model1.npz "model$threads.npz"
    done
    expect_ok xmr-inspect verify -q tree1.npz model1.npz
  done
done <<< '300 1 1
3 7 1
300 7 1e-45
300 7 1e18'
no_leftovers
