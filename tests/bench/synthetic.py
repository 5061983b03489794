#!/usr/bin/python3
"""Makes synthetic sets for measurements: rows of weighted features whose labels can be learnt from them.

    tests/bench/synthetic.py SET FOLDER        SET is one of the names in SIZES, or a number of labels

Labels form families of 16. A label has features of its own and shares others with its family; a row has labels mostly
of one family, and its tokens come from its labels' features, from its families' and from a background in which a few
features are frequent (Zipf). Values are (1 + ln tf) · idf, rows have length 1. Popularity of labels is Zipf's too. Each
block of 50,000 rows draws from a generator of its own, named by seed and block, so a set is the same on every machine.

FOLDER gets X.npz, Y.npz, X-test.npz, Y-test.npz in SciPy's layout, and train.txt, test.txt for fastText (a token is
written as often as it occurs) where SIZES says so. Blocks wait on the disk, so memory does not grow with the rows. Needs
python3-numpy.
"""
import multiprocessing
import os
import pathlib
import sys
import zipfile
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


def size_of(name):
    """The size of a set of SIZES, or of one with a number of labels."""
    if name in SIZES:
        return SIZES[name]
    labels = int(name)
    return Size(labels * 6 // 5, 20_000, max(labels // 5, 1000), labels, 40, 3.0)


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


class Blocks:
    """Blocks on the disk: the labels, the features and the counts of consecutive rows.

    `numbers` names the generators of the blocks, `rows` their sizes. Makes the blocks on all processors.
    """

    def __init__(self, folder, source, numbers, rows):
        self.folder, self.source, self.rows = folder, source, rows
        self.count = len(numbers)
        self.df = np.zeros(source.size.features, np.int64)
        self.label_sizes, self.feature_sizes = [], []
        context = multiprocessing.get_context("fork")  # workers share the pages of `source`
        with context.Pool(len(os.sched_getaffinity(0)), keep_in_worker, [self]) as pool:
            for label_sizes, feature_sizes, df in pool.imap(write_block, enumerate(numbers)):
                self.label_sizes.append(label_sizes)
                self.feature_sizes.append(feature_sizes)
                self.df += df

    def write(self, place):
        """Writes a block; returns the labels and features of each row and the document frequencies."""
        number, generator = place
        y, x = self.source.block(generator, self.rows[number])
        np.savez(self.folder / f"block-{number}.npz", labels=y[1], features=x[1], counts=x[2].astype(np.uint16))
        return np.diff(y[0]), np.diff(x[0]), np.bincount(x[1], minlength=self.source.size.features)

    def read(self, number, member):
        with np.load(self.folder / f"block-{number}.npz") as file:
            return file[member]

    def values(self, number, idf):
        values = (1 + np.log(self.read(number, "counts").astype(np.float32))) * idf[self.read(number, "features")]
        sizes = self.feature_sizes[number]
        norms = np.sqrt(np.add.reduceat(values * values, np.cumsum(sizes) - sizes))
        return values / np.repeat(norms, sizes)

    def delete(self):
        for number in range(self.count):
            (self.folder / f"block-{number}.npz").unlink()


def keep_in_worker(blocks):
    global worker_blocks
    worker_blocks = blocks


def write_block(place):
    return worker_blocks.write(place)


def save(path, sizes, indices, values, columns):
    """A CSR matrix from the entries of its rows; `indices` and `values` give pieces."""
    begin = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in ("format", np.array(b"csr")), ("shape", np.array([begin.size - 1, columns])), ("indptr", begin):
            with archive.open(name + ".npy", "w", force_zip64=True) as out:
                np.lib.format.write_array(out, array)
        for name, kind, pieces in ("indices", "<i4", indices), ("data", "<f4", values):
            with archive.open(name + ".npy", "w", force_zip64=True) as out:
                header = {"descr": kind, "fortran_order": False, "shape": (int(begin[-1]),)}
                np.lib.format.write_array_header_1_0(out, header)
                for piece in pieces:
                    out.write(piece.astype(kind).tobytes())


def write_fasttext(path, blocks):
    with open(path, "w", encoding="ascii") as file:
        for number in range(blocks.count):
            labels, features, counts = (blocks.read(number, name) for name in ("labels", "features", "counts"))
            label_end, end = np.cumsum(blocks.label_sizes[number]), np.cumsum(blocks.feature_sizes[number])
            for row, (label_size, size) in enumerate(zip(blocks.label_sizes[number], blocks.feature_sizes[number])):
                entries = slice(end[row] - size, end[row])
                tokens = np.repeat(features[entries], counts[entries])
                of_row = labels[label_end[row] - label_size:label_end[row]]
                file.write(" ".join([f"__label__{label}" for label in of_row] + [f"f{token}" for token in tokens]) + "\n")


def make(name, folder):
    size = size_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    source = Source(size)
    for part, rows in ("", size.rows), ("-test", size.test_rows):
        sizes = [min(BLOCK, rows - begin) for begin in range(0, rows, BLOCK)]
        first = -(-size.rows // BLOCK) if part else 0
        blocks = Blocks(folder, source, range(first, first + len(sizes)), sizes)
        if not part:
            df = blocks.df
        if size.fasttext:
            write_fasttext(folder / f"{part[1:] or 'train'}.txt", blocks)
        idf = (np.log((1 + size.rows) / (1 + df)) + 1).astype(np.float32)
        each = range(blocks.count)
        save(folder / f"X{part}.npz", blocks.feature_sizes, (blocks.read(n, "features") for n in each),
             (blocks.values(n, idf) for n in each), size.features)
        save(folder / f"Y{part}.npz", blocks.label_sizes, (blocks.read(n, "labels") for n in each),
             (np.ones(labels.sum()) for labels in blocks.label_sizes), size.labels)
        blocks.delete()


if __name__ == "__main__":
    if len(sys.argv) != 3 or not (sys.argv[1] in SIZES or sys.argv[1].isdecimal()):
        sys.exit(__doc__)
    make(sys.argv[1], pathlib.Path(sys.argv[2]))
