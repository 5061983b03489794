"""The measured figures of the documentation: docs/figures.json.

The file maps the name of a table to

    {"command": ..., "machine": ..., "date": ..., "commit": ..., "columns": [[title, decimals], ...], "rows": [[...], ...]}

bench.py writes the tables that it measures and keeps the others. A page shows a table between `<!-- figures NAME -->` and
`<!-- end -->`, or the rows of some sets: `<!-- figures NAME: SET SET -->`. scripts/check_docs writes these blocks and refuses
a page that differs.
"""
import datetime
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "docs" / "figures.json"
BLOCK = re.compile(r"^<!-- figures ([a-z0-9-]+)((?::[^\n]*)?) -->\n.*?^<!-- end -->$", re.M | re.S)


def load():
    return json.loads(FILE.read_text(encoding="utf-8"))


def machine():
    """The processor and the number of those that this process may use."""
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.*)$", text, re.M)
    count = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    wide = ", AVX-512" if " avx512f " in text else ""
    return f"{count} processors, {re.sub(r'@.*|Processor|CPU|[(]R[)]|[(]TM[)]', '', model[1]).strip() if model else 'unknown'}{wide}"


def commit():
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=10"], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() or "unknown"


def table(command, columns, rows):
    """A table that was measured here. A column is a title and the decimals of its numbers; a cell is a number, a text or None."""
    return {"command": command, "machine": machine(), "date": datetime.date.today().isoformat(), "commit": commit(),
            "columns": columns, "rows": rows}


def save(tables):
    """Writes the tables into the file, beside those that were not measured. A row is a line, for the sake of diffs."""
    def of_lines(values):
        return "[\n" + ",\n".join("      " + json.dumps(value, ensure_ascii=False) for value in values) + "\n    ]"

    blocks = []
    for name, entry in sorted({**(load() if FILE.exists() else {}), **tables}.items()):
        lines = [f'    "{key}": ' + (of_lines(value) if isinstance(value, list) else json.dumps(value, ensure_ascii=False))
                 for key, value in entry.items()]
        blocks.append(f'  "{name}": {{\n' + ",\n".join(lines) + "\n  }")
    FILE.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


def shown(value, decimals):
    if value is None:
        return ""
    return f"{value:,.{decimals}f}" if isinstance(value, (int, float)) else value


def lines_of(entry, sets=None):
    """The rows of a Markdown table, with its header. Given sets, only their rows."""
    yield "| " + " | ".join(title for title, _ in entry["columns"]) + " |"
    yield "|" + "---|" * len(entry["columns"])
    for row in entry["rows"] if not sets else (row for row in entry["rows"] if row[0] in sets):
        yield "| " + " | ".join(shown(value, decimals) for value, (_, decimals) in zip(row, entry["columns"], strict=True)) + " |"


def markdown(entry, sets=None):
    """The table and, below it, the machine, the date, the commit and the command."""
    return "\n".join([*lines_of(entry, sets), "",
                      f"{entry['machine']}; {entry['date']}, commit {entry['commit']}: `{entry['command']}`"])


def with_tables(page, tables):
    """The text of a page with every block as the file has it. Raises KeyError for a table that the file lacks."""
    def block(found):
        table_of_block = markdown(tables[found[1]], found[2].strip(":").split())
        return f"<!-- figures {found[1]}{found[2]} -->\n{table_of_block}\n<!-- end -->"

    return BLOCK.sub(block, page)


def ratios(old, new):
    """Lines that say how each number of a table changed, for the rows that both tables have."""
    titles = [title for title, _ in new["columns"]]
    if not old or [title for title, _ in old["columns"]] != titles:
        return
    def key(row):
        return tuple(value for value in row if isinstance(value, str))

    before = {key(row): row for row in old["rows"]}
    for row in new["rows"]:
        changes = [f"{title} {b / a:.2f}" for title, a, b in zip(titles, before.get(key(row), []), row)
                   if isinstance(a, (int, float)) and isinstance(b, (int, float)) and a]
        if changes:
            yield f"{', '.join(key(row))}: new / old: " + ", ".join(changes)
