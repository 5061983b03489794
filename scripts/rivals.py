#!/usr/bin/python3
"""What Debian offers instead, on one set: fastText and LIBLINEAR, one label against the rest, beside XR-Linear.

    scripts/rivals.py SET [FOLDER] [--word 1-2] [--most-labels 1000]

SET holds train.tsv and test.tsv (`ids<TAB>text`) and labels.txt; FOLDER, a temporary one by default, takes what is made. The xmr
tools are taken from PATH. XR-Linear (one tree and three) and LIBLINEAR (C 1, squared hinge, dual, liblinear.so called through
ctypes; left out on sets of more labels than --most-labels, where it takes hours) read the same features. fastText reads
lower-cased words and bigrams, hierarchical softmax, 25 epochs at rate 0.5. Prints seconds, then the metrics with the differences
to one tree, by paired bootstrap."""
import argparse
import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import scipy.sparse

parser = argparse.ArgumentParser()
parser.add_argument("set", type=pathlib.Path)
parser.add_argument("folder", nargs="?", type=pathlib.Path)
parser.add_argument("--word", default="1-2")
parser.add_argument("--most-labels", type=int, default=1000)
options = parser.parse_args()
source = options.set.resolve()
folder = options.folder or pathlib.Path(tempfile.mkdtemp())
folder.mkdir(parents=True, exist_ok=True)
os.chdir(folder)
K = 10


def run(command, **more):
    subprocess.run(command.split(), check=True, **more)


def timed(what, action):
    start = time.perf_counter()
    result = action()
    print(f"{what}\t{time.perf_counter() - start:.1f} s", flush=True)
    return result


def write_ranked(path, rows):
    """rows: of each test row its labels and scores, best first."""
    with open(path, "w", encoding="utf-8") as out:
        for row, ranked in enumerate(rows):
            for rank, (label, score) in enumerate(ranked, 1):
                out.write(f"{row}\t{rank}\t{score!r}\t{label}\n")


def xr_linear():
    def tree(seed):
        run(f"xmr-index -q -x X.npz -y Y.npz -s {seed} -o tree.npz")
        run(f"xmr-train -q -x X.npz -y Y.npz -t tree.npz -s {seed} -o model{seed}.npz")

    timed("XR-Linear, one tree", lambda: tree(0))
    timed("XR-Linear, two more trees", lambda: (tree(1), tree(2)))
    run(f"xmr-predict -q -m model0.npz -x XT.npz -k {K} -o one-tree.npz")
    run(f"xmr-predict -q -m model0.npz -m model1.npz -m model2.npz --combine average -x XT.npz -k {K} -o three-trees.npz")


def fasttext():
    for name in ("train", "test"):
        with open(source / f"{name}.tsv", encoding="utf-8") as lines, open(f"{name}.txt", "w", encoding="utf-8") as out:
            for line in lines:
                ids, text = line.rstrip("\n").split("\t", 1)
                marks = " ".join("__label__" + i for i in ids.split(",") if i) if name == "train" else ""
                out.write(f"{marks} {text.lower()}\n")
    command = "fasttext supervised -input train.txt -output fasttext -epoch 25 -lr 0.5 -wordNgrams 2 -loss hs -thread 2 -verbose 0"
    timed("fastText", lambda: run(command))
    answers = subprocess.run(f"fasttext predict-prob fasttext.bin test.txt {K}".split(), check=True, capture_output=True,
                             text=True).stdout
    rows = []
    for line in answers.split("\n")[:-1]:
        words = line.split()
        rows.append([(words[i].removeprefix("__label__"), float(words[i + 1])) for i in range(0, len(words), 2)])
    write_ranked("fasttext.tsv", rows)


class Node(ctypes.Structure):
    _fields_ = [("index", ctypes.c_int), ("value", ctypes.c_double)]


class Problem(ctypes.Structure):
    _fields_ = [("l", ctypes.c_int), ("n", ctypes.c_int), ("y", ctypes.POINTER(ctypes.c_double)),
                ("x", ctypes.POINTER(ctypes.c_void_p)), ("bias", ctypes.c_double)]


class Parameter(ctypes.Structure):  # of LIBLINEAR 2.3
    _fields_ = [("solver_type", ctypes.c_int), ("eps", ctypes.c_double), ("C", ctypes.c_double),
                ("nr_weight", ctypes.c_int), ("weight_label", ctypes.c_void_p), ("weight", ctypes.c_void_p),
                ("p", ctypes.c_double), ("init_sol", ctypes.c_void_p)]


class Model(ctypes.Structure):
    _fields_ = [("param", Parameter), ("nr_class", ctypes.c_int), ("nr_feature", ctypes.c_int),
                ("w", ctypes.POINTER(ctypes.c_double)), ("label", ctypes.POINTER(ctypes.c_int)), ("bias", ctypes.c_double)]


def with_bias(matrix):
    return scipy.sparse.hstack([matrix, numpy.ones((matrix.shape[0], 1))]).tocsr()


def liblinear(x, y, x_test):
    library = ctypes.CDLL("liblinear.so.4")
    library.train.restype = ctypes.POINTER(Model)
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: None)
    library.set_print_string_function(quiet)
    x = with_bias(x)
    ends = numpy.cumsum(numpy.diff(x.indptr) + 1)  # each row ends with the index -1
    nodes = numpy.zeros(int(ends[-1]), dtype=[("index", "i4"), ("pad", "i4"), ("value", "f8")])
    nodes["index"] = -1
    places = numpy.arange(x.nnz) + numpy.repeat(numpy.arange(x.shape[0]), numpy.diff(x.indptr))
    nodes["index"][places], nodes["value"][places] = x.indices + 1, x.data
    starts = (nodes.ctypes.data + 16 * numpy.concatenate([[0], ends[:-1]])).astype("u8")
    truth = numpy.zeros(x.shape[0])
    problem = Problem(x.shape[0], x.shape[1], truth.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
                      starts.ctypes.data_as(ctypes.POINTER(ctypes.c_void_p)), -1)
    parameter = Parameter(1, 0.1, 1.0, 0, None, None, 0.1, None)  # L2R_L2LOSS_SVC_DUAL
    x_test = with_bias(x_test)
    scores = numpy.full((x_test.shape[0], y.shape[1]), -numpy.inf, dtype="f4")

    def train():
        by_label = y.tocsc()
        for label in range(y.shape[1]):
            positive = by_label.indices[by_label.indptr[label]:by_label.indptr[label + 1]]
            if len(positive) in (0, x.shape[0]):
                continue
            truth[:] = -1
            truth[positive] = 1
            model = library.train(ctypes.byref(problem), ctypes.byref(parameter))
            weights = numpy.ctypeslib.as_array(model.contents.w, (x.shape[1],)) * model.contents.label[0]
            scores[:, label] = x_test @ weights
            library.free_and_destroy_model(ctypes.byref(model))

    timed("LIBLINEAR", train)
    best = numpy.argsort(-scores, axis=1, kind="stable")[:, :K]
    write_ranked("liblinear.tsv", [[(label, float(scores[row, label])) for label in best[row]] for row in range(len(best))])


run(f"xmr-featurize fit -q --word {options.word} -o vec.npz {source}/train.tsv")
run(f"xmr-featurize apply -q -f vec.npz --labels {source}/labels.txt -x X.npz -y Y.npz {source}/train.tsv")
run(f"xmr-featurize apply -q -f vec.npz --labels {source}/labels.txt -x XT.npz -y YT.npz {source}/test.tsv")
xr_linear()
fasttext()
systems = ["one-tree.npz", "three-trees.npz", "fasttext.tsv"]
truth = scipy.sparse.load_npz("Y.npz")
if truth.shape[1] <= options.most_labels:
    liblinear(scipy.sparse.load_npz("X.npz"), truth, scipy.sparse.load_npz("XT.npz"))
    systems.append("liblinear.tsv")
sys.stdout.flush()
run("xmr-eval -q -y YT.npz " + " ".join(systems) + " --metrics p@1,3,5 r@10 mrr@10 --compare")
