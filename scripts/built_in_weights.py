#!/usr/bin/python3
"""Learns the built-in weights of retrieval models: logistic weights over the evidence of several sets.
  scripts/built_in_weights.py [--left-out] NAME=EVIDENCE.npz... > lib/xmr/train/built_in_weights.inc
EVIDENCE.npz is written by `xmr-train retrieval --evidence`. Every set counts the same; a row counts the same as the others
of its set. --left-out prints, in place of the weights, how weights that were learnt without each set answer it: P@1, R@10
and MRR@10, beside those of its sources. Needs python3-numpy."""
import json
import sys

import numpy as np

RIDGE = 0.3  # of the mean loss times ROWS
ROWS = 3000.0  # rows that a set counts as
FEW = 150  # rows of a set that are read
LIMIT = 10.0  # of a standardised number


def read(path):
    data = np.load(path)
    meta = json.loads(data.zip.read("meta.json"))
    queries = data["queries"].astype(np.int64)
    return {"x": data["evidence"], "y": data["targets"].astype(np.float64), "queries": queries, "labels": data["labels"],
            "relevant": data["relevant"], "names": meta["content"]["names"]}


def forms(x, center, scale):
    missing = np.isnan(x)
    z = np.clip((np.where(missing, center, x) - center) / scale, -LIMIT, LIMIT)
    z[missing] = 0
    return np.hstack([z, z / (1 + np.abs(z)), missing.astype(np.float64), np.ones((len(x), 1))])


def fit(sets):
    """Newton's method over all sets together."""
    xs = np.vstack([s["x"] for s in sets]).astype(np.float64)
    center = np.nanmean(xs, axis=0)
    center[np.isnan(center)] = 0
    scale = np.nanstd(xs, axis=0)
    scale[~(scale > 1e-6)] = 1
    x = forms(xs, center, scale).astype(np.float32)
    y = np.concatenate([s["y"] for s in sets])
    w = np.concatenate([np.full(len(s["y"]), ROWS / (len(s["queries"]) - 1)) for s in sets])
    b = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], RIDGE)
    ridge[-1] = 0
    for _ in range(10):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
        gradient = x.T @ (w * (p - y)).astype(np.float32) + ridge * b
        root = x * np.sqrt(w * p * (1 - p) + 1e-9).astype(np.float32)[:, None]
        hessian = (root.T @ root).astype(np.float64) + np.diag(ridge + 1e-6)
        step = np.linalg.solve(hessian, gradient)
        step *= min(1, 3 / max(1e-9, np.abs(step).max()))
        b -= step
        if np.abs(step).max() < 1e-4:
            break
    return center, scale, b


def judge(s, score):
    p1 = r10 = mrr = 0.0
    n = len(s["queries"]) - 1
    for q in range(n):
        a, e = s["queries"][q], s["queries"][q + 1]
        order = np.lexsort((s["labels"][a:e], -score[a:e]))[:10]
        hit = s["y"][a:e][order]
        where = np.flatnonzero(hit)
        p1 += len(hit) > 0 and hit[0]
        r10 += hit.sum() / max(1, s["relevant"][q])
        mrr += 1 / (1 + where[0]) if len(where) else 0
    return tuple(100 * v / n for v in (p1, r10, mrr))


def sample(s):
    n = len(s["queries"]) - 1
    if n <= FEW:
        return s
    chosen = np.sort(np.random.RandomState(0).permutation(n)[:FEW])
    index = np.concatenate([np.arange(s["queries"][q], s["queries"][q + 1]) for q in chosen])
    sizes = (s["queries"][1:] - s["queries"][:-1])[chosen]
    return {"x": s["x"][index], "y": s["y"][index], "labels": s["labels"][index], "names": s["names"],
            "queries": np.concatenate([[0], np.cumsum(sizes)]), "relevant": s["relevant"][chosen]}


def main():
    arguments = [a for a in sys.argv[1:] if a != "--left-out"]
    sets = {name: read(path) for name, path in (a.split("=", 1) for a in arguments)}
    names = next(iter(sets.values()))["names"]
    if "--left-out" in sys.argv:
        print("set\tscorer\tp@1\tr@10\tmrr@10")
        for left, data in sets.items():
            family = left.split("/")[0]
            center, scale, b = fit([sample(s) for name, s in sets.items() if name.split("/")[0] != family])
            scores = {"built-in": forms(data["x"].astype(np.float64), center, scale) @ b}
            for part in ("trees 1/rank", "words 1/rank", "characters 1/rank", "neighbours 1/rank", "fused ranks"):
                scores[part] = data["x"][:, names.index(part)]
            for scorer, score in scores.items():
                print(left, scorer, *(f"{v:.2f}" for v in judge(data, score)), sep="\t")
        return
    center, scale, b = fit([sample(s) for s in sets.values()])
    n = len(names)
    print("// Made by scripts/built_in_weights.py: name, center, scale, linear, bounded, missing.")
    print(f"constexpr double kBuiltInConstant = {b[-1]:.6g};")
    print("constexpr BuiltInWeight kBuiltInWeights[] = {")
    for i, name in enumerate(names):
        print(f'    {{"{name}", {center[i]:.6g}, {scale[i]:.6g}, {b[i]:.6g}, {b[n + i]:.6g}, {b[2 * n + i]:.6g}}},')
    print("};")


main()
