"""The metrics of xmr-eval from their definitions, on random files with ties, graded and negative judgements, empty rows
and lists of any length. Prints a line for each value that xmr-eval gives otherwise.

    metrics_oracle.py SETS: makes files in the current folder, runs xmr-eval from PATH; needs NumPy and SciPy.
"""
import json
import math
import subprocess
import sys

import numpy
import scipy.sparse

K = 5
NAMES = ("p r r-cap r-prec ndcg map mrr success answered ndcg-linear ndcg-exp err psp psndcg micro-p micro-r micro-f1 "
         "coverage macro-p macro-r macro-f1").split()


def discount(place):  # from 0
    return 1 / math.log2(place + 2)


def of_row(answers, weights, top_weight, inverse):
    """The values of a row, and the best sums of psp and psndcg. weights: label to weight, judged labels only."""
    truth = {label for label, weight in weights.items() if weight > 0}
    first = answers[:K]
    hits = [label in truth for label in first]
    best = sorted((weights[label] for label in truth), reverse=True)
    n = len(truth)

    def dcg(gain):
        ideal = sum(gain(w) * discount(i) for i, w in enumerate(best[:K]))
        return sum(gain(weights[l]) * discount(i) for i, l in enumerate(first) if hits[i]) / ideal if ideal else 0

    ranks = [i + 1 for i, hit in enumerate(hits) if hit]
    left, err = 1.0, 0.0
    for i, label in enumerate(first):
        stop = (2 ** weights[label] - 1) / 2 ** top_weight if hits[i] else 0
        err += left * stop / (i + 1)
        left *= 1 - stop
    values = {
        "p": sum(hits) / K, "r": sum(hits) / max(n, 1), "r-cap": sum(hits) / max(min(K, n), 1),
        "r-prec": sum(hits[:n]) / max(n, 1), "ndcg": dcg(lambda w: 1),
        "map": sum(sum(hits[:r]) / r for r in ranks) / max(n, 1), "mrr": 1 / ranks[0] if ranks else 0,
        "success": float(bool(ranks)), "answered": float(len(answers) >= K),
        "ndcg-linear": dcg(lambda w: w), "ndcg-exp": dcg(lambda w: 2 ** w - 1), "err": err}
    costs = sorted((inverse[label] for label in truth), reverse=True)[:K]
    # The denominator of psndcg is that of nDCG: the discounts of the best list, without propensities.
    ideal = sum(discount(i) for i in range(min(K, n)))
    scored = (sum(inverse[l] for i, l in enumerate(first) if hits[i]), sum(costs),
              sum(inverse[l] * discount(i) for i, l in enumerate(first) if hits[i]) / ideal if ideal else 0,
              sum(c * discount(i) for i, c in enumerate(costs)) / ideal if ideal else 0)
    return values, scored


def expected(rows, inverse, judged_only, skip_empty):
    """rows: (answers, weights) of each row."""
    if judged_only:
        rows = [([l for l in answers if l in weights], weights) for answers, weights in rows]
    top = max((w for _, weights in rows for w in weights.values()), default=0)
    if skip_empty:
        rows = [row for row in rows if any(w > 0 for w in row[1].values())]
    found = [of_row(answers, weights, top, inverse) for answers, weights in rows]
    values = {name: sum(v[name] for v, _ in found) / len(found) for name in found[0][0]}
    sums = [sum(scored[i] for _, scored in found) for i in range(4)]
    values["psp"], values["psndcg"] = sums[0] / sums[1], sums[2] / sums[3]
    hit, answered, relevant = {}, {}, {}
    for answers, weights in rows:
        for label in answers[:K]:
            answered[label] = answered.get(label, 0) + 1
            if weights.get(label, 0) > 0:
                hit[label] = hit.get(label, 0) + 1
        for label, weight in weights.items():
            if weight > 0:
                relevant[label] = relevant.get(label, 0) + 1
    h, a, t = (sum(count.values()) for count in (hit, answered, relevant))
    values["micro-p"], values["micro-r"] = (h / a if a else 0), h / t
    values["micro-f1"] = 2 * h / (a + t)
    values["coverage"] = len(hit) / len(relevant)
    of = [(hit.get(l, 0), answered.get(l, 0), r) for l, r in relevant.items()]
    values["macro-p"] = sum(x / y if y else 0 for x, y, _ in of) / len(of)
    values["macro-r"] = sum(x / z for x, _, z in of) / len(of)
    values["macro-f1"] = sum(2 * x / (y + z) for x, y, z in of) / len(of)
    return values


def inverse_propensities(y, a=0.55, b=1.5):
    counts = numpy.asarray((y > 0).sum(axis=0)).ravel()
    c = (math.log(y.shape[0]) - 1) * (b + 1) ** a
    return [1 + c * math.exp(-a * math.log(count + b)) for count in counts]


def run(*arguments):
    done = subprocess.run(["xmr-eval", "-q", "--format", "json", "--metrics", *(f"{name}@{K}" for name in NAMES
                           if name not in ("psp", "psndcg") or "--train-y" in arguments), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def compare(what, wanted, got):
    for name, value in wanted.items():
        key = f"{name}@{K}"
        if key in got and abs(got[key] - value) > 1e-6:
            print(f"{what}: {key} is {got[key]}, expected {value}")


def main(sets):
    random = numpy.random.default_rng(7)
    for number in range(sets):
        n, labels = int(random.integers(3, 30)), int(random.integers(4, 12))
        weights = random.choice([0, 0.5, 1, 2, 3], (n, labels)) * (random.random((n, labels)) < 0.3)
        weights[0, 0] = 2
        weights[random.random(n) < 0.2] = 0
        weights[0, 0] = 2
        y = scipy.sparse.csr_matrix(weights)
        scipy.sparse.save_npz("Y.npz", y)
        train = scipy.sparse.csr_matrix((random.random((40, labels)) < 0.2).astype(float))
        scipy.sparse.save_npz("train.npz", train)
        # Scores from a few values, so that they tie; rows of any length; entries in any order.
        scores = random.choice([0.25, 0.5, 0.75], (n, labels)) * (random.random((n, labels)) < 0.5)
        scores[random.random(n) < 0.1] = 0
        at = numpy.nonzero(scores)
        order = random.permutation(len(at[0]))
        scipy.sparse.save_npz("P.npz", scipy.sparse.coo_matrix((scores[at][order], (at[0][order], at[1][order])),
                                                               shape=(n, labels)))
        answers = [sorted(numpy.nonzero(row)[0].tolist(), key=lambda l, row=row: (-row[l], l)) for row in scores]
        judged = [{l: float(row[l]) for l in numpy.nonzero(row)[0].tolist()} for row in weights]
        inverse = inverse_propensities(train)
        for options, judged_only, skip in (((), False, False), (("--judged-only",), True, False),
                                           (("--empty-rows", "skip"), False, True)):
            wanted = expected(list(zip(answers, judged)), inverse, judged_only, skip)
            compare(f"set {number} {options}", wanted,
                    run("--bootstrap", "0", "-y", "Y.npz", "--train-y", "train.npz", *options, "--", "P.npz"))
        # TREC: ties by descending name; negative judgements are as if there were none.
        with open("qrels.txt", "w") as qrels, open("run.txt", "w") as trec:
            for r in range(n):
                for l in range(labels):
                    if weights[r, l] or random.random() < 0.1:
                        print(f"q{r} 0 d{l} {weights[r, l]:g}", file=qrels)
                if not judged[r]:
                    print(f"q{r} 0 other 0", file=qrels)
                for l in random.permutation(answers[r]):
                    print(f"q{r} Q0 d{l} 1 {scores[r, l]:g} t", file=trec)
        ranked = [sorted(row, key=lambda l, s=scores[r]: (s[l], f"d{l}"), reverse=True) for r, row in enumerate(answers)]
        compare(f"set {number} TREC", {name: value for name, value in
                expected(list(zip(ranked, judged)), inverse, False, False).items() if name not in ("psp", "psndcg")},
                run("--qrels", "qrels.txt", "--", "run.txt"))


main(int(sys.argv[1]))
