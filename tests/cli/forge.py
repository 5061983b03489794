#!/usr/bin/python3
"""Writes an npz anew with one thing changed and its checksums right again, as no damage but a wrong or malicious
program leaves it. forge.py IN OUT CHANGE, where CHANGE is one of

  meta.json:/format_version=9    a value of meta.json, by JSON pointer
  indices[2]=77                  an item of an array
  -indptr                        a member left out
  indptr~-8                      a member deflated, whose directory claims so many bytes more or less than there are
"""
import json
import pathlib
import re
import struct
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from row_sums import set_row_sums

CODES = {"i1": "b", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e", "f4": "f", "f8": "d"}


def set_item(npy, index, value):
    start = 10 + struct.unpack("<H", npy[8:10])[0]
    code = CODES[re.search(rb"'descr': '[<|](\w\d)'", npy[:start]).group(1).decode()]
    at = start + index * struct.calcsize(code)
    value = float(value) if code in "efd" else int(value)
    return npy[:at] + struct.pack("<" + code, value) + npy[at + struct.calcsize(code):]


def set_value(text, pointer, value):
    document = json.loads(text)
    *path, last = pointer.split("/")[1:]
    place = document
    for name in path:
        place = place[name]
    place[last] = json.loads(value)
    return json.dumps(document, indent=1).encode() + b"\n"


def claim_wrong_size(archive, name, difference):
    """The size in the central directory and in the local header."""
    info = zipfile.ZipFile(archive).getinfo(name)
    data = bytearray(open(archive, "rb").read())
    right, wrong = struct.pack("<I", info.file_size), struct.pack("<I", info.file_size + difference)
    local = info.header_offset + 22
    central = data.index(b"PK\1\2")
    while data[central + 46:central + 46 + len(name)] != name.encode():
        central = data.index(b"PK\1\2", central + 1)
    for at in (local, central + 24):
        assert data[at:at + 4] == right
        data[at:at + 4] = wrong
    open(archive, "wb").write(data)


source, target, change = sys.argv[1:]
with zipfile.ZipFile(source) as zipped:
    members = {info.filename: zipped.read(info) for info in zipped.infolist()}
deflated = None
if match := re.fullmatch(r"meta\.json:(/.*)=(.*)", change):
    members["meta.json"] = set_value(members["meta.json"], *match.groups())
elif match := re.fullmatch(r"(.*)\[(\d+)\]=(.*)", change):
    name = match[1] + ".npy"
    members[name] = set_item(members[name], int(match[2]), match[3])
    if match[1] != "sums":
        set_row_sums(members)
elif change.startswith("-"):
    del members[change[1:] if change == "-meta.json" else change[1:] + ".npy"]
else:
    deflated, difference = change.split("~")
    deflated += ".npy"
with zipfile.ZipFile(target, "w") as zipped:
    for name, data in members.items():
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if name == deflated else zipfile.ZIP_STORED
        padding = -(zipped.fp.tell() + 30 + len(name) + 4) % 64  # our readers use arrays where they are
        info.extra = struct.pack("<HH", 0xD935, padding) + bytes(padding)
        zipped.writestr(info, data)
if deflated:
    claim_wrong_size(target, deflated, int(difference))
