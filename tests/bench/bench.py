#!/usr/bin/python3
"""Measures every step of the pipeline and the peers that Debian has, in one run.

    make bench                                 the synthetic set S, and the sets of text under XMR_DATA if it is set
    tests/bench/bench.py [--quick] [SET...]    sets by name; --quick runs each step once

Synthetic sets (synthetic.py, which needs python3-numpy): S, M, M/2, M/4, 1M. Sets of text: folders of XMR_DATA with
train.tsv, test.tsv and labels.txt. Each step runs --repeat times; the table has minimum and median, build/bench/bench.json
all figures. A peer that is not installed is skipped, and the output says so:

- LIBLINEAR (liblinear-dev) and the plain solver of the tests: 16 labels against the rest, the same objective;
- fastText (fasttext), hierarchical softmax, its defaults but for 25 epochs at rate 0.5: training and test of the set.
  Sets of more than --peer-rows rows are skipped, because it takes minutes.

--accuracy measures P@k, R@k and MRR@10 of every ranker on the sets of text instead.

--labels N... runs synthetic sets of N labels end to end instead (scale.py), each step once; --10m is --labels 10000000.
--parts N makes tree and model again in N parts and compares the bytes. Ten million labels take 40 GB of disk, and 40
minutes of two processors, as much again with --parts.

--queries N... makes logs of about N queries (session_log.py), trains and updates a completion model without a tree, and times
its sources.

--record writes the table into docs/figures.json (figures.py), from which the documentation takes its figures. Each run
prints the ratio of its figures to the recorded ones.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

import figures
import scale

CONFIGURATIONS = {  # name: folder of XMR_DATA, blocks of features
    "debian-depends": ("debian-depends", "--word 1-2"),
    "debian-tags": ("debian-tags", "--word 1-2"),
    "debian-search": ("debian-search", "--word 1 --word 2 --char-wb 3"),
    "debian-search-words": ("debian-search", "--word 1 --word 2"),
}
SYNTHETIC = ["S", "M", "M/2", "M/4", "1M"]
BLOCKS = "--word 1 --word 2 --char-wb 3"  # of a set that CONFIGURATIONS does not name
METRICS = ["p@1", "p@5", "r@10", "r@100", "mrr@10"]
ROOT = figures.ROOT
REPEAT = 5  # runs of a step by default


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def header(*cells):
    row(*cells)
    row(*["---"] * len(cells))


class Stopwatch:
    """Seconds, and processor seconds of the programs that ended meanwhile."""

    def __init__(self):
        self.start, self.cpu_start = time.perf_counter(), self.children()

    @staticmethod
    def children():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def read(self):
        return time.perf_counter() - self.start, self.children() - self.cpu_start


def say(message):
    print(message, file=sys.stderr, flush=True)


class Bench:
    """One set: its folder, how often steps run, and the figures so far."""

    def __init__(self, name, options, folder):
        self.name, self.options, self.folder = name, options, folder
        self.figures = []
        folder.mkdir(parents=True, exist_ok=True)

    def tool(self, command, threads):
        """One run of a tool: its stdout and the figures of --stats."""
        tool, *arguments = command.split()
        stats = self.folder / "stats.json"
        done = subprocess.run([self.options.tools / tool, *arguments, "-q", "-j", str(threads), "--stats", stats],
                              cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout, json.loads(stats.read_text())

    def note(self, step, threads, runs, **more):
        seconds, cpu = [run[0] for run in runs], [run[1] for run in runs]
        entry = {"set": self.name, "step": step, "threads": threads, "seconds_min": min(seconds),
                 "seconds_median": statistics.median(seconds), "cpu_seconds_min": min(cpu), "runs": len(runs), **more}
        self.figures.append(entry)
        amount = more.pop("rate", "")
        memory = f"{more['peak_mib']:.0f}" if "peak_mib" in more else ""
        size = f"{more['file_mb']:.1f}" if "file_mb" in more else ""
        row(self.name, step, threads, *(f"{value:.2f}" for value in (min(seconds), statistics.median(seconds), min(cpu))),
            amount, memory, size)

    def step(self, step, command, threads=None, output=None, rows=None, text=None):
        """A tool several times. Rates are of the fastest run: rows, or bytes of the text."""
        threads = threads or self.options.threads
        say(f"{self.name}: {step}, {threads} threads")
        runs, peaks, more = [], [], {}
        for _ in range(self.options.repeat):
            watch = Stopwatch()
            _, stats = self.tool(command, threads)
            runs.append(watch.read())
            peaks.append(stats["peak_memory_bytes"] / 2**20)
        more["peak_mib"], fastest = max(peaks), min(seconds for seconds, _ in runs)
        if rows:
            more["rate"] = f"{rows / fastest:,.0f} rows/s"
        if text:
            more["rate"] = f"{text / fastest / 1e6:.1f} MB/s"
        if output:
            more["file_mb"] = (self.folder / output).stat().st_size / 1e6
        self.note(step, threads, runs, **more)
        return stats

    def program(self, step, command, **more):
        """Another program several times; its last stdout."""
        say(f"{self.name}: {step}")
        runs = []
        for _ in range(self.options.repeat):
            watch = Stopwatch()
            done = subprocess.run([str(part) for part in command], cwd=self.folder, check=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            runs.append(watch.read())
        self.note(step, self.options.threads, runs, **more)
        return done.stdout

    # The steps

    def featurize(self, data, blocks):
        corpora = {part: data / f"{part}.tsv" for part in ("train", "test")}
        size = corpora["train"].stat().st_size
        self.step("featurize fit", f"xmr-featurize fit {blocks} -o vec.npz {corpora['train']}", output="vec.npz",
                  text=size)
        self.step("featurize apply", f"xmr-featurize apply -f vec.npz --labels {data}/labels.txt -x X.npz -y Y.npz "
                  f"{corpora['train']}", output="X.npz", text=size)
        self.tool(f"xmr-featurize apply -f vec.npz --labels {data}/labels.txt -x X-test.npz -y Y-test.npz "
                  f"{corpora['test']}", self.options.threads)
        if self.options.fasttext:
            for part, corpus in corpora.items():
                with open(corpus, encoding="utf-8") as lines, open(self.folder / f"{part}.txt", "w",
                                                                    encoding="utf-8") as out:
                    for line in lines:
                        labels, _, text = line.rstrip("\n").partition("\t")
                        marks = " ".join("__label__" + label.partition(":")[0] for label in labels.split(",") if label)
                        out.write(f"{marks} {text.lower()}\n")

    def generate(self):
        if (self.folder / "made").exists():
            return
        say(f"{self.name}: generate")
        import synthetic  # only here: the rest needs no NumPy
        raw = self.folder / "raw"
        synthetic.make(self.name, raw)
        for text in raw.glob("*.txt"):
            text.rename(self.folder / text.name)
        for matrix in "X", "Y", "X-test", "Y-test":  # as our own tools write them: mapped, not converted
            self.tool(f"xmr-inspect slice --rows 0: {raw}/{matrix}.npz -o {matrix}.npz", self.options.threads)
        shutil.rmtree(raw)
        (self.folder / "made").touch()

    def pipeline(self):
        for threads in sorted({1, self.options.threads}):
            rows = self.step("index", "xmr-index -x X.npz -y Y.npz -o tree.npz", threads, "tree.npz")["rows"]
            self.step("train", "xmr-train -x X.npz -y Y.npz -t tree.npz -o model.npz", threads, "model.npz", rows)
        queries = self.tool("xmr-predict -m model.npz -x X-test.npz -o P.npz", self.options.threads)[1]["rows"]
        for threads in sorted({1, self.options.threads}):
            self.step("predict, batch", "xmr-predict -m model.npz -x X-test.npz -o P.npz", threads, "P.npz", queries)
            self.figures[-1]["rows"] = queries
        latency = self.tool("xmr-predict -m model.npz -x X-test.npz --latency", 1)[1]["latency_us"]
        self.figures.append({"set": self.name, "step": "single query", "us": latency})
        report = json.loads(self.tool("xmr-eval -y Y-test.npz P.npz --format json --metrics p@1 r@10", 1)[0])
        self.figures.append({"set": self.name, "step": "accuracy", "p@1": report["p@1"], "r@10": report["r@10"]})
        return rows, latency, report

    def peers(self, rows):
        if rows > self.options.peer_rows:
            return [f"peers: skipped, {rows} rows are more than --peer-rows {self.options.peer_rows}"]
        lines = []
        ours = self.options.tools / "one_vs_rest"
        if ours.exists():
            solved = json.loads(self.program("16 labels against the rest", [ours, "X.npz", "Y.npz", 16]))
            self.figures[-1]["solvers"] = solved
            for solver, title in ("lanes", "16 at once"), ("liblinear", "LIBLINEAR"), ("plain", "plain solver"):
                if solved[solver] is None:
                    lines.append(f"{title}: skipped: install liblinear-dev")
                else:
                    lines.append(f"{solved['labels']} labels against the rest, {title}, 1 thread: "
                                 f"{solved[solver]['seconds']:.2f} s, objective {solved[solver]['objective']:.2f}")
        else:
            lines.append("LIBLINEAR, plain solver: skipped: build the target one_vs_rest")
        if not self.options.fasttext:
            lines.append("fastText: skipped: install fasttext")
        elif (self.folder / "train.txt").exists():
            self.program("fastText train", [self.options.fasttext, "supervised", "-input", "train.txt", "-output", "ft",
                         "-loss", "hs", "-epoch", 25, "-lr", 0.5, "-thread", self.options.threads])
            said = self.program("fastText test", [self.options.fasttext, "test", "ft.bin", "test.txt", 1])
            lines.append("fastText: " + ", ".join(said.split("\n")[1:2]).replace("\t", " "))
        return lines

    # Accuracy alone

    def matrices(self, data, blocks):
        """vec.npz, X.npz, Y.npz, X-test.npz and Y-test.npz; Z.npz, the rows of the labels' texts."""
        with open(data / "labels.txt", encoding="utf-8") as lines, open(self.folder / "texts.tsv", "w", encoding="utf-8") as out:
            out.writelines("\t" + line.rstrip("\n").partition("\t")[2] + "\n" for line in lines)
        labels = f"--labels {data}/labels.txt"
        for command in (
                f"xmr-featurize fit {blocks} -o vec.npz {data}/train.tsv texts.tsv",
                f"xmr-featurize apply -f vec.npz {labels} -x X.npz -y Y.npz {data}/train.tsv",
                f"xmr-featurize apply -f vec.npz {labels} -x X-test.npz -y Y-test.npz {data}/test.tsv",
                "xmr-featurize apply -f vec.npz -x Z.npz texts.tsv"):
            self.tool(command, self.options.threads)

    def answers(self, output, *commands, queries="-x X-test.npz"):
        """The metrics of the model that the commands make, on the test rows."""
        for command in (*commands, f"xmr-predict -m model.npz {queries} -k 100 -o {output}"):
            self.tool(command, self.options.threads)
        report = json.loads(self.tool(f"xmr-eval -y Y-test.npz {output} --format json --metrics {' '.join(METRICS)}", 1)[0])
        return [100 * report[metric] for metric in METRICS]

    def rankers(self, data, blocks):
        """The name and the metrics of every ranker."""
        def tree(output, index="", train=""):
            return self.answers(output, f"xmr-index -x X.npz -y Y.npz -o tree.npz {index}",
                                f"xmr-train -x X.npz -y Y.npz -t tree.npz -o model.npz {train}")

        def retrieval(output, options=""):
            return self.answers(output, f"xmr-train retrieval --labels {data}/labels.txt -o model.npz {options} {data}/train.tsv",
                                queries=f"--columns=-,text {data}/test.tsv")

        self.matrices(data, blocks)
        yield "one tree", tree("tree-answers.npz")
        yield "one tree, with rows of the labels' texts", tree("texts-answers.npz", "--label-rows Z.npz", "--label-rows Z.npz")
        self.matrices(data, "--word 1 --idf none --norm none --row-norm none")
        yield "BM25", self.answers("bm25-answers.npz", f"xmr-train bm25 --documents both -x X.npz -y Y.npz -f vec.npz "
                                   f"--labels {data}/labels.txt -o model.npz")
        yield "retrieval, preset fast", retrieval("fast-answers.npz", "--preset fast")
        yield "retrieval", retrieval("retrieval-answers.npz")

    def compare(self):
        """The differences of all rankers from retrieval, with their chance, and the error of retrieval's probabilities."""
        first, others = "retrieval-answers.npz", "fast-answers.npz tree-answers.npz texts-answers.npz bm25-answers.npz"
        judge = "xmr-eval -y Y-test.npz --metrics"
        return (self.tool(f"{judge} {' '.join(METRICS)} --compare -- {first} {others}", self.options.threads)[0]
                + self.tool(f"{judge} ece@1 ece@10 -- {first}", 1)[0])


def has_numpy():
    try:
        import numpy  # noqa: F401
        return True
    except ImportError:
        return False


def choose_sets(options, data):
    """The names of the sets that can be measured; says why another one cannot."""
    folders = sorted(p.parent.name for p in data.glob("*/labels.txt") if (p.parent / "test.tsv").exists()) if data else []
    if options.sets:
        names = options.sets
    elif options.accuracy:
        names = [name for name in folders if name != "debian-sessions"]
    else:
        names = ["S", *(CONFIGURATIONS if data else [])]
    chosen = []
    for name in names:
        if name in SYNTHETIC and not has_numpy():
            print(f"{name}: skipped: install python3-numpy")
        elif name in SYNTHETIC and options.accuracy:
            print(f"{name}: skipped: --accuracy is for sets of text")
        elif name not in SYNTHETIC and configuration(name)[0] not in folders:
            print(f"{name}: skipped: XMR_DATA has no folder {configuration(name)[0]} with labels.txt and test.tsv")
        else:
            chosen.append(name)
    if not data and not options.sets:
        print("sets of text: skipped: XMR_DATA is not set")
    return chosen


def configuration(name):
    """The folder of XMR_DATA and the blocks of features."""
    return CONFIGURATIONS.get(name, (name, BLOCKS))


def measure(options, data, names):
    all_figures, peers, rows = [], [], []
    header("set", "step", "threads", "min s", "median s", "CPU s", "rate", "peak MiB", "file MB")
    for name in names:
        bench = Bench(name, options, options.work / name.replace("/", "-"))
        if name in SYNTHETIC:
            bench.generate()
        else:
            folder, blocks = configuration(name)
            bench.featurize(data / folder, blocks)
        count, latency, report = bench.pipeline()
        index, train, batch = (next(f for f in reversed(bench.figures) if f["step"] == step)
                               for step in ("index", "train", "predict, batch"))
        rows.append([name, count, index["seconds_median"], train["seconds_median"], max(index["peak_mib"], train["peak_mib"]),
                     train["file_mb"], latency["mean"], latency["p99"], 1e6 * batch["cpu_seconds_min"] / batch["rows"],
                     100 * report["p@1"], 100 * report["r@10"]])
        peers += [f"{name}: {line}" for line in bench.peers(count)]
        all_figures += bench.figures
    (options.work / "bench.json").write_text(json.dumps(all_figures, indent=2) + "\n")
    columns = [["set", 0], ["rows", 0], ["index, s", 2], ["train, s", 2], ["peak, MiB", 0], ["model, MB", 1],
               ["one query, mean µs", 1], ["p99 µs", 1], ["batch, CPU µs a row", 1], ["P@1", 2], ["R@10", 2]]
    repeat = [] if options.repeat == REPEAT else ["--repeat", str(options.repeat)]
    command = " ".join(["--record", *repeat, *names])
    return figures.table(f"make bench BENCH_OPTIONS='{command}'", columns, rows), peers


def measure_accuracy(options, data, names):
    rows = []
    for name in names:
        folder, blocks = configuration(name)
        bench = Bench(name, options, options.work / f"{name}-accuracy")
        for ranker, values in bench.rankers(data / folder, blocks):
            say(f"{name}: {ranker}")
            rows.append([name, ranker, *values])
        say(bench.compare())
    columns = [["set", 0], ["ranker", 0], *([metric.upper(), 2] for metric in METRICS)]
    return figures.table("make bench BENCH_OPTIONS='--accuracy --record'", columns, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--work", default=ROOT / "build/bench", type=pathlib.Path, help="folder of the intermediate files")
    parser.add_argument("--threads", default=len(os.sched_getaffinity(0)), type=int)
    parser.add_argument("--repeat", default=REPEAT, type=int)
    parser.add_argument("--quick", action="store_true", help="the same as --repeat 1")
    parser.add_argument("--peer-rows", default=60_000, type=int)
    parser.add_argument("--accuracy", action="store_true")
    parser.add_argument("--labels", type=int, nargs="+", metavar="N", help="measure sets of N labels, at least 1000")
    parser.add_argument("--10m", dest="labels", action="store_const", const=[10_000_000], help="the same as --labels 10000000")
    parser.add_argument("--queries", type=int, nargs="+", metavar="N", help="measure completion on logs of about N queries")
    parser.add_argument("--parts", type=int, metavar="N", help="with --labels: work in N parts too")
    parser.add_argument("--memory", metavar="SIZE", help="memory of xmr-train with --labels; default: 1G a million labels")
    parser.add_argument("--record", action="store_true", help="write the table into docs/figures.json")
    parser.add_argument("sets", nargs="*", metavar="SET")
    options = parser.parse_args()
    if options.quick:
        options.repeat = 1
    options.tools, options.work = options.tools.resolve(), options.work.resolve()
    options.fasttext = shutil.which("fasttext")
    data = pathlib.Path(os.environ["XMR_DATA"]).resolve() if "XMR_DATA" in os.environ else None
    names = [] if options.labels or options.queries else choose_sets(options, data)
    if options.labels:
        name, table, peers = "scale", scale.measure(options), []
    elif options.queries:
        name, table, peers = "queries", scale.measure_logs(options), []
    elif not names:
        sys.exit("bench.py: no set to measure")
    elif options.accuracy:
        name, table, peers = "accuracy", measure_accuracy(options, data, names), []
    else:
        name, (table, peers) = "speed", measure(options, data, names)
    print("\n" + figures.markdown(table), *figures.ratios(figures.load().get(name), table), *peers, sep="\n")
    if options.record:
        figures.save({name: table})


main()
