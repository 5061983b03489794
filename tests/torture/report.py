#!/usr/bin/python3
"""Writes the tables of results/README.md from the output of the campaigns: tests/torture/report.py

results/<name>.tsv is the output of the last long run of a campaign; findings.tsv is kept by hand. Each has its table between
`<!-- <name> -->` and `<!-- end -->`; `<!-- overview -->` sums them up. To update one:

  tests/torture/damage.sh build/release/bin > tests/torture/results/damage.tsv
  tests/torture/report.py
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE / "results" / "README.md"
READERS = {  # row of the overview: readers of damage.tsv, fuzzers
    "archive": (["archive", "archive, verified", "npy", "ZIP directory"], ["archive", "zip_directory"]),
    "matrix": (["matrix"], ["matrix"]),
    "XMC and svmlight text": (["XMC text", "svmlight text"], ["text_matrix"]),
    "corpus": (["corpus"], ["corpus"]),
    "session log": (["session log"], ["sessions"]),
    "tokenizer": ([], ["tokenizer"]),
    "vectorizer": (["vectorizer"], ["vectorizer"]),
    "tree": (["tree"], ["tree"]),
    "clusters": (["clusters"], []),
    "model": (["model", "BM25 model", "completion model", "chunk"], ["model"]),
    "plans and parts": (["plan", "part", "plan of a tree", "part of a tree", "part of a fit"], []),
    "shards and their answers": (["shard, nodes or part"], []),
    "names, sets of labels": (["names", "set of labels"], ["names"]),
    "predictions": (["predictions"], ["predictions"]),
    "JSON, fusion weights": (["JSON", "fusion weights"], ["fusion_weights"]),
    "folders of PECOS": (["PECOS model", "PECOS vectorizer"], ["pecos_model", "pecos_vectorizer"]),
}


def read(name):
    return [line.split("\t") for line in (HERE / "results" / f"{name}.tsv").read_text().splitlines() if line]


def overview():
    damage = {row[0]: [int(cell) for cell in row[1:]] for row in read("damage")[1:]}
    fuzzed = {row[0]: int(row[1]) for row in read("fuzz")[1:]}
    found = [row[0] for row in read("findings")[1:]]
    rows, counted = [["attacked", "truncations", "changed bytes", "other attempts", "found and mended"]], set()

    def add(name, *counts):
        counted.add(name)
        rows.append([name, *[str(count or "") for count in counts], str(found.count(name) or "")])

    for name, (readers, fuzzers) in READERS.items():
        tried = [damage.pop(reader) for reader in readers]
        add(name, *(sum(counts[i] for counts in tried) for i in (0, 1)), sum(fuzzed.pop(fuzzer) for fuzzer in fuzzers))
    if damage or fuzzed:
        sys.exit(f"report.py: no row of the overview has {[*damage, *fuzzed]}")
    add("faults", 0, 0, sum(int(row[1]) for row in read("faults")[1:]))
    add("kills", 0, 0, sum(int(row[1]) for row in read("kills")[1:]))
    add("command lines", 0, 0, sum(int(row[1]) for row in read("arguments")[1:]))
    add("forged archives", 0, 0, sum(int(row[1]) for row in read("forged")[1:]))
    for name in dict.fromkeys(found):
        if name not in counted:
            add(name, 0, 0, 0)
    bugs, coverage = read("seeded_bugs")[1:], read("coverage")[-1]
    rows.append(["seeded bugs", "", "", str(len(bugs)), f"{sum(row[4] == 'caught' for row in bugs)} caught"])
    rows.append(["lines, branches that tests run", "", "", f"{coverage[2]}, {coverage[4]}", ""])
    return rows


def shown(cell):
    return f"{int(cell):,}" if re.fullmatch(r"\d+", cell) else cell


def table(name):
    head, *lines = overview() if name == "overview" else read(name)
    rows = [[shown(cell) for cell in row] for row in lines]
    numbers = [all(re.fullmatch(r"([\d,.]*( %)?(, )?)*( caught)?", row[i]) for row in rows) for i in range(len(head))]
    rules = ["---:" if number else "---" for number in numbers]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rules, *rows])


def main():
    page = PAGE.read_text()
    names = re.findall(r"^<!-- (\w+) -->$", page, re.M)
    results = sorted(path.stem for path in (HERE / "results").glob("*.tsv"))
    if sorted(name for name in names if name not in ("end", "overview")) != results:
        sys.exit(f"report.py: results/README.md has places for {names}, results are {results}")
    PAGE.write_text(re.sub(r"(?ms)^<!-- (\w+) -->\n.*?^<!-- end -->$",
                           lambda found: f"<!-- {found[1]} -->\n{table(found[1])}\n<!-- end -->", page))


main()
