#!/usr/bin/env python3
"""Adds the earlier queries of a session to rows of xmr-featurize sessions.

    tests/bench/earlier_queries.py N < test.tsv > requests.tsv

Reads rows (previous, prefix, next) in the order of the log; a row whose previous query is the next one of the row before
continues its session. Writes rows of N previous queries, 1 or more, oldest first (empty where there is none), prefix
and next.
"""
import sys


def main():
    count = int(sys.argv[1])
    session, last = [], None
    for line in sys.stdin:
        previous, prefix, query = line.rstrip("\n").split("\t")
        if previous != last:
            session = []
        session = (session + [previous])[-count:]
        print(*[""] * (count - len(session)), *session, prefix, query, sep="\t")
        last = query


main()
