#!/bin/bash
# xmr-index clusters: trees of somebody's own clusters.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-index: error: $1"; }
tree() { xmr-inspect convert "$1" -o - "${@:2}" | sort; }

printf '%s\n' a b c d e > labels.txt
printf '%s\t%s\n' c fruit/red a fruit/green e tools/old b fruit/green d tools/old > clusters.tsv

it "reads a text of keys and paths, and the tree as text again"
expect_ok xmr-index clusters clusters.tsv --labels labels.txt -o tree.npz
expect_ok xmr-inspect verify tree.npz
tree tree.npz --labels labels.txt > text
printf '%s\t%s\n' a 0/1 b 0/1 c 0/0 d 1/2 e 1/2 > expected
expect_same expected text
expect_ok xmr-index clusters text --labels labels.txt -o again.npz
tree again.npz --labels labels.txt | cut -f 1 > keys
expect_same labels.txt keys

it "reads matrices, and builds the levels that are missing"
# Six clusters of two labels: the cluster of a label is its number modulo six.
awk 'BEGIN { print "12 6 1"; for (i = 0; i < 12; ++i) printf "0 %d:1\n", i % 6 }' > matrix.txt
expect_ok xmr-featurize import -x C.npz -y unused.npz matrix.txt
expect_ok xmr-index clusters C.npz --branching 4 -o built.npz
tree built.npz | sort -n > text
awk 'BEGIN { OFS = "\t"; for (i = 0; i < 12; ++i) print i, int(i % 6 / 4) "/" i % 6 }' > expected
expect_same expected text
expect_ok xmr-index clusters C.npz --branching 8 -o built.npz
tree built.npz | sort -n > text
awk 'BEGIN { OFS = "\t"; for (i = 0; i < 12; ++i) print i, i % 6 }' > expected
expect_same expected text

it "reads a chain of matrices, and PECOS's folder of them"
printf '6 2 1\n0 0:1\n0 1:1\n0 0:1\n0 1:1\n0 0:1\n0 1:1\n' > upper.txt
expect_ok xmr-featurize import -x U.npz -y unused.npz upper.txt
expect_ok xmr-index clusters U.npz C.npz -o chain.npz
printf '2 1 1\n0 0:1\n0 0:1\n' > root.txt
mkdir pecos
expect_ok xmr-featurize import -x pecos/C0.npz -y unused.npz root.txt
cp U.npz pecos/C1.npz
cp C.npz pecos/C2.npz
echo '{"len": 3}' > pecos/config.json
expect_ok xmr-index clusters pecos -o folder.npz
tree chain.npz > chain.text
tree folder.npz > folder.text
expect_same chain.text folder.text

it "makes trees that models are trained on"
awk 'BEGIN { print "24 12 12"; for (i = 0; i < 24; ++i) printf "%d %d:1\n", i % 12, i % 12 }' > rows.txt
expect_ok xmr-featurize import -x X.npz -y Y.npz rows.txt
expect_ok xmr-train -x X.npz -y Y.npz -t chain.npz -o model.npz
expect_ok sh -c 'xmr-predict -m model.npz -x X.npz -k 1 | cut -f 4 | head -3 | tr "\n" " "'
expect_ok xmr-inspect verify model.npz

it "names the label that is in no cluster, or in two"
grep -v '^b' clusters.tsv > missing.tsv
expect_exit 1 "$(error "missing.tsv: label 'b' is in no cluster")" \
  xmr-index clusters missing.tsv --labels labels.txt -o bad.npz
printf 'a\ttools/old\n' | cat clusters.tsv - > twice.tsv
expect_exit 1 "$(error "twice.tsv:6: label 'a' is in a cluster already, by line 2")" \
  xmr-index clusters twice.tsv --labels labels.txt -o bad.npz
printf 'x\ttools/old\n' | cat clusters.tsv - > other.tsv
expect_exit 1 "$(error "other.tsv:6: no label has the key 'x'")" \
  xmr-index clusters other.tsv --labels labels.txt -o bad.npz
printf 'a\ttools\n' | cat clusters.tsv - > depth.tsv
expect_exit 1 "$(error 'depth.tsv:6: a path of 1 clusters, allowed are 2')" \
  xmr-index clusters depth.tsv --labels labels.txt -o bad.npz
expect_exit 1 "$(error 'tree.npz: is a label-tree, not a matrix
hint: xmr-featurize apply makes matrices')" xmr-index clusters tree.npz -o bad.npz
expect_exit 1 "$(error "clusters.tsv:1: 'c' is not a label id; keys need --labels")" \
  xmr-index clusters clusters.tsv -o bad.npz
sed 's/^0 3:1$/0/' matrix.txt > gap.txt
expect_ok xmr-featurize import -x G.npz -y unused.npz gap.txt
expect_exit 1 "$(error 'G.npz: label 3 is in no cluster')" xmr-index clusters G.npz -o bad.npz
sed 's/^0 3:1$/0 3:1 4:1/' matrix.txt > two.txt
expect_ok xmr-featurize import -x D.npz -y unused.npz two.txt
expect_exit 1 "$(error 'D.npz: label 3 has two parents, 3 and 4; in a tree it has one')" \
  xmr-index clusters D.npz -o bad.npz
expect_exit 1 "$(error 'C.npz: 6 parents, but the level above has 12 nodes')" xmr-index clusters C.npz C.npz -o bad.npz
echo '{"len": 4}' > pecos/config.json
expect_exit 1 "$(error 'pecos/C3.npz: cannot open: No such file or directory')" xmr-index clusters pecos -o bad.npz
expect_exit 1 "$(error 'labels.txt: 5 labels, but C.npz has 12')" \
  xmr-index clusters C.npz --labels labels.txt -o bad.npz

it "refuses options of learning"
for option in -x --method --max-leaf; do
  expect_exit 2 "$(error "unknown option '$option'")
hint: xmr-index clusters --help lists the options" xmr-index clusters C.npz $option 5 -o bad.npz
done
expect_exit 2 "$(error '--x is required')
hint: xmr-index --help lists the options" xmr-index -y Y.npz -o bad.npz
[ ! -e bad.npz ] || fail "bad.npz was written"
