#!/usr/bin/python3
"""Gives every command archives that lie: forged.py FOLDER OF THE TOOLS [SECONDS [SEED]]

One of workload.py's commands gets one of its archives with one number of one member changed to a value at the edge of what may
be, all checksums right, as a program that means harm would write it. What must then hold: workload.problem_of(). Prints a
table; exits with 1 if any of this was not so."""
import pathlib
import random
import re
import shutil
import struct
import sys
import tempfile
import time
import zipfile

import workload
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from row_sums import set_row_sums

CODES = {"i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e", "f4": "f", "f8": "d"}


def edges(code):
    if code in "efd":
        return [float("nan"), float("inf"), -1.0, 0.0, 6e4, 6e4 if code == "e" else 3e38]
    bits = 8 * struct.calcsize(code) - code.islower()
    return [0, 1, 2, (1 << bits) - 1, (1 << bits) - 2, 1 << bits - 1 - code.islower(), -1 if code.islower() else 5]


def forge(source, target, chance):
    """Says what was changed; None if there is nothing to change."""
    with zipfile.ZipFile(source) as archive:
        members = {info.filename: bytearray(archive.read(info)) for info in archive.infolist()}
    name = chance.choice([name for name in members if name.endswith(".npy")])
    start = 10 + struct.unpack("<H", members[name][8:10])[0]
    known = re.search(rb"'descr': '[<|](\w\d)'", members[name][:start])
    if known is None or known[1].decode() not in CODES or len(members[name]) == start:
        return None
    code = CODES[known[1].decode()]
    number = chance.randrange((len(members[name]) - start) // struct.calcsize(code))
    value = chance.choice(edges(code))
    struct.pack_into("<" + code, members[name], start + number * struct.calcsize(code), value)
    if name != "sums.npy":
        set_row_sums(members)
    with zipfile.ZipFile(target, "w") as archive:
        for member, content in members.items():
            info = zipfile.ZipInfo(member)
            padding = -(archive.fp.tell() + 30 + len(member) + 4) % 64  # our readers use arrays where they are
            info.extra = struct.pack("<HH", 0xD935, padding) + bytes(padding)
            archive.writestr(info, bytes(content))
    return f"{source.name}: {name}[{number}]={value}"


def main():
    tools = pathlib.Path(sys.argv[1]).resolve()
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    tried, found = {}, []
    with tempfile.TemporaryDirectory() as name:
        whole, folder = pathlib.Path(name) / "whole", pathlib.Path(name) / "work"
        whole.mkdir()
        workload.make_all(tools, whole)
        readers = []  # (command, one of its inputs)
        for command, outputs in workload.COMMANDS:
            inputs = {word for word in command.split() if word.endswith(".npz") and (whole / word).exists()} - set(outputs.split())
            readers += [(command, word) for word in sorted(inputs)]
        end = time.monotonic() + seconds
        runs = 0
        while time.monotonic() < end:
            if runs % 50 == 0:  # what was written over is as it was
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(whole, folder)
            runs += 1
            command, source = chance.choice(readers)
            change = forge(whole / source, folder / "forged.npz", chance)
            if change is None:
                continue
            program, *words = [word if word != source else "forged.npz" for word in workload.words_of("", command)]
            problem, code = workload.problem_of(tools / program, words, folder)
            counts = tried.setdefault(program, {0: 0, 1: 0, 2: 0, "wrong": 0})
            counts["wrong" if problem else code] += 1
            if problem:
                found.append(f"{command}: {change}: {problem}")
    print("tool", "forged archives", "read", "refused", "wrong use", "wrong", sep="\t")
    for program, counts in sorted(tried.items()):
        print(program, sum(counts.values()), *counts.values(), sep="\t")
    for line in found[:40]:
        print(line, file=sys.stderr)
    sys.exit(bool(found))


main()
