"""Runs the ```sh blocks of a Markdown page, in order and in the current folder, and compares their stdout with the
```text block that follows, where one does.

    run_blocks.py PAGE [--redo]     --redo writes the outputs that came into the page
"""
import difflib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```sh\n(?P<commands>.*?)^```\n(?P<between>\n*)(?P<output>^```text\n(?P<expected>.*?)^```\n)?",
                   re.M | re.S)


def run(page, block):
    line = page.count("\n", 0, block.start()) + 1
    done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", block["commands"]], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT if block["output"] else None, text=True)
    if done.returncode != 0:
        sys.exit(f"{sys.argv[1]}:{line}: exit code {done.returncode}\n{done.stdout}")
    return line, done.stdout


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        page = file.read()
    redone, end, failed = "", 0, False
    for block in BLOCK.finditer(page):
        line, got = run(page, block)
        if block["output"] and got != block["expected"]:
            failed = True
            print(f"{sys.argv[1]}:{line}: another output")
            print("".join(difflib.unified_diff(block["expected"].splitlines(True), got.splitlines(True), "page", "got")))
            redone += page[end:block.start("expected")] + got
            end = block.end("expected")
    if "--redo" in sys.argv[2:]:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(redone + page[end:])
    elif failed:
        sys.exit(1)


main()
