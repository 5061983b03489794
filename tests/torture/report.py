#!/usr/bin/python3
"""Writes the tables of docs/testing.md from what the campaigns printed: tests/torture/report.py

results/<name>.tsv is the output of the last long run of a campaign; its table stands in docs/testing.md between
`<!-- <name> -->` and `<!-- end -->`. To bring one up to date:

  tests/torture/damage.sh build/release/bin > tests/torture/results/damage.tsv
  tests/torture/report.py
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "testing.md"


def shown(cell):
    return f"{int(cell):,}" if re.fullmatch(r"\d+", cell) else cell


def table(name):
    lines = [line.split("\t") for line in (HERE / "results" / f"{name}.tsv").read_text().splitlines() if line]
    rows = [[shown(cell) for cell in row] for row in lines[1:]]
    numbers = [all(re.fullmatch(r"[\d,.]*( %)?", row[i]) for row in rows) for i in range(len(lines[0]))]
    rules = ["---:" if number else "---" for number in numbers]
    return "\n".join("| " + " | ".join(row) + " |" for row in [lines[0], rules, *rows])


def main():
    page = PAGE.read_text()
    names = re.findall(r"^<!-- (\w+) -->$", page, re.M)
    results = sorted(path.stem for path in (HERE / "results").glob("*.tsv"))
    if sorted(name for name in names if name != "end") != results:
        sys.exit(f"report.py: docs/testing.md has places for {names}, results are {results}")
    PAGE.write_text(re.sub(r"(?ms)^<!-- (\w+) -->\n.*?^<!-- end -->$",
                           lambda found: f"<!-- {found[1]} -->\n{table(found[1])}\n<!-- end -->", page))


main()
