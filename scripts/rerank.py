#!/usr/bin/python3
"""A reranker of one's own: xmr-predict ... queries.txt | scripts/rerank.py queries.txt labels.txt | xmr-eval ...
The score of an answer grows with the share of the words of the label's text that the query has."""
import itertools
import sys

queries = [set(line.lower().split()) for line in open(sys.argv[1], encoding="utf-8")]
labels = (line.rstrip("\n").split("\t") for line in open(sys.argv[2], encoding="utf-8"))
words = {key: set((rest[0] if rest and rest[0] else key).lower().split()) for key, *rest in labels}
answers = (line.rstrip("\n").split("\t") for line in sys.stdin)
for row, group in itertools.groupby(answers, key=lambda answer: answer[0]):
    scored = [(float(score) * (1 + len(words[key] & queries[int(row)]) / len(words[key])), key) for _, _, score, key in group]
    for rank, (score, key) in enumerate(sorted(scored, key=lambda answer: -answer[0]), 1):
        print(row, rank, score, key, sep="\t")
