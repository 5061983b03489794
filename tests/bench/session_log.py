#!/usr/bin/python3
"""Makes a synthetic log of queries, `session<TAB>time<TAB>query`, with about a million different ones, for measurements.

    tests/bench/session_log.py [QUERIES [SESSIONS]] > sessions.tsv        default 1,250,000 and 1,200,000

Words are two to four syllables. A query has one to four words, half of them from the eight words of its topic, the
others from all words, the frequent ones first (Zipf). Topics have 50 queries or so. A session starts with a query by
popularity (Zipf over half of the draws, any query with the other half) and goes on, about three times, three quarters
of them within the topic. Not every query is drawn. The same arguments give the same log. Needs python3-numpy.
"""
import itertools
import sys

import numpy as np

SYLLABLES = [c + v for c in "b c d f g h k l m n p r s t v w st tr ch".split() for v in "a e i o u ai ea ou".split()]
WORDS = 60_000
TOPIC_WORDS, TOPIC_QUERIES = 8, 50
IN_TOPIC = 0.75  # of the steps of a session
GOES_ON = 0.75  # probability of one more query


def zipf(count, exponent):
    weights = np.arange(1, count + 1, dtype=float) ** -exponent
    return np.cumsum(weights) / weights.sum()


def draw(cumulative, random, count):
    return np.minimum(np.searchsorted(cumulative, random.random(count)), cumulative.size - 1)


def make_words(random):
    words = {}
    while len(words) < WORDS:
        words["".join(random.choice(SYLLABLES, random.integers(2, 5)))] = None
    return list(words)


def make_queries(count, random):
    """Different texts and the topic of each."""
    words, popular = make_words(random), zipf(WORDS, 1)
    topics = draw(popular, random, (count // TOPIC_QUERIES + 1) * TOPIC_WORDS).reshape(-1, TOPIC_WORDS)
    queries = {}
    while len(queries) < count:
        topic = random.integers(0, len(topics), 100_000)
        lengths = random.choice([1, 2, 3, 4], topic.size, p=[0.1, 0.35, 0.35, 0.2])
        own = topics[topic][np.arange(topic.size)[:, None], random.integers(0, TOPIC_WORDS, (topic.size, 4))]
        any_word = draw(popular, random, topic.size * 4).reshape(-1, 4)
        chosen = np.where(random.random((topic.size, 4)) < 0.5, own, any_word)
        for t, n, ids in zip(topic.tolist(), lengths.tolist(), chosen.tolist()):
            queries.setdefault(" ".join(words[w] for w in dict.fromkeys(ids[:n])), t)
    texts = list(itertools.islice(queries, count))
    return texts, np.array([queries[text] for text in texts])


def main():
    count, sessions = (int(text) for text in (sys.argv[1:] + ["1250000", "1200000"][len(sys.argv) - 1:]))
    random = np.random.default_rng(1)
    texts, topic = make_queries(count, random)
    popular = zipf(count, 0.9)
    by_topic = np.argsort(topic, kind="stable")
    starts = np.searchsorted(topic[by_topic], np.arange(topic.max() + 2))

    def anywhere(n):
        return np.where(random.random(n) < 0.5, draw(popular, random, n), random.integers(0, count, n))

    alive, now, time = np.arange(sessions), anywhere(sessions), 0
    steps = []
    while alive.size:
        steps.append((alive, np.full(alive.size, time), now))
        goes_on = random.random(alive.size) < GOES_ON
        alive, now, time = alive[goes_on], now[goes_on], time + 1
        first, last = starts[topic[now]], starts[topic[now] + 1]
        # Within a topic the first queries come most: the square of a uniform number.
        within = by_topic[first + ((last - first) * random.random(alive.size) ** 2).astype(int)]
        now = np.where(random.random(alive.size) < IN_TOPIC, within, anywhere(alive.size))
    session, moment, query = (np.concatenate(column) for column in zip(*steps))
    order = np.lexsort((moment, session))
    for s, t, q in zip(session[order].tolist(), moment[order].tolist(), query[order].tolist()):
        sys.stdout.write(f"{s}\t{t}\t{texts[q]}\n")


if __name__ == "__main__":
    main()
