#!/usr/bin/env python3
"""Makes requests that begin with another word of the next query.

    tests/bench/word_orders.py reordered|later < test.tsv > requests.tsv

Reads and writes rows (previous, prefix, next). `reordered` shuffles the words of the next query and types at least one
character of the second one; `later` types the query from its second word on. The last word is cut at random (seed 0).
Words are runs of letters and digits. Rows whose next query has one word are left out.
"""
import random
import re
import sys

WORD = re.compile(r"[^\W_]+")


def reordered(query, words, rng):
    order = list(range(len(words)))
    while order == sorted(order):
        rng.shuffle(order)
    text, least = "", 0
    for place, word in enumerate(order):
        text += words[word].group()
        if place + 1 < len(order):
            text += query[words[place].end():words[place + 1].start()]
        if place == 0:
            least = len(text)
    return text[:rng.randint(least + 1, len(text))]


def later(query, words, rng):
    text = query[words[1].start():]
    return text[:rng.randint(1, len(text))]


def main():
    make = {"reordered": reordered, "later": later}[sys.argv[1]]
    rng = random.Random(0)
    for line in sys.stdin:
        previous, _, query = line.rstrip("\n").split("\t")
        words = list(WORD.finditer(query))
        if len(words) > 1:
            print(previous, make(query, words, rng), query, sep="\t")


main()
