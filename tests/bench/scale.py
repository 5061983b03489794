"""Sets of very many labels, end to end, for `bench.py --labels N...`, and logs of very many queries, for `--queries N...`.

Each step runs once. Private memory is the largest anonymous memory of the process, read 20 times a second: pages of the
mapped X and of the model are not in it.
"""
import hashlib
import itertools
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import time

import figures

METRICS = ["p@1", "p@3", "p@5", "r@10"]


def private_bytes(process):
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:"))


class Runner:
    """Runs tools in the folder of the set and prints a row for each."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def run(self, command, threads=None):
        """The stdout of a tool, and its wall seconds, CPU seconds and peak private bytes."""
        tool, *arguments = command.split()
        start, before, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN), 0
        with open(self.folder / "out.txt", "w", encoding="utf-8") as out:
            process = subprocess.Popen([self.options.tools / tool, *arguments, "-j", str(threads or self.options.threads)],
                                       cwd=self.folder, stdout=out)
            while process.poll() is None:
                peak = max(peak, private_bytes(process))
                time.sleep(0.05)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, command)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return (self.folder / "out.txt").read_text(encoding="utf-8"), time.perf_counter() - start, cpu, peak

    def step(self, name, command, output=None, threads=None):
        out, wall, cpu, peak = self.run(command, threads)
        size = (self.folder / output).stat().st_size / 1e6 if output else None
        cells = [name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak / 2**20:.0f}", "" if size is None else f"{size:.1f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
        return out, wall, cpu, peak / 2**20, size

    def latency(self, name, command):
        """The microseconds of single queries, from the second of two runs: the first one reads the model into the page cache."""
        for title in name, name + " again":
            self.step(title, command + " --latency -q --stats stats.json", threads=1)
        return json.loads((self.folder / "stats.json").read_text(encoding="utf-8"))["latency_us"]

    def group(self, name, commands):
        """Several tasks, one after the other: a row with the sums of their seconds and the largest memory."""
        done = [self.run(command) for command in commands]
        _, wall, cpu, peak = zip(*done)
        print(f"| {name} | {sum(wall):.1f} | {sum(cpu):.1f} | {max(peak) / 2**20:.0f} | |", flush=True)
        return sum(wall), sum(cpu), max(peak)

    def digest(self, name):
        with open(self.folder / name, "rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()

    def estimate(self, command):
        """What --dry-run says: seconds, bytes of memory and of the file."""
        lines = self.run(command + " --dry-run -q")[0].splitlines()
        return {key: float(value) for key, value in (line.split("\t") for line in lines)}


def make(runner, labels):
    if (runner.folder / "made").exists():
        return
    import synthetic  # only here: the rest needs no NumPy
    raw = runner.folder / "raw"
    start = time.perf_counter()
    synthetic.make(str(labels), raw)
    for matrix in "X", "Y", "X-test", "Y-test":  # as our own tools write them: mapped, not converted
        runner.run(f"xmr-inspect slice --rows 0: {raw}/{matrix}.npz -o {matrix}.npz -q")
    shutil.rmtree(raw)
    runner.run("xmr-inspect slice --rows 0:1 X-test.npz -o X-one.npz -q")
    (runner.folder / "made").touch()
    print(f"made in {time.perf_counter() - start:.0f} s", flush=True)


def in_parts(runner, parts, memory):
    """Makes tree and model again in parts, which must give the bytes of one run. The model of one run is deleted first:
    both and the parts may not fit on the disk."""
    inputs, each = "-x X.npz -y Y.npz", range(parts)
    digests = {name: runner.digest(name) for name in ("tree.npz", "model.npz")}
    (runner.folder / "model.npz").unlink()
    shutil.rmtree(runner.folder / "parts", ignore_errors=True)
    (runner.folder / "parts").mkdir()
    files = {kind: " ".join(f"parts/{kind}-{part}.npz" for part in each) for kind in ("tree", "train")}
    index = [f"xmr-index plan {inputs} --parts {parts} -q -o parts/tree-plan.npz",
             *(f"xmr-index part --plan parts/tree-plan.npz {inputs} --part {part} -q -o parts/tree-{part}.npz" for part in each),
             f"xmr-index merge --plan parts/tree-plan.npz -q -o tree.npz {files['tree']}"]
    inputs += " -t tree.npz"
    train = [f"xmr-train plan {inputs} --parts {parts} -q -o parts/plan.npz",
             *(f"xmr-train part --plan parts/plan.npz {inputs} --part {part} --memory {memory} -q -o parts/train-{part}.npz"
               for part in each)]
    runner.group(f"index in {parts} parts", index)
    runner.group(f"train in {parts} parts", train)
    runner.group("merge", [f"xmr-train merge --plan parts/plan.npz -t tree.npz -q -o model.npz {files['train']}"])
    shutil.rmtree(runner.folder / "parts")
    different = [name for name, digest in digests.items() if runner.digest(name) != digest]
    if different:
        sys.exit(f"bench.py: the parts made other bytes: {', '.join(different)}")
    print("the same bytes", flush=True)


def measure_one(options, labels):
    """A row of the table."""
    folder = options.work / f"labels-{labels}"
    folder.mkdir(parents=True, exist_ok=True)
    runner = Runner(options, folder)
    make(runner, labels)
    index = "xmr-index -x X.npz -y Y.npz -o tree.npz"
    train = f"xmr-train -x X.npz -y Y.npz -t tree.npz -o model.npz --memory {options.memory or f'{max(1, labels // 1_000_000)}G'}"
    print("| step | s | CPU s | private MiB | file MB |\n|---|---|---|---|---|", flush=True)
    said = {"index": runner.estimate(index)}
    _, index_wall, index_cpu, index_peak, _ = runner.step("index", index + " -q", "tree.npz")
    said["train"] = runner.estimate(train)
    _, train_wall, train_cpu, train_peak, model = runner.step("train", train + " -q", "model.npz")
    runner.step("predict", "xmr-predict -m model.npz -x X-test.npz -o P.npz -q", "P.npz")
    latency = runner.latency("single queries", "xmr-predict -m model.npz -x X-test.npz")
    _, first, *_ = runner.step("first answer", "xmr-predict -m model.npz -x X-one.npz -q -o -", threads=1)
    runner.step("show", "xmr-inspect show model.npz", threads=1)
    report = json.loads(runner.step("eval", f"xmr-eval -y Y-test.npz P.npz --format json --metrics {' '.join(METRICS)}",
                                    threads=1)[0])
    if options.parts:
        in_parts(runner, options.parts, options.memory or "4G")
    for step, estimate in said.items():
        print(f"--dry-run of {step}: " + ", ".join(f"{key} {value:,.0f}" for key, value in estimate.items()))
    return [f"{labels:,}", index_wall, index_cpu, index_peak, train_wall, train_cpu, train_peak, model,
            *(100 * report[metric] for metric in METRICS), latency["mean"], latency["p50"], latency["p99"], 1000 * first]


def measure(options):
    columns = [["labels", 0], ["index, s", 0], ["CPU s", 0], ["private MiB", 0], ["train, s", 0], ["CPU s", 0],
               ["private MiB", 0], ["model, MB", 0], *([metric.upper(), 2] for metric in METRICS), ["one query, mean µs", 1],
               ["p50 µs", 1], ["p99 µs", 1], ["first answer, ms", 0]]
    rows = [measure_one(options, labels) for labels in options.labels]
    sizes = " ".join(map(str, options.labels))
    return figures.table(f"make bench BENCH_OPTIONS='--labels {sizes} --record'", columns, rows)


def make_log(runner, queries):
    if (runner.folder / "made").exists():
        return
    program = pathlib.Path(__file__).with_name("session_log.py")
    with open(runner.folder / "sessions.tsv", "wb") as out:
        subprocess.run([sys.executable, program, str(queries * 5 // 4), str(queries * 6 // 5)], stdout=out, check=True)
    runner.run("xmr-featurize sessions -q -o train.tsv --valid valid.tsv --valid-share 0.01 --test test.tsv --test-share 0.01 "
               "--labels labels.txt sessions.tsv")
    with open(runner.folder / "test.tsv", encoding="utf-8") as rows, \
            open(runner.folder / "requests.tsv", "w", encoding="utf-8") as out:
        out.writelines(row.rpartition("\t")[0] + "\n" for row in itertools.islice(rows, 10_000))
    (runner.folder / "made").touch()


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def measure_log(options, queries):
    """A row of the table."""
    folder = options.work / f"queries-{queries}"
    folder.mkdir(parents=True, exist_ok=True)
    runner = Runner(options, folder)
    make_log(runner, queries)
    print("| step | s | CPU s | private MiB | file MB |\n|---|---|---|---|---|", flush=True)
    _, *train = runner.step("train", "xmr-train completion --labels labels.txt --pairs train.tsv --valid valid.tsv -o model.npz -q",
                            "model.npz")
    _, update, *_ = runner.step("update", "xmr-train update -m model.npz --pairs test.tsv -o new.npz -q", "new.npz")
    latencies = []
    for source, kinds in ("popular", ("mean", "p99")), ("pairs", ("mean", "p99")), ("fused", ("mean", "p50", "p99")):
        latency = runner.latency(source, f"xmr-predict -m model.npz -k 10 --source {source} requests.tsv")
        latencies += [latency[kind] for kind in kinds]
    return [f"{lines_of(folder / 'labels.txt'):,}", f"{lines_of(folder / 'train.tsv'):,}", *train, update, *latencies]


def measure_logs(options):
    columns = [["queries", 0], ["rows", 0], ["train, s", 0], ["CPU s", 0], ["private MiB", 0], ["model, MB", 0],
               ["update, s", 1], ["popular, mean µs", 1], ["p99 µs", 1], ["pairs, mean µs", 1], ["p99 µs", 1],
               ["fused, mean µs", 1], ["p50 µs", 1], ["p99 µs", 1]]
    rows = [measure_log(options, queries) for queries in options.queries]
    sizes = " ".join(map(str, options.queries))
    return figures.table(f"make bench BENCH_OPTIONS='--queries {sizes} --record'", columns, rows)
