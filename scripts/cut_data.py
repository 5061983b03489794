#!/usr/bin/python3
"""Cuts data/ out of the full Debian sets: scripts/cut_data.py SOURCE [TARGET]

SOURCE holds debian-search/ and debian-tags/, each with train.tsv and test.tsv (`ids<TAB>text`) and labels.txt, and
debian-sessions/ with sessions.tsv (`session<TAB>time<TAB>query`). The cut
takes rows and labels in their order and draws nothing at random, so that it gives the same bytes every time.
  debian-search: the packages with at least 9 training texts (many of them translated), all their texts, their test rows
  debian-tags:   the first 2,000 training and 500 test rows; the labels with at least 2 of these training rows
  debian-sessions: every fifth session
Ids of other labels are dropped, rows left without any label too; the labels that stay are numbered anew.
"""
import collections
import hashlib
import pathlib
import sys


def read(path):
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def read_rows(path):
    rows = (line.split("\t", 1) for line in read(path))
    return [([int(i) for i in ids.split(",") if i], text) for ids, text in rows]


def cut(source, target, min_rows, max_train=None, max_test=None):
    target.mkdir(parents=True, exist_ok=True)
    train = read_rows(source / "train.tsv")[:max_train]
    test = read_rows(source / "test.tsv")[:max_test]
    labels = read(source / "labels.txt")
    count = collections.Counter(i for ids, _ in train for i in ids)
    kept = [i for i in range(len(labels)) if count[i] >= min_rows]
    number = {old: new for new, old in enumerate(kept)}
    lines = {"labels.txt": [labels[i] for i in kept]}
    for name, rows in ("train.tsv", train), ("test.tsv", test):
        renumbered = (([number[i] for i in ids if i in number], text) for ids, text in rows)
        lines[name] = [",".join(map(str, ids)) + "\t" + text for ids, text in renumbered if ids]
    for name, content in lines.items():
        data = "".join(line + "\n" for line in content).encode()
        (target / name).write_bytes(data)
        print(hashlib.sha256(data).hexdigest(), target.name + "/" + name, len(content), "rows,", len(data), "bytes")


def cut_sessions(source, target):
    target.mkdir(parents=True, exist_ok=True)
    lines = (source / "sessions.tsv").read_bytes().splitlines(keepends=True)
    data = b"".join(line for line in lines if int(line.split(b"\t", 1)[0]) % 5 == 0)
    (target / "sessions.tsv").write_bytes(data)
    print(hashlib.sha256(data).hexdigest(), target.name + "/sessions.tsv", len(data), "bytes")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else pathlib.Path(__file__).parent.parent / "data")
    cut(source / "debian-search", target / "debian-search", min_rows=9)
    cut(source / "debian-tags", target / "debian-tags", min_rows=2, max_train=2000, max_test=500)
    cut_sessions(source / "debian-sessions", target / "debian-sessions")


main()
