#!/usr/bin/python3
"""Gives every tool command lines that nobody thought of: arguments.py FOLDER OF THE TOOLS [SECONDS [SEED]]

Each is one of workload.py's, changed in one to four places: words are left out, repeated, exchanged, replaced by words of
other command lines, by options of any tool or by values at the edge of what may be. What must then hold:
workload.problem_of(). Prints a table; exits with 1 if any of this was not so."""
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import workload

VALUES = ["", "0", "-1", "1", "2", "3", "1e9", "4294967295", "4294967296", "18446744073709551616", "0.5", "nan", "inf", "-0", "1e-40",
          "abc", "-", "--", "=", ",", ":", "1:2", "3:1", "p@1", "p@0", "none", "all", "\xff", "é", "a" * 300, ".", "nowhere/x"]


def options_of(tools):
    found = set()
    for command in {workload.name_of(command) for command, _ in workload.COMMANDS}:
        text = subprocess.run(workload.words_of(tools, command, "--help"), capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", text))
    return sorted(found)


def changed(words, pool, chance):
    words = list(words)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(words))
        what = chance.random()
        if what < 0.15 and at < len(words):
            del words[at]
        elif what < 0.3 and at < len(words):
            words.insert(at, words[at])
        elif what < 0.4 and len(words) > 1:
            other = chance.randrange(len(words))
            at = min(at, len(words) - 1)
            words[at], words[other] = words[other], words[at]
        elif what < 0.7 and at < len(words):
            words[at] = chance.choice(pool)
        else:
            words[at:at] = [chance.choice(pool), chance.choice(VALUES)] if what < 0.85 else [chance.choice(pool)]
    return words


def main():
    tools = pathlib.Path(sys.argv[1]).resolve()
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    tried, found = {}, []
    with tempfile.TemporaryDirectory() as name:
        whole, folder = pathlib.Path(name) / "whole", pathlib.Path(name) / "work"
        whole.mkdir()
        workload.make_all(tools, whole)
        pool = options_of(tools) + VALUES + [word for command, _ in workload.COMMANDS for word in workload.words_of("", command)[1:]]
        end = time.monotonic() + seconds
        runs = 0
        while time.monotonic() < end:
            if runs % 50 == 0:  # what was written over is as it was
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(whole, folder)
            runs += 1
            program, *words = workload.words_of("", chance.choice(workload.COMMANDS)[0])
            words = [word for word in changed(words, pool, chance) if "\0" not in word]
            problem, code = workload.problem_of(tools / program, words, folder)
            counts = tried.setdefault(program, {0: 0, 1: 0, 2: 0, "wrong": 0})
            counts["wrong" if problem else code] += 1
            if problem:
                found.append(f"{program} {words}: {problem}")
    print("tool", "command lines", "done", "could not be done", "wrong use", "wrong", sep="\t")
    for program, counts in sorted(tried.items()):
        print(program, sum(counts.values()), *counts.values(), sep="\t")
    for line in found[:40]:
        print(line, file=sys.stderr)
    sys.exit(bool(found))


main()
