#!/bin/bash
# xmr-index: the tree it makes, and what it refuses.
. "$(dirname "$0")/lib.sh"

# instances NAME [OPTION...]: NAME.X.npz and NAME.Y.npz from lines of label ids and text on stdin.
instances() {
  local name=$1
  shift
  xmr-featurize apply -f "$scratch/vec.npz" -x "$name.X.npz" -y "$name.Y.npz" "$@" -
}

# nodes STATS: the nodes of each level, as xmr-index recorded them.
nodes() {
  tr -d ' \n' < "$1" | sed 's/.*"nodes":\[\([0-9,]*\)\].*/\1/'
}

xmr-featurize fit --unspaced whole --word 1 -o "$scratch/vec.npz" "$data/debian-search/train.tsv"
xmr-featurize apply -f "$scratch/vec.npz" --labels "$data/debian-search/labels.txt" -x X.npz -y Y.npz "$data/debian-search/train.tsv"

it "writes the same bytes for any number of threads"
expect_ok xmr-index -x X.npz -y Y.npz --labels "$data/debian-search/labels.txt" -j 1 -o tree.npz --stats stats.json
expect_stdout ''
[ "$(nodes stats.json)" = 82,4986 ] || fail "nodes: $(nodes stats.json)"
for threads in 2 7; do
  expect_ok xmr-index -x X.npz -y Y.npz -j $threads -o "tree$threads.npz"
  expect_same tree.npz "tree$threads.npz"
done

it "makes another tree for another seed, method, norm or size of embedding"
for option in '-s 1' '--method random' '--method balanced' '--y-norm l1' '--embedding-size 0' '--rounds 1' '--preset pecos' '--max-leaf 20'; do
  expect_ok xmr-index -x X.npz -y Y.npz -o other.npz $option
  ! cmp -s tree.npz other.npz || fail "the same tree with $option"
done

it "makes the first level by a sample of the labels: the same bytes for any number of threads"
expect_ok xmr-index -x X.npz -y Y.npz --sample-labels 500 -j 1 -o other.npz --stats stats.json
! cmp -s tree.npz other.npz || fail "the same tree by a sample"
grep -q '"embedding_nnz": 380634' stats.json || fail "$(cat stats.json)"
for threads in 2 7; do
  expect_ok xmr-index -x X.npz -y Y.npz --sample-labels 500 -j $threads -o "tree$threads.npz"
  expect_same other.npz "tree$threads.npz"
done
expect_ok xmr-index -x X.npz -y Y.npz --sample-labels 501 -o tree2.npz
! cmp -s tree2.npz other.npz || fail "the same tree by another sample"
expect_ok xmr-index -x X.npz -y Y.npz --sample-labels 4986 -o other.npz
expect_same tree.npz other.npz

it "places labels by a row of their own as by any other instance"
cut -f 2 "$data/debian-search/labels.txt" > texts.txt
xmr-featurize apply -f "$scratch/vec.npz" --columns text -x Z.npz texts.txt
expect_ok xmr-index -x X.npz -y Y.npz --label-rows Z.npz -o other.npz
/usr/bin/python3 - <<'PY'
import scipy.sparse as sp
x, y, z = (sp.load_npz(name) for name in ("X.npz", "Y.npz", "Z.npz"))
some = z.getnnz(1) > 0
sp.save_npz("X2.npz", sp.vstack([x, z[some]]).tocsr())
sp.save_npz("Y2.npz", sp.vstack([y, sp.identity(y.shape[1], dtype="f", format="csr")[some]]).tocsr())
PY
expect_ok xmr-index -x X2.npz -y Y2.npz -o same.npz
/usr/bin/python3 - <<'PY' || fail "not the tree of the instances put together"
import numpy
a, b = numpy.load("other.npz"), numpy.load("same.npz")
assert all((a[name] == b[name]).all() for name in a.files if name != "meta.json")
PY
expect_exit 1 'xmr-index: error: Y.npz: 51781 rows, but Y.npz has 4986 labels' xmr-index -x X.npz -y Y.npz --label-rows Y.npz -o bad.npz
expect_exit 2 'xmr-index: error: --label-rows: --method random does not read them' \
  xmr-index -x X.npz -y Y.npz --label-rows Z.npz --method random -o bad.npz
rm texts.txt Z.npz X2.npz Y2.npz same.npz

it "tells what indexing would take, within a factor of 2 of the peak, and writes nothing"
expect_ok xmr-index -x X.npz -y Y.npz -o dry.npz --dry-run
[ ! -e dry.npz ] || fail "a tree was written"
peak=$(figure peak_memory_bytes)
awk -v peak="$peak" '{ value[$1] = $2 }
  END { m = value["memory_bytes"] / peak; exit !(NR == 3 && m > 0.5 && m < 2 && value["seconds"] < 10) }' "$scratch/out" ||
  fail "peak $peak, told: $(tr "\n\t" "  " < "$scratch/out")"

it "builds PECOS's form with its preset, unless told otherwise"
expect_ok xmr-index -x X.npz -y Y.npz --preset pecos -o other.npz --stats stats.json
[ "$(nodes stats.json)" = 4,64,4986 ] || fail "nodes: $(nodes stats.json)"
expect_ok xmr-index -x X.npz -y Y.npz --preset pecos --branching 8 -o other.npz --stats stats.json
[ "$(nodes stats.json)" = 8,64,4986 ] || fail "nodes: $(nodes stats.json)"

it "reads from a pipe and writes to one"
expect_ok sh -c 'cat X.npz | xmr-index -x - -y Y.npz -o - | cat > piped.npz'
expect_same tree.npz piped.npz
expect_ok xmr-index -x X.npz -y Y.npz -o /dev/null

it "writes a file that NumPy reads"
if /usr/bin/python3 -c 'import numpy' 2> /dev/null; then
  xmr-index -q -x X.npz -y Y.npz --method balanced -o balanced.npz
  expect_ok /usr/bin/python3 -c '
import numpy
for name, nodes, least, most in ("tree.npz", 82, 1, 100), ("balanced.npz", 64, 77, 78):
    tree = numpy.load(name)
    assert sorted(tree["labels"]) == list(range(4986))
    assert list(tree["level0"]) == [0, nodes] and len(tree["level1"]) == nodes + 1
    sizes = numpy.diff(tree["level1"].astype(int))
    assert least <= min(sizes) and max(sizes) <= most, sizes'
else
  echo "index: not tried with NumPy, which is missing"
fi

rm -f ./*.npz stats.json
seq 5 > labels5.txt
printf '0\techo\n' | instances one
printf '0\techo\n1\tprint\n' | instances two
printf '0\techo\n\techo\n3\tprint\n' | instances gap --labels labels5.txt

it "takes one label, two labels, and labels without rows"
for set in one two gap; do
  expect_ok xmr-index -x $set.X.npz -y $set.Y.npz -o tree.npz --stats stats.json
done
[ "$(nodes stats.json)" = 5 ] || fail "nodes: $(nodes stats.json)"
grep -q '"labels_without_embedding": 3' stats.json || fail "stats: $(cat stats.json)"

it "places labels without rows by their features"
printf '\techo\n\tprint\n\techo\n\tprint\n\techo\n' | instances features
expect_ok xmr-index -x gap.X.npz -y gap.Y.npz --label-features features.X.npz -o tree.npz --stats stats.json
grep -q '"labels_without_embedding": 0' stats.json || fail "stats: $(cat stats.json)"

it "warns when nothing is known of any label"
printf '\techo\n' | instances bare --labels labels5.txt
expect_exit 0 'xmr-index: warning: all label vectors are empty: the tree follows label ids' \
  xmr-index -x bare.X.npz -y bare.Y.npz -o tree.npz

it "refuses matrices that do not fit together"
seq 4 > labels4.txt
expect_exit 1 'xmr-index: error: two.X.npz: 2 rows, but gap.Y.npz has 3
hint: both must come from the same corpus' xmr-index -x two.X.npz -y gap.Y.npz -o none.npz
expect_exit 1 'xmr-index: error: two.X.npz: 2 rows, but gap.Y.npz has 5 labels' \
  xmr-index -x gap.X.npz -y gap.Y.npz --label-features two.X.npz -o none.npz
expect_exit 1 'xmr-index: error: labels4.txt: 4 labels, but gap.Y.npz has 5' \
  xmr-index -x gap.X.npz -y gap.Y.npz --labels labels4.txt -o none.npz

it "refuses files that are no matrices"
expect_exit 1 'xmr-index: error: absent.npz: cannot open: No such file or directory' \
  xmr-index -x absent.npz -y gap.Y.npz -o none.npz
expect_exit 1 'xmr-index: error: labels5.txt: is not a matrix: neither npz nor npy
hint: xmr-featurize fit --word 1 -o vec.npz labels5.txt && xmr-featurize apply -f vec.npz -x X.npz -y Y.npz labels5.txt' \
  xmr-index -x labels5.txt -y gap.Y.npz -o none.npz
expect_exit 1 'xmr-index: error: tree.npz: is a label-tree, not a matrix
hint: xmr-featurize apply makes matrices' xmr-index -x tree.npz -y gap.Y.npz -o none.npz

it "refuses wrong use"
index='xmr-index -x gap.X.npz -y gap.Y.npz -o none.npz'
hint='hint: xmr-index --help lists the options'
expect_exit 2 "xmr-index: error: --branching: 1 is outside 2..1024
$hint" $index --branching 1
expect_exit 2 "xmr-index: error: --max-leaf: 1 is outside 2..100000
$hint" $index --max-leaf 1
expect_exit 2 "xmr-index: error: --method: 'kmean' is not one of kmeans|balanced|trie|hybrid|must-link|random (did you mean kmeans?)
$hint" $index --method kmean
expect_exit 2 "xmr-index: error: --sample-labels: 99 is outside 100..2147483647
$hint" $index --sample-labels 99
expect_exit 2 'xmr-index: error: --sample-labels: --method hybrid does not read it' \
  $index --method hybrid --labels labels5.txt --sample-labels 100
expect_exit 2 'xmr-index: error: --sample-labels: cannot be used with --preset pecos' \
  $index --preset pecos --sample-labels 100
expect_exit 2 'xmr-index: error: --sample-labels: the tree of --init determines it' $index --init tree.npz --sample-labels 100
expect_exit 2 'xmr-index: error: -: given 2 times, but stdin can be used once' xmr-index -x - -y - -o none.npz
expect_exit 2 'xmr-index: error: --label-features: --method random does not read them' \
  $index --method random --label-features features.X.npz
for option in '--rounds 3' '--y-norm l1' '--embedding-size 9'; do
  expect_exit 2 "xmr-index: error: ${option% *}: --method random does not read it" $index --method random $option
done
for option in '--rounds 3' '--branching 3' '--max-leaf 9'; do
  expect_exit 2 "xmr-index: error: ${option% *}: --method trie does not read it" $index --method trie --labels labels5.txt $option
done

it "says at once when the output cannot be written"
expect_exit 1 'xmr-index: error: none/tree.npz: cannot create: No such file or directory' \
  xmr-index -x gap.X.npz -y gap.Y.npz -o none/tree.npz
[ ! -e none.npz ] || fail "none.npz was written"
no_leftovers

it "makes a trie of sorted keys, and k-means below it"
printf 'a\naé1\naé2\nb\n' > sorted.txt
printf '0\techo\n1\tprint\n2\techo\n3\tprint\n' | instances four
expect_ok xmr-index -x four.X.npz -y four.Y.npz --labels sorted.txt --method trie --trie-depth 2 -o tree.npz --stats stats.json
[ "$(nodes stats.json)" = 2,3,4 ] || fail "nodes: $(nodes stats.json)"
expect_ok xmr-index -x four.X.npz -y four.Y.npz --labels sorted.txt --method hybrid --max-leaf 2 -o tree.npz --stats stats.json
[ "$(nodes stats.json)" = 2,3,4 ] || fail "nodes: $(nodes stats.json)"
for threads in 1 3; do
  expect_ok xmr-index -x four.X.npz -y four.Y.npz --labels sorted.txt --method hybrid --max-leaf 2 -j $threads -o "tree$threads.npz"
  expect_same tree.npz "tree$threads.npz"
done

it "refuses a trie of keys that are not sorted, or are not there"
printf 'a\nc\nb\nd\n' > unsorted.txt
expect_exit 1 "xmr-index: error: unsorted.txt:3: 'b' stands behind 'c', but the keys of a trie increase bytewise
hint: sort labels.txt with LC_ALL=C sort before labels are numbered by it" \
  xmr-index -x four.X.npz -y four.Y.npz --labels unsorted.txt --method trie -o tree.npz
expect_exit 2 'xmr-index: error: --method hybrid: needs --labels' \
  xmr-index -x four.X.npz -y four.Y.npz --method hybrid -o tree.npz
expect_exit 2 'xmr-index: error: --trie-depth: --method kmeans makes no trie' \
  xmr-index -x four.X.npz -y four.Y.npz --trie-depth 2 -o tree.npz
expect_exit 2 "xmr-index: error: --preset pecos: cannot be used with --method trie" \
  xmr-index -x four.X.npz -y four.Y.npz --labels sorted.txt --method trie --preset pecos -o tree.npz

it "tells what it needs where memory is limited: before it begins, or when memory ends"
printf '0 19999999:1\n1 5:1\n' | xmr-featurize import -q -x wide.X.npz -y wide.Y.npz -
for mib in 100 215; do
  expect_exit 1 "xmr-index: error: not enough memory: about 390 MiB are needed, $mib MiB are allowed (ulimit -v)" \
    bash -c 'ulimit -v $(($1 * 1024)); exec xmr-index -j 1 -x wide.X.npz -y wide.Y.npz -o bad.npz' - $mib
done
no_leftovers
