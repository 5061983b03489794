#!/bin/bash
# xmr-train: the model it makes, and what it refuses.
. "$(dirname "$0")/lib.sh"

labels=$data/debian-tags/labels.txt
xmr-featurize fit --word 1 --min-df 2 -o vec.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -f vec.npz --labels "$labels" -x X.npz -y Y.npz "$data/debian-tags/train.tsv"
xmr-index -x X.npz -y Y.npz --max-leaf 20 -o tree.npz

# train [OPTION...]: with the files above.
train() {
  xmr-train -q -x X.npz -y Y.npz -t tree.npz "$@"
}

it "writes the same bytes for any number of threads"
expect_ok train -j 1 -o model.npz --stats stats.json
expect_stdout ''
for threads in 2 7; do
  expect_ok train -j $threads -o "model$threads.npz"
  expect_same model.npz "model$threads.npz"
done
[ "$(figure labels)" = 351 ] || fail "labels: $(figure labels)"
[ "$(figure weights)" -gt 1000 ] || fail "weights: $(figure weights)"

it "makes another model for every option that learning depends on"
for option in '-s 1' '--loss hinge' '--cost 2' '--cost-positive 4' '--cost-negative 0.5' '--bias 0' '--eps 1' \
  '--max-iterations 3' '--threshold 0.3' '--top-weights 5' '--post-processor sigmoid' '--beam 20' '--ties position' \
  '--negatives tfn+man' '--relevance induce' '--relevance last --relevance-norm l1' '--preset pecos' '-f vec.npz' "--labels $labels"; do
  expect_ok train -o other.npz $option
  ! cmp -s model.npz other.npz || fail "the same model with $option"
done

it "takes negatives for each level, the same for any number of threads"
for threads in 1 7; do
  expect_ok train -j $threads --negatives tfn+man -o "man$threads.npz"
done
expect_same man1.npz man7.npz
expect_exit 2 'xmr-train: error: --negatives: 3 values, but the tree has 1 levels below the first' \
  train --negatives tfn,tfn,tfn+man -o bad.npz
expect_exit 2 "xmr-train: error: --negatives: 'tfn+' is not tfn, man, a file, or some of these joined by +" \
  train --negatives tfn+ -o bad.npz
expect_exit 2 'xmr-train: error: --negatives: a.npz and b.npz are two files, but one file is for all levels' \
  train --negatives a.npz,b.npz -o bad.npz
expect_ok train --negatives man -o other.npz
! cmp -s man1.npz other.npz || fail "man is the same as tfn+man"
rm man1.npz man7.npz

it "takes negatives from a file, of labels or of the nodes above them"
/usr/bin/python3 - <<'PY'
import numpy, scipy.sparse
rows, labels = scipy.sparse.load_npz("Y.npz").shape
nodes = len(numpy.load("tree.npz")["level1"]) - 1
for name, columns in (("of-labels.npz", labels), ("of-nodes.npz", nodes), ("wrong.npz", nodes + 1)):
    scipy.sparse.save_npz(name, scipy.sparse.random(rows, columns, 0.02, format="csr", random_state=1))
scipy.sparse.save_npz("few.npz", scipy.sparse.csr_matrix((rows - 1, labels)))
PY
for negatives in of-labels.npz tfn+of-labels.npz tfn+man+of-nodes.npz of-nodes.npz; do
  expect_ok train --negatives $negatives -o other.npz
  ! cmp -s model.npz other.npz || fail "the same model with $negatives"
done
nodes=$(/usr/bin/python3 -c 'import numpy; print(len(numpy.load("tree.npz")["level1"]) - 1)')
expect_exit 1 "xmr-train: error: negatives have $((nodes + 1)) columns, the tree has 351 labels and $nodes nodes above them" \
  train --negatives wrong.npz -o bad.npz
expect_exit 1 'xmr-train: error: few.npz: 1999 rows, but X.npz has 2000' train --negatives few.npz -o bad.npz
rm of-labels.npz of-nodes.npz wrong.npz few.npz
expect_exit 2 "xmr-train: error: --negatives: 'amn' is neither tfn nor man, and no such file exists" \
  train --negatives tfn+amn -o bad.npz

it "takes predictions for negatives: the same as a matrix of them"
xmr-predict -q -m model.npz -x X.npz -k 20 -o ranked.npz
/usr/bin/python3 - <<'PY'
import scipy.sparse
ranked = scipy.sparse.load_npz("ranked.npz")
ranked.data[:] = 1
ranked.sort_indices()
scipy.sparse.save_npz("matrix.npz", ranked)
PY
expect_ok train --negatives tfn+ranked.npz -o other.npz
expect_ok train --negatives tfn+matrix.npz -o again.npz
expect_same other.npz again.npz
rm ranked.npz matrix.npz again.npz

it "tells that features and labels are swapped"
expect_exit 1 'xmr-train: error: tree.npz: 351 labels, but X.npz has 5045
hint: -x takes the features, -y the labels' xmr-train -x Y.npz -y X.npz -t tree.npz -o bad.npz

it "tells what training would take, within a factor of 2 of the peak, and writes nothing"
expect_ok train -o other.npz --stats stats.json
peak=$(figure peak_memory_bytes) size=$(stat -c %s other.npz)
rm other.npz
expect_ok train -o other.npz --dry-run
[ ! -e other.npz ] || fail "a model was written"
awk -v peak="$peak" -v size="$size" '{ value[$1] = $2 }
  END { m = value["memory_bytes"] / peak; f = value["file_bytes"] / size
        exit !(NR == 3 && m > 0.5 && m < 2 && f > 0.5 && f < 2 && value["seconds"] < 10) }' "$scratch/out" ||
  fail "peak $peak, model $size, told: $(tr "\n\t" "  " < "$scratch/out")"

expect_ok train -o other.npz --dry-run --memory 1M
awk -v most="$((1048576 + $(stat -c %s X.npz) + $(stat -c %s Y.npz)))" '
  $1 == "memory_bytes" { exit !($2 > 1048576 / 2 && $2 < 1.05 * most) }' "$scratch/out" ||
  fail "with a limit of 1 MiB, told: $(head -1 "$scratch/out")"

it "warns if the disk lacks room"
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -o /proc/model.npz --dry-run
grep -q '^xmr-train: warning: /proc/model.npz: needs about [0-9]* MB, but the disk has 0 MB left$' "$scratch/err" ||
  fail "$(cat "$scratch/err")"

it "tells what it needs where memory is limited"
printf '0 19999999:1\n1 5:1\n' | xmr-featurize import -q -x wide.X.npz -y wide.Y.npz -
expect_ok xmr-index -q -x wide.X.npz -y wide.Y.npz --method random -o wide.tree.npz
expect_exit 1 'xmr-train: error: not enough memory: about 1229 MiB are needed, 300 MiB are allowed (ulimit -v)' \
  bash -c 'ulimit -v 307200; exec xmr-train -q -j 1 -x wide.X.npz -y wide.Y.npz -t wide.tree.npz -o bad.npz'
rm wide.*

it "takes costs, threshold and number of weights for each level"
for option in "--cost 1,2" "--cost-positive 2,1" "--cost-negative 1,0.5" "--threshold 0.1,0.2" \
  "--threshold-negative 0.1,0.2" "--top-weights 0,5"; do
  expect_ok train $option -o other.npz
  ! cmp -s model.npz other.npz || fail "the same model with $option"
  expect_exit 2 "xmr-train: error: ${option%% *}: 3 values, but the tree has 2 levels" train $option,1 -o bad.npz
done
expect_ok train --cost 1,1 --threshold 0.1 --threshold-negative 0.15,0.08 --negatives tfn -o other.npz
/usr/bin/python3 - <<'PY' || fail "one value is not the same as that value for each level"
import numpy
one, each = numpy.load("model.npz"), numpy.load("other.npz")
assert all((one[name] == each[name]).all() for name in one.files if name.endswith("chunks"))
PY
for options in "--loss logistic" "--preset pecos"; do
  expect_ok train $options -o other.npz
  expect_ok train $options --threshold-negative 0.1 -o same.npz
  expect_same other.npz same.npz
done
rm same.npz
expect_exit 2 "xmr-train: error: --threshold: -1 is outside 0..1000000
hint: xmr-train --help lists the options" train --threshold 0.1,-1 -o bad.npz

it "learns labels without rows from a row of their own: their text, or a matrix"
/usr/bin/python3 - <<'PY'
import numpy, scipy.sparse
y = scipy.sparse.load_npz("Y.npz").tolil()
y[:, 5] = 0
scipy.sparse.save_npz("cold.npz", y.tocsr())
PY
cold() { xmr-train -q -x X.npz -y cold.npz -t tree.npz -f vec.npz --labels "$labels" "$@"; }
expect_ok cold --label-rows "$labels" -o other.npz --stats stats.json
[ "$(figure labels_without_rows)" = 0 ] || fail "labels without rows: $(figure labels_without_rows)"
[ "$(figure label_rows)" = 347 ] || fail "label rows: $(figure label_rows)"
sed -n 6p "$labels" | cut -f 2 > text
expect_ok sh -c "xmr-predict -m other.npz -k 3 text | cut -f 4 | grep -xF '$(sed -n 6p "$labels" | cut -f 1)'"
cut -f 2 "$labels" > texts.txt
xmr-featurize apply -q -f vec.npz --columns text -x Z.npz texts.txt
expect_ok cold --label-rows Z.npz -o same.npz
expect_same other.npz same.npz
expect_ok cold --label-rows <(cat Z.npz) -o same.npz
expect_same other.npz same.npz
expect_exit 2 "xmr-train: error: --label-rows $labels: texts need -f, the vectorizer that made X" \
  train --label-rows "$labels" -o bad.npz
expect_exit 1 'xmr-train: error: X.npz: 2000 rows, but Y.npz has 351 labels' train --label-rows X.npz -o bad.npz
expect_exit 2 "xmr-train: error: unknown option '--label-rows'
hint: did you mean --labels?" \
  xmr-train bm25 -x X.npz -y Y.npz --label-rows Z.npz -o bad.npz
rm cold.npz same.npz Z.npz text texts.txt

it "keeps fewer weights with a larger threshold, and at most so many of a ranker"
before=$(figure weights)
expect_ok train --threshold 0.3 -o other.npz --stats stats.json
[ "$(figure weights)" -lt "$before" ] || fail "weights: $before, then $(figure weights)"
expect_ok train --top-weights 5 -o other.npz --stats stats.json
[ "$(figure weights)" -le $((5 * $(figure rankers))) ] || fail "weights: $(figure weights)"

it "makes a model that takes text and answers with keys, or rows and ids"
expect_ok train -f vec.npz --labels "$labels" -o model.npz
expect_ok sh -c 'echo "a game for two players" | xmr-predict -m model.npz -k 3 | cut -f 4 | grep -x "role::program"'
expect_ok train -o model.npz
[ "$(xmr-predict -m model.npz -x X.npz -k 1 | head -1 | cut -f 4 | tr -d 0-9)" = "" ] || fail "no id"

it "reads from a pipe and writes to one"
expect_ok sh -c 'cat X.npz | xmr-train -q -x - -y Y.npz -t tree.npz -o - | cat > piped.npz'
expect_same model.npz piped.npz
expect_ok train -o /dev/null

it "says how many labels have no row, and how many rankers did not converge"
printf '0\tred bus\n2\told car\n0,2\tred car\n\tblue bus\n' > few.tsv
printf 'a\nb\nc\n' > few.txt
xmr-featurize fit --word 1 -o few-vec.npz few.tsv
xmr-featurize apply -f few-vec.npz --labels few.txt -x few-X.npz -y few-Y.npz few.tsv
xmr-index -q -x few-X.npz -y few-Y.npz -o few-tree.npz
expect_exit 0 'xmr-train: warning: 1 of 3 labels have no row and rank behind all others' \
  xmr-train -x few-X.npz -y few-Y.npz -t few-tree.npz -f few-vec.npz --labels few.txt -o few.npz
expect_ok sh -c 'echo red bus | xmr-predict -m few.npz | cut -f 4'
expect_stdout 'a
c
b'
expect_exit 0 'xmr-train: warning: 1 of 3 labels have no row and rank behind all others
xmr-train: warning: 2 of 3 rankers stopped at --max-iterations 1 before --eps 0.1 was reached' \
  xmr-train -x few-X.npz -y few-Y.npz -t few-tree.npz --max-iterations 1 -o few.npz

rm -f model*.npz other.npz piped.npz few.npz stats.json
files=$(ls)

it "refuses files that do not fit each other"
expect_exit 1 'xmr-train: error: few-X.npz: 4 rows, but Y.npz has 2000
hint: both must come from the same corpus' xmr-train -x few-X.npz -y Y.npz -t tree.npz -o model.npz
expect_exit 1 'xmr-train: error: few-tree.npz: 3 labels, but Y.npz has 351' \
  xmr-train -x X.npz -y Y.npz -t few-tree.npz -o model.npz
expect_exit 1 'xmr-train: error: few-vec.npz: 5 features, but X.npz has 5045
hint: xmr-featurize apply makes X with it' train -f few-vec.npz -o model.npz
expect_exit 1 'xmr-train: error: few.txt: 3 labels, but tree.npz has 351' train --labels few.txt -o model.npz

it "refuses a vectorizer that did not make X, though it has as many features"
printf '\tred bus\n\told van\n\tblue bus\n' > other.tsv
xmr-featurize fit --word 1 -o other.npz other.tsv
expect_exit 1 'xmr-train: error: few-X.npz: was not made with other.npz
hint: run xmr-featurize apply again' xmr-train -x few-X.npz -y few-Y.npz -t few-tree.npz -f other.npz -o model.npz
rm other*

it "refuses a set without labels"
printf '\tred bus\n\told car\n' > none.tsv
xmr-featurize apply -f few-vec.npz --labels few.txt -x none-X.npz -y none-Y.npz none.tsv
expect_exit 1 'xmr-train: error: none-Y.npz: no row has a label' \
  xmr-train -x none-X.npz -y none-Y.npz -t few-tree.npz -o model.npz
rm none*

it "refuses files of another kind, and missing ones"
expect_exit 1 'xmr-train: error: X.npz: is a matrix, not a label-tree
hint: xmr-index makes a label tree' xmr-train -x X.npz -y Y.npz -t X.npz -o model.npz
expect_exit 1 'xmr-train: error: none.npz: cannot open: No such file or directory' xmr-train -x none.npz -y Y.npz -t tree.npz -o model.npz
expect_exit 1 'xmr-train: error: none/model.npz: cannot create: No such file or directory' train -o none/model.npz

it "refuses wrong use"
expect_exit 2 'xmr-train: error: --relevance-norm: needs --relevance induce or last' train --relevance-norm l1 -o model.npz
expect_exit 2 "xmr-train: error: post-processor: 'l9-hinge' is not one of l1-hinge, l2-hinge, l3-hinge, l4-hinge, log-l1-hinge, \
log-l2-hinge, log-l3-hinge, log-l4-hinge, sigmoid, log-sigmoid, noop" train --post-processor l9-hinge -o model.npz
expect_exit 2 'xmr-train: error: -: given 2 times, but stdin can be used once' xmr-train -x - -y - -t tree.npz -o model.npz
expect_exit 2 'xmr-train: error: --cost: 0 is outside 1e-06..1000000
hint: xmr-train --help lists the options' train --cost 0 -o model.npz
expect_exit 2 "xmr-train: error: --threshold: nan is outside 0..1000000
hint: xmr-train --help lists the options" train --threshold nan -o model.npz
expect_exit 2 "xmr-train: error: --eps: 0 is outside 1e-06..10
hint: xmr-train --help lists the options" train --eps 0 -o model.npz
losses=$(sed -n 's/.*\[\(squared-hinge|[a-z|-]*\);.*/\1/p' "$root/docs/xmr-train.md")
expect_exit 2 "xmr-train: error: --loss: 'squared' is not one of $losses (did you mean squared-hinge?)
hint: xmr-train --help lists the options" train --loss squared -o model.npz

it "leaves nothing behind"
expect_files $files
