#!/usr/bin/env python3
"""Makes a log whose queries come and go, of a log of sessions without times that matter.

    tests/bench/trending_log.py [DAYS [A_DAY]] < sessions.tsv > log.tsv        default 60 days, 2,000 sessions a day

Reads and writes `session<TAB>time<TAB>query`; a session's lines stand together. Each day draws sessions with replacement.
Sessions have 200 topics, by hash of their first query. The logarithm of a topic's weight is a random walk that returns to
0 (a step of 1 a day, 0.9 of it is kept), so a trend lasts about a week. The same arguments give the same log (seed 0).
"""
import hashlib
import itertools
import math
import random
import sys

TOPICS, STEP, KEPT = 200, 1, 0.9
DAY = 86400
START = 1_700_006_400


def main():
    days, a_day = (int(value) for value in (sys.argv[1:] + ["60", "2000"][len(sys.argv) - 1:])[:2])
    rng = random.Random(0)
    rows = (line.rstrip("\n").split("\t") for line in sys.stdin)
    sessions = [[row[2] for row in lines] for _, lines in itertools.groupby(rows, key=lambda row: row[0])]
    topics = [int(hashlib.sha256(session[0].encode()).hexdigest()[:8], 16) % TOPICS for session in sessions]
    weights = [rng.gauss(0, STEP / math.sqrt(1 - KEPT**2)) for _ in range(TOPICS)]
    number = 0
    for day in range(days):
        weights = [KEPT * weight + rng.gauss(0, STEP) for weight in weights]
        drawn = rng.choices(sessions, [math.exp(weights[topic]) for topic in topics], k=a_day)
        for session in drawn:
            time = START + DAY * day + rng.randrange(DAY - 3600)
            for query in session:
                print(number, time, query, sep="\t")
                time += rng.randrange(5, 60)
            number += 1


main()
