#!/usr/bin/python3
"""Makes synthetic sets for measurements: rows of weighted features whose labels can be learnt from them.

    tests/bench/synthetic.py SET FOLDER        SET is one of the names in SIZES

Labels form families of 16. A label has features of its own and shares others with its family; a row has labels mostly
of one family, and its tokens come from its labels' features, from its families' and from a background in which a few
features are frequent (Zipf). Values are (1 + ln tf) · idf, rows have length 1. Popularity of labels is Zipf's too. Each
block of 50,000 rows draws from a generator of its own, named by seed and block, so a set is the same on every machine.

FOLDER gets X.npz, Y.npz, X-test.npz, Y-test.npz in SciPy's layout, and train.txt, test.txt for fastText (a token is
written as often as it occurs) where SIZES says so. Needs python3-numpy.
"""
import pathlib
import sys
from dataclasses import dataclass

import numpy as np

BLOCK = 50_000
FAMILY = 16
OWN, SHARED = 12, 48  # features of a label, of a family
OWN_SHARE, SHARED_SHARE = 0.10, 0.20  # of the tokens
UNKNOWN = 0.2  # share of the labels that a row should have and does not
SEED = 1


@dataclass
class Size:
    rows: int
    test_rows: int
    features: int
    labels: int
    tokens: float  # of a row, in the mean
    labels_of_row: float
    fasttext: bool = False


SIZES = {
    "S": Size(15_000, 3_800, 5_000, 4_000, 330, 5.3, fasttext=True),
    "M": Size(200_000, 20_000, 100_000, 50_000, 125, 5.0),
    "M/2": Size(100_000, 20_000, 100_000, 25_000, 125, 5.0),
    "M/4": Size(50_000, 20_000, 100_000, 12_500, 125, 5.0),
    "1M": Size(1_500_000, 20_000, 500_000, 1_000_000, 40, 3.0),
    "1M2": Size(2_000_000, 20_000, 500_000, 1_000_000, 40, 3.0),
}


def zipf(count, exponent, shift):
    """Cumulative probabilities of ranks 0..count-1."""
    weights = (np.arange(count) + shift) ** -exponent
    return np.cumsum(weights) / weights.sum()


def draw(cumulative, random, count):
    return np.minimum(np.searchsorted(cumulative, random.random(count), side="right"), cumulative.size - 1)


class Source:
    """What all blocks share: the features of labels and families, and how popular they are."""

    def __init__(self, size):
        random = np.random.default_rng([SEED, 0])
        self.size = size
        families = -(-size.labels // FAMILY)
        self.label_of_rank = random.permutation(size.labels).astype(np.int32)
        self.popularity = zipf(size.labels, 0.75, 10)
        self.own = random.integers(0, size.features, (size.labels, OWN), dtype=np.int32)
        self.shared = random.integers(0, size.features, (families, SHARED), dtype=np.int32)
        self.frequent = random.permutation(size.features).astype(np.int32)
        self.background = zipf(size.features, 1.0, 10)
        self.own_rank = zipf(OWN, 0.7, 1)
        self.shared_rank = zipf(SHARED, 0.7, 1)

    def labels(self, random, rows):
        """Row and label of every pair, sorted, each once."""
        count = 1 + random.poisson(self.size.labels_of_row - 1, rows)
        row = np.repeat(np.arange(rows), count)
        popular = self.label_of_rank[draw(self.popularity, random, row.size)]
        first = popular[np.cumsum(count) - count]
        family = first[row] // FAMILY
        sibling = np.minimum(family * FAMILY + random.integers(0, FAMILY, row.size), self.size.labels - 1)
        label = np.where(random.random(row.size) < 0.6, sibling, popular)
        label[np.cumsum(count) - count] = first
        pairs = np.unique(row * np.int64(self.size.labels) + label)
        return pairs // self.size.labels, pairs % self.size.labels

    def block(self, number, rows):
        """(indptr, labels) and (indptr, features, counts) of some rows."""
        random = np.random.default_rng([SEED, 1, number])
        label_row, label = self.labels(random, rows)
        label_begin = np.searchsorted(label_row, np.arange(rows + 1))
        tokens = np.maximum(5, random.lognormal(np.log(self.size.tokens), 0.4, rows)).astype(np.int64)
        row = np.repeat(np.arange(rows), tokens)
        of_row = label_begin[row + 1] - label_begin[row]
        chosen = label[label_begin[row] + (random.random(row.size) * of_row).astype(np.int64)]
        kind = random.random(row.size)
        feature = self.frequent[draw(self.background, random, row.size)]
        own = kind < OWN_SHARE
        feature[own] = self.own[chosen[own], draw(self.own_rank, random, int(own.sum()))]
        shared = (kind >= OWN_SHARE) & (kind < OWN_SHARE + SHARED_SHARE)
        feature[shared] = self.shared[chosen[shared] // FAMILY, draw(self.shared_rank, random, int(shared.sum()))]
        entries, counts = np.unique(row * np.int64(self.size.features) + feature, return_counts=True)
        begin = np.searchsorted(entries, np.arange(rows + 1) * np.int64(self.size.features))
        # Some labels are not known, so that no ranking is perfect; each row keeps one.
        known = random.random(label.size) >= UNKNOWN
        known[label_begin[:-1]] = True
        label_begin = np.concatenate([[0], np.cumsum(known)])[label_begin]
        features = (entries % self.size.features).astype(np.int32)
        return (label_begin, label[known].astype(np.int32)), (begin, features, counts)


def joined(blocks):
    """One CSR matrix from (indptr, indices[, values]) of consecutive rows."""
    begins, offset = [np.zeros(1, np.int64)], 0
    for block in blocks:
        begins.append(block[0][1:] + offset)
        offset += block[0][-1]
    return np.concatenate(begins), *(np.concatenate([block[i] for block in blocks]) for i in range(1, len(blocks[0])))


def save(path, begin, indices, values, columns):
    np.savez(path, format=np.array(b"csr"), shape=np.array([begin.size - 1, columns]), indptr=begin, indices=indices,
             data=values.astype(np.float32))


def write_fasttext(path, x, y):
    with open(path, "w", encoding="ascii") as file:
        for row in range(x[0].size - 1):
            labels = y[1][y[0][row]:y[0][row + 1]]
            entries = slice(x[0][row], x[0][row + 1])
            tokens = np.repeat(x[1][entries], x[2][entries])
            file.write(" ".join([f"__label__{label}" for label in labels] + [f"f{token}" for token in tokens]) + "\n")


def make(name, folder):
    size = SIZES[name]
    folder.mkdir(parents=True, exist_ok=True)
    source = Source(size)
    ends = [*range(BLOCK, size.rows, BLOCK), size.rows]
    train = [source.block(number, end - number * BLOCK) for number, end in enumerate(ends)]
    test = [source.block(len(ends), size.test_rows)]
    idf = None
    for blocks, part, text in (train, "", "train.txt"), (test, "-test", "test.txt"):
        y, x = joined([block[0] for block in blocks]), joined([block[1] for block in blocks])
        blocks.clear()
        if idf is None:
            df = np.bincount(x[1], minlength=size.features)
            idf = (np.log((1 + size.rows) / (1 + df)) + 1).astype(np.float32)
        if size.fasttext:
            write_fasttext(folder / text, x, y)
        values = (1 + np.log(x[2].astype(np.float32))) * idf[x[1]]
        norms = np.sqrt(np.add.reduceat(values * values, x[0][:-1]))
        values /= np.repeat(norms, np.diff(x[0]))
        save(folder / f"X{part}.npz", x[0], x[1], values, size.features)
        save(folder / f"Y{part}.npz", y[0], y[1], np.ones(y[1].size), size.labels)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SIZES:
        sys.exit(__doc__)
    make(sys.argv[1], pathlib.Path(sys.argv[2]))
