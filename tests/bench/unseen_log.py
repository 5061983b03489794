#!/usr/bin/env python3
"""Splits a log so that many next queries of its last parts were never seen in the first.

    tests/bench/unseen_log.py SHARE FOLDER < sessions.tsv

Reads lines (session, time, query), a session's lines together. Holds out SHARE of the queries that the log has at most 20
times, by a hash of their text. Sessions without a held-out query are FOLDER/s-train.tsv. Half of the others, cut to the
queries from the one before the first held-out query to the last one, are s-valid.tsv, and half s-test.tsv, at most 4,000
each (seed 0). xmr-featurize sessions makes rows of them.
"""
import collections
import hashlib
import itertools
import pathlib
import random
import sys

MAX_COUNT, MAX_SESSIONS = 20, 4000


def is_chosen(query, share):
    return int(hashlib.sha256(query.encode()).hexdigest()[:8], 16) < share * 2**32


def around(session, held):
    at = [i for i, query in enumerate(session) if query in held]
    return session[max(0, at[0] - 1):max(at[-1] + 1, at[0] + 2)]


def main():
    share, folder = float(sys.argv[1]), pathlib.Path(sys.argv[2])
    lines = (line.rstrip("\n").split("\t") for line in sys.stdin)
    sessions = [[fields[2] for fields in group] for _, group in itertools.groupby(lines, lambda fields: fields[0])]
    counts = collections.Counter(query for session in sessions for query in session)
    held = {query for query, count in counts.items() if count <= MAX_COUNT and is_chosen(query, share)}
    train = [session for session in sessions if held.isdisjoint(session)]
    others = [around(session, held) for session in sessions if not held.isdisjoint(session)]
    others = [session for session in others if len(session) > 1]
    random.Random(0).shuffle(others)
    half = min(len(others) // 2, MAX_SESSIONS)
    for part, chosen in (("train", train), ("valid", others[:half]), ("test", others[half:2 * half])):
        with open(folder / f"s-{part}.tsv", "w") as out:
            for number, session in enumerate(chosen):
                for time, query in enumerate(session):
                    print(number, time, query, sep="\t", file=out)


main()
