#!/bin/bash
# Files in both directions between the tools and NumPy and SciPy.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
if ! $python -c 'import numpy, scipy.sparse' 2> "$scratch/err"; then
  echo "scipy: skipped, $python has no numpy or scipy"
  exit 77
fi

head -n 300 "$data/debian-tags/train.tsv" > train.tsv
xmr-featurize fit --word 1 -o vec.npz train.tsv
xmr-featurize apply -f vec.npz --labels "$data/debian-tags/labels.txt" -x X.npz -y Y.npz train.tsv
xmr-index -x X.npz -y Y.npz -o tree.npz
xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz -o model.npz 2> "$scratch/err"
xmr-predict -m model.npz -x X.npz -k 5 -o P.npz

it "writes what SciPy and NumPy read"
expect_ok $python - <<'END'
import json
import numpy, scipy.sparse
for name in "X.npz", "Y.npz", "P.npz":
    matrix = scipy.sparse.load_npz(name)
    assert matrix.shape[0] == 300 and matrix.nnz > 300 and numpy.isfinite(matrix.data).all(), name
for name, kind in ("vec.npz", "vectorizer"), ("tree.npz", "label-tree"), ("model.npz", "model"):
    archive = numpy.load(name)
    assert json.loads(archive["meta.json"])["kind"] == kind
    for member in archive.files:
        assert archive[member] is not None
assert sorted(numpy.load("tree.npz")["labels"]) == list(range(351))
END

it "reads every way in which SciPy and NumPy write the same matrix"
expect_ok $python - <<'END'
import numpy, scipy.sparse
X = scipy.sparse.load_npz("X.npz").tocsr()
scipy.sparse.save_npz("csr.npz", X, compressed=False)
scipy.sparse.save_npz("deflated.npz", X, compressed=True)
scipy.sparse.save_npz("csc.npz", X.tocsc())
wide = X.astype(numpy.float64)
wide.indices, wide.indptr = wide.indices.astype(numpy.int64), wide.indptr.astype(numpy.int64)
scipy.sparse.save_npz("wide.npz", wide)
# Every row backwards, each value in two halves, and an explicit zero.
rows = [X.getrow(i) for i in range(X.shape[0])]
indices = numpy.concatenate([numpy.repeat(r.indices[::-1], 2) for r in rows] + [[0]])
data = numpy.concatenate([numpy.repeat(r.data[::-1] / 2, 2) for r in rows] + [[0]]).astype(numpy.float32)
indptr = X.indptr * 2
indptr[-1] += 1
scipy.sparse.save_npz("untidy.npz", scipy.sparse.csr_matrix((data, indices, indptr), shape=X.shape))
numpy.save("dense.npy", X.toarray())
numpy.save("columns.npy", numpy.asfortranarray(X.toarray()))
END
for matrix in csr.npz deflated.npz csc.npz wide.npz untidy.npz dense.npy columns.npy; do
  xmr-predict -m model.npz -x $matrix -k 5 -o "$matrix.tsv"
  xmr-index -x $matrix -y Y.npz -o "$matrix.tree"
done
xmr-predict -m model.npz -x X.npz -k 5 -o X.tsv
for matrix in csr.npz deflated.npz csc.npz wide.npz untidy.npz dense.npy columns.npy; do
  expect_same X.tsv $matrix.tsv
  expect_same tree.npz $matrix.tree
done

it "refuses what is no matrix of numbers by rows and columns"
$python - <<'END'
import numpy, scipy.sparse
X = scipy.sparse.load_npz("X.npz")
numpy.savez("lost.npz", data=X.data, indices=X.indices, shape=X.shape)
numpy.save("vector.npy", numpy.zeros(3))
numpy.save("text.npy", numpy.array([["a", "b"]]))
X.data[2] = numpy.nan
scipy.sparse.save_npz("nan.npz", X)
END
expect_exit 1 "xmr-index: error: lost.npz: holds no matrix: member indptr is missing; it has data, indices, shape
hint: in Python: scipy.sparse.save_npz('X.npz', matrix), or numpy.save('X.npy', array) of a dense one" xmr-index -x lost.npz -y Y.npz -o t.npz
first_line() { "$@" 2>&1 | head -1; }
[ "$(first_line xmr-index -x vector.npy -y Y.npz -o t.npz)" = 'xmr-index: error: vector.npy: has 1 dimensions; a matrix has 2' ] ||
  fail "$(first_line xmr-index -x vector.npy -y Y.npz -o t.npz)"
expect_exit 1 'xmr-index: error: text.npy: is text; numbers are expected' xmr-index -x text.npy -y Y.npz -o t.npz
[ "$(first_line xmr-index -x nan.npz -y Y.npz -o t.npz)" = \
  'xmr-index: error: nan.npz: member data: item 2: nan is not a finite number' ] ||
  fail "$(first_line xmr-index -x nan.npz -y Y.npz -o t.npz)"

it "puts dense features beside sparse ones, and asks for the same again"
$python - <<'END'
import numpy, scipy.sparse, scipy.sparse.linalg
X = scipy.sparse.load_npz("X.npz")
left, sizes, _ = scipy.sparse.linalg.svds(X, k=20, v0=numpy.ones(300))
numpy.save("E.npy", (left * sizes).astype(numpy.float32))
END
both="-x X.npz -x E.npy --x-norms none,l2 --x-weights 1,0.5"
expect_ok xmr-index $both -y Y.npz -o both-tree.npz
expect_ok xmr-train $both -y Y.npz -t both-tree.npz -o both.npz
expect_ok xmr-predict -m both.npz -x X.npz -x E.npy -o both.tsv
expect_ok xmr-train plan $both -y Y.npz -t both-tree.npz --parts 1 -o plan.npz
expect_ok xmr-train part --plan plan.npz -x X.npz -x E.npy -y Y.npz -t both-tree.npz --part 0 -o part.npz
expect_ok xmr-train merge --plan plan.npz -t both-tree.npz -o merged.npz part.npz
expect_same both.npz merged.npz
$python - <<'END'
import numpy, scipy.sparse
X, E = scipy.sparse.load_npz("X.npz"), numpy.load("E.npy").astype(numpy.float64)
E /= numpy.linalg.norm(E, axis=1, keepdims=True)
scipy.sparse.save_npz("stacked.npz", scipy.sparse.hstack([X, 0.5 * E]).tocsr())
END
expect_ok xmr-train -x stacked.npz --x-norms none -y Y.npz -t both-tree.npz -o stacked-model.npz
expect_ok xmr-predict -m stacked-model.npz -x stacked.npz -o stacked.tsv
expect_ok $python - <<'END'
import numpy
both, stacked = (numpy.loadtxt(name) for name in ("both.tsv", "stacked.tsv"))
assert (both[:, 3] == stacked[:, 3]).mean() > 0.99 and abs(both[:, 2] - stacked[:, 2]).max() < 1e-3
END
expect_ok xmr-predict -m both.npz -m model.npz -x X.npz -x E.npy -x X.npz -o P.npz
expect_exit 1 "xmr-predict: error: E.npy: is dense and not sparse, matrix 1 of both.npz
hint: give the matrices in the order of training" xmr-predict -m both.npz -x E.npy -x X.npz
expect_exit 2 "xmr-predict: error: 1 matrices of features, both.npz was trained on 2
hint: each has its -x, in the order of training" xmr-predict -m both.npz -x X.npz
expect_exit 2 'xmr-train: error: -f: there are 2 matrices of features, but a text makes one' \
  xmr-train $both -y Y.npz -t both-tree.npz -f vec.npz -o t.npz
expect_exit 2 'xmr-train: error: 3 weights for 2 matrices, one or as many are needed' \
  xmr-train -x X.npz -x E.npy --x-weights 1,2,3 -y Y.npz -t both-tree.npz -o t.npz

it "writes svmlight and XMC text from which the same matrices come back"
xmr-inspect convert X.npz Y.npz --format svmlight -o train.svm
xmr-inspect convert X.npz Y.npz -o train.xmc
expect_ok xmr-featurize import --format svmlight -x X-svmlight.npz -y Y-svmlight.npz train.svm
expect_ok xmr-featurize import -x X-xmc.npz -y Y-xmc.npz train.xmc
expect_ok $python - <<'END_OF_PROGRAM'
import scipy.sparse
X, Y = (scipy.sparse.load_npz(name) for name in ("X.npz", "Y.npz"))
for form in "svmlight", "xmc":
    x, y = (scipy.sparse.load_npz(f"{name}-{form}.npz") for name in "XY")
    assert abs(x - X[:, :x.shape[1]]).nnz == 0 and abs(y - Y[:, :y.shape[1]]).nnz == 0, form
END_OF_PROGRAM

it "writes a model for PECOS whose scores SciPy computes, label by label"
expect_ok xmr-inspect export-pecos model.npz -o pecos
expect_ok xmr-predict -m model.npz -x X.npz --exact -o exact.npz
expect_ok $python - <<'END_OF_PROGRAM'
import json, numpy, scipy.sparse
X = scipy.sparse.load_npz("X.npz")
scores = numpy.ones((X.shape[0], 1))
for level in range(json.load(open("pecos/ranker/param.json"))["depth"]):
    folder = f"pecos/ranker/{level}.model/"
    W, C = scipy.sparse.load_npz(folder + "W.npz"), scipy.sparse.load_npz(folder + "C.npz")
    bias = json.load(open(folder + "param.json"))["bias"]
    margins = (X @ W[:-1]).toarray() + bias * W[-1].toarray()
    scores = numpy.exp(-numpy.maximum(0, 1 - margins) ** 3) * (C @ scores.T).T
exact = scipy.sparse.load_npz("exact.npz")
best = exact.data[exact.indptr[:-1]]
assert abs(best - scores.max(axis=1)).max() < 1e-5
assert abs(exact - exact.sign().multiply(scores)).max() < 1e-5
END_OF_PROGRAM

it "reads the model back from PECOS's folder with the same answers"
expect_ok xmr-inspect import-pecos pecos -o back.npz
expect_ok xmr-predict -m model.npz -x X.npz -k 5 -o ours.npz
expect_ok xmr-predict -m back.npz -x X.npz --ties margin -k 5 -o theirs.npz
# The scale of 8-bit weights multiplies the sum in one and each weight in the other.
expect_ok $python - <<'END_OF_PROGRAM'
import scipy.sparse
ours, theirs = (scipy.sparse.load_npz(name) for name in ("ours.npz", "theirs.npz"))
assert (ours.indices == theirs.indices).all() and abs(ours.data - theirs.data).max() < 1e-6
END_OF_PROGRAM
