#!/bin/bash
# xmr-inspect convert: matrices and predictions to text, text of predictions to npz, vectorizers anew.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-inspect: error: $1"; }

printf '3 6 3\n0,2 1:0.5 5:-2\n 3:0.001\n1 \n' > all.txt
expect_ok xmr-featurize import -x X.npz -y Y.npz all.txt

it "writes matrices as the text that they came from"
expect_ok xmr-inspect convert X.npz Y.npz -o again.txt
expect_same again.txt all.txt
expect_ok xmr-inspect convert X.npz Y.npz -o - --format svmlight -j 7
expect_stdout '0,2 1:0.5 5:-2
 3:0.001
1 '

it "reads one of two matrices from a pipe"
cat X.npz | expect_ok xmr-inspect convert - Y.npz -o again.txt
expect_same again.txt all.txt

it "turns predictions into every form and back"
printf '0\t1\t0.75\t2\n0\t2\t-1e-07\t0\n2\t1\t0.1\t1\n' > P.tsv
expect_ok xmr-inspect convert P.tsv -o P.npz
expect_ok xmr-inspect convert P.npz -o P.jsonl
expect_ok xmr-inspect convert P.jsonl -o again.tsv
expect_same again.tsv P.tsv
expect_ok xmr-inspect convert P.npz -o -
expect_stdout "$(cat P.tsv)"

it "names the labels of predictions"
printf 'echo\nkindle\nfire\n' > labels.txt
expect_ok xmr-inspect convert P.npz --labels labels.txt -o named.tsv
expect_ok cut -f 4 named.tsv
expect_stdout 'fire
echo
kindle'
expect_ok xmr-inspect convert named.tsv --labels labels.txt -o again.npz
expect_same again.npz P.npz

it "refuses labels.txt that does not name all labels of predictions"
head -1 labels.txt > short.txt
expect_exit 1 "$(error 'P.npz: 3 labels, but there are names of 1 only')" xmr-inspect convert P.npz --labels short.txt -o t
rm short.txt

it "writes an archive of ours anew, whoever packed it"
printf 'text\n' | expect_ok xmr-featurize fit --columns text -o vec.npz
expect_ok xmr-inspect convert vec.npz -o again.npz
expect_same again.npz vec.npz

it "refuses what it cannot make"
rm -f again.* named.tsv P.jsonl
expect_exit 2 "$(error 'x.txt: a matrix alone becomes .npz, .qrels, or, as predictions, .tsv, .jsonl or .trec; other text needs X and Y')" xmr-inspect convert X.npz -o x.txt
expect_exit 2 "$(error '--labels: needs predictions, and trees that become text')" \
  xmr-inspect convert X.npz Y.npz --labels labels.txt -o t
expect_exit 2 "$(error '--level: needs a model')" xmr-inspect convert P.npz --level 0 -o t
for option in '--format xmc' '--first-feature 1' '--first-label 1' --label-weights; do
  expect_exit 2 "$(error "${option% *}: needs X and Y that become text")" xmr-inspect convert P.npz $option -o t
done
expect_exit 1 "$(error 'vec.npz: a vectorizer has no form as text')" xmr-inspect convert vec.npz -o vec.txt
expect_exit 1 "$(error "P.npz: is predictions, not a matrix
hint: xmr-featurize apply makes matrices")" xmr-inspect convert P.npz Y.npz -o all2.txt
printf '1 1 1\n0 0:1\n' | expect_ok xmr-featurize import -x x1.npz -y y1.npz
expect_exit 1 "$(error 'X.npz: 3 rows, but y1.npz has 1')" xmr-inspect convert X.npz y1.npz -o t
printf '0:0.5 0:1\n' | expect_ok xmr-featurize import -x x1.npz -y y1.npz --label-weights
expect_exit 1 "$(error 'labels: row 0: label 0 has the weight 0.5, 1 is allowed
hint: --label-weights writes weights of labels')" xmr-inspect convert x1.npz y1.npz -o t
expect_files X.npz Y.npz x1.npz y1.npz all.txt P.tsv P.npz labels.txt vec.npz
