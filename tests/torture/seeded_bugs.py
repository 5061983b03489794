#!/usr/bin/python3
"""Puts bugs into a copy of the sources, one at a time, and looks whether the tests notice: seeded_bugs.py [NUMBER...]
With `fit` instead of numbers it only looks whether the bugs still fit the sources.

The copy and what is built of it stay in build/seeded-bugs/, so that a second run compiles little. First all tests that are to
catch something must pass without a bug. Then each bug is put in, the test of its module is built and run, and the bug is
taken out again. Prints a table; exits with 1 if a bug was not noticed, with 2 if a bug fits its source no longer (its
text is there not once), so that it cannot go unnoticed that nothing was tried."""
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COPY = ROOT / "build" / "seeded-bugs"
BUILD = COPY / "build"  # where ccache finds the paths of a build in the sources, build/
TESTED = ["CMakeLists.txt", "lib", "tools", "tests", "scripts", "data", "docs"]
SECONDS = 300  # a bug may make a test run for ever


class Bug(NamedTuple):
    kind: str
    file: str
    right: str  # stands in the file once
    wrong: str
    test: str  # unit_<module>, or the script tests/cli/<name>.sh


# Chosen by reading the sources alone, before it was looked what the tests do.
BUGS = [
    Bug("off by one", "lib/xmr/util/selection.cpp", "number < std::prev(next)->end", "number <= std::prev(next)->end", "unit_util"),
    Bug("dropped check", "lib/xmr/io/npy.cpp", "known.descr != type || (descr[0] == '|' && known.size > 1)",
        "known.descr != type", "unit_io"),
    Bug("off by one", "lib/xmr/io/slice_lines.cpp", "lines.needs() > count)", "lines.needs() > count + 1)", "unit_io"),
    Bug("dropped check", "lib/xmr/sparse/operations.cpp", "if (w.sum[c] != 0.0F) piece.push", "piece.push", "unit_sparse"),
    Bug("wrong formula", "lib/xmr/featurize/weights.cpp", "std::log((1 + n) / (1 + d)) + 1", "std::log((1 + n) / d) + 1",
        "unit_featurize"),
    Bug("wrong comparison", "lib/xmr/featurize/session_log.cpp", "time >= *split.test_from", "time > *split.test_from",
        "unit_featurize"),
    Bug("wrong comparison", "lib/xmr/index/trie.cpp", "if (keys[i] <= keys[i - 1])", "if (keys[i] < keys[i - 1])", "unit_index"),
    Bug("off by one", "lib/xmr/index/compactor.cpp", "if (entry < 2) return", "if (entry < 3) return", "unit_index"),
    Bug("wrong tie rule", "lib/xmr/model/prune.cpp", "size_a == size_b && a < b", "size_a == size_b && a > b", "unit_model"),
    Bug("lost value", "lib/xmr/model/chunk_join.cpp", "if (std::bit_cast<std::uint32_t>(chunk.bias()[child]) != 0)",
        "if (chunk.bias()[child] > 0)", "unit_model"),
    Bug("wrong tie rule", "lib/xmr/lexical/postings_search.cpp", "a.sum > b.sum : a.document < b.document",
        "a.sum > b.sum : a.document > b.document", "unit_lexical"),
    Bug("lost last element", "lib/xmr/complete/popular.cpp", "try_labels(static_cast<LabelId>(end * kBranching), last);",
        "try_labels(static_cast<LabelId>(end * kBranching), last - 1);", "unit_complete"),
    Bug("wrong tie rule", "lib/xmr/predict/beam_search.cpp", "if (score < threshold) continue;",
        "if (score <= threshold) continue;", "unit_predict"),
    Bug("dropped check", "lib/xmr/predict/post_processor.cpp", "return low < kBound ? low : kBound;", "return low;", "unit_predict"),
    Bug("off by one", "lib/xmr/combine/fusion.cpp", "(list.size - answer.rank + 1) / list.size",
        "(list.size - answer.rank) / list.size", "unit_combine"),
    Bug("dropped check", "lib/xmr/combine/calibration.cpp", "if (!are_finite(scores) || !increase(scores)) throw",
        "if (!are_finite(scores) || (false && !increase(scores))) throw", "unit_combine"),
    Bug("dropped check", "lib/xmr/train/kept_weights.cpp", "check_finite(weight.value);", "static_cast<void>(weight);", "unit_train"),
    Bug("dropped check", "lib/xmr/distributed/part_list.cpp", "if (!first.empty()) throw", "if (false) throw", "unit_distributed"),
    Bug("dropped check", "lib/xmr/evaluate/propensity.cpp", "if (train_labels.values[i] > 0) ++rows_of", "++rows_of",
        "unit_evaluate"),
    Bug("dropped check", "tools/xmr-inspect/concat.cpp", "  pieces.check_whole();\n", "", "row_parts"),
]


def refresh():
    """Makes the copy as the sources are; what is equal keeps its time, so that it is not compiled again."""
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "-c", "-o", "--exclude-standard", *TESTED],
                           capture_output=True, check=True).stdout.split(b"\0")
    wanted = {pathlib.Path(os.fsdecode(name)) for name in names if name and (ROOT / os.fsdecode(name)).is_file()}
    for top in TESTED:
        for path in [path for path in (COPY / top).rglob("*") if path.is_file() and path.relative_to(COPY) not in wanted]:
            path.unlink()
    for name in wanted:
        here, there = ROOT / name, COPY / name
        if there.exists() and there.read_bytes() == here.read_bytes():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(here, there)


def build(target):
    done = subprocess.run(["cmake", "--build", BUILD, "-j", str(len(os.sched_getaffinity(0))), "--target", target],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout[-3000:], done.stderr[-1000:], file=sys.stderr)
        sys.exit(2)


def passes(test):
    is_unit = test.startswith("unit_")
    build(test if is_unit else "tools")
    command = [BUILD / "bin" / test, "~[damage]"] if is_unit else ["bash", COPY / "tests" / "cli" / f"{test}.sh"]
    try:
        done = subprocess.run(command, cwd=COPY, env=dict(os.environ, XMR_BIN=str(BUILD / "bin")), timeout=SECONDS,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def is_caught(bug):
    path = COPY / bug.file
    text = path.read_text()
    path.write_text(text.replace(bug.right, bug.wrong))
    try:
        return not passes(bug.test)
    finally:
        path.write_text(text)


def check_fit():
    for bug in BUGS:
        count = (ROOT / bug.file).read_text().count(bug.right)
        if count != 1:
            print(f"seeded_bugs.py: {bug.file} has {bug.right!r} {count} times, once is needed", file=sys.stderr)
            sys.exit(2)


def main():
    check_fit()
    if sys.argv[1:] == ["fit"]:
        return
    chosen = [BUGS[int(number) - 1] for number in sys.argv[1:]] or BUGS
    os.environ.update(CCACHE_BASEDIR=str(COPY), CCACHE_NOHASHDIR="1")
    refresh()
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    subprocess.run(["cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja", "--log-level=WARNING", *launcher,
                    *os.environ.get("CMAKE_OPTIONS", "").split()], check=True, stdout=subprocess.DEVNULL)
    for test in dict.fromkeys(bug.test for bug in chosen):
        if not passes(test):
            print(f"seeded_bugs.py: {test} fails without a bug", file=sys.stderr)
            sys.exit(2)
    print("bug", "in", "test", "result", sep="\t", flush=True)
    survived = 0
    for bug in chosen:
        caught = is_caught(bug)
        survived += not caught
        print(bug.kind, bug.file, bug.test, "caught" if caught else "not noticed", sep="\t", flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} were caught", file=sys.stderr)
    sys.exit(survived > 0)


main()
