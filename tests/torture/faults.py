#!/usr/bin/python3
"""Lets the system fail under each command of each tool: faults.py FOLDER OF THE TOOLS [FAULTS A FUNCTION] [SECONDS] [SEED]

One call of read, write, fsync, malloc, ... fails (inject.c), at each place in turn, or at as many random places as are
asked for (0.1: one place of every tenth function); all reads and writes are short; or the address space is small. What
must then hold:

- exit code 0 and the outputs of an undisturbed run, byte by byte, or 1 and an error line that begins with the tool and
  names a file of the command line, a stream, or memory;
- each output is the old file or the whole new one; inputs are as they were; no temporary is left;
- a short or interrupted call changes nothing.

Then two processes write the same outputs at once. Prints a table of what was tried; exits with 1 if any of this was not
so."""
import errno
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import workload

HARD = {  # function: errors that it may give
    "read": ["EIO"], "pread": ["EIO"], "write": ["EIO", "ENOSPC"], "pwrite": ["EIO", "ENOSPC"], "fsync": ["EIO", "ENOSPC"],
    "rename": ["EACCES"], "open": ["EMFILE"], "mkostemps": ["EACCES"], "mmap": ["ENOMEM"], "close": ["EIO"],
    "thread": ["EAGAIN"], "malloc": ["ENOMEM"],
}
SOFT = ["read", "pread", "write", "pwrite"]


class Campaign:
    def __init__(self, tools, most, seconds, seed):
        self.tools, self.most, self.chance = tools, most, random.Random(seed)
        self.end = time.monotonic() + seconds
        self.tried, self.wrong = {}, []

    def build(self, folder):
        self.library = folder / "inject.so"
        source = pathlib.Path(__file__).resolve().parent / "inject.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, source, "-ldl"], check=True)

    def run(self, command, fault=""):
        """Exit code, stdout, stderr, what the library reported."""
        source, sink = os.pipe()
        limit = int(fault.split()[1]) << 20 if fault.startswith("address-space") else resource.RLIM_INFINITY
        environment = dict(os.environ, LD_PRELOAD=str(self.library), XMR_FAULT=fault, XMR_FAULT_REPORT=str(sink))
        done = subprocess.run(workload.words_of(self.tools, command, "-q", "-j", "2" if "thread" in fault else "1"),
                              cwd=self.folder, env=environment, pass_fds=[sink], capture_output=True, timeout=60,
                              stdin=workload.input_of(self.folder, command),
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        os.close(sink)
        with open(source, encoding="ascii") as report:
            return done.returncode, done.stdout, done.stderr.decode(), report.read()

    def files(self):
        return {str(path.relative_to(self.folder)): path.read_bytes()
                for path in self.folder.rglob("*") if path.is_file() and path.name != "stats.json"}

    def restore(self, files):
        for path in self.folder.rglob("*"):
            if path.is_file() and str(path.relative_to(self.folder)) not in files:
                path.unlink()
        for path in self.folder.iterdir():
            if path.is_dir() and not any(name.startswith(path.name + "/") for name in files):
                shutil.rmtree(path)
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def judge(self, what, command, fault, before, whole, expected, soft):
        self.tried[what] = self.tried.get(what, 0) + 1
        self.restore(before)
        code, stdout, stderr, _ = self.run(command, fault)
        after = self.files()
        problems = []
        if code not in (0, 1):
            problems.append(f"exit code {code}")
        if code == 0 or soft:
            if code != 0 or stdout != expected or after != whole:
                problems.append(f"exit code {code}, not what an undisturbed run gives")
        else:
            names = "|".join(map(re.escape, ["<stdout>", "<stdin>", "not enough memory", "thread 2 of 2",
                                              "files cannot be relied on", tempfile.gettempdir()] + command.split()[1:]))
            if not re.match(rf"{command.split()[0]}: error: .*({names})", stderr) or stderr.count("error:") != 1:
                problems.append("no error line that names a file")
        for name in sorted(after.keys() | before.keys()):
            if name.startswith("kept/"):
                continue  # the checkpoint of a run that failed, as it should be
            if fault.startswith("malloc") and name.startswith("."):
                continue  # nlohmann-json ends the process where memory ends in its destructors; the next run removes it
            if name.endswith(".tmp"):
                problems.append(f"{name} is left")
            elif after.get(name) not in (before.get(name), whole.get(name)):
                problems.append(f"{name} is neither the old file nor the new one")
        for problem in problems:
            self.wrong.append((what, f"{command}: {fault}: {problem}: {stderr.strip()[-200:]}"))

    def attack(self, command, outputs):
        before = self.files()
        code, expected, stderr, report = self.run(command)
        assert code == 0, f"{command}: {stderr}"
        whole = self.files()
        for output in outputs:
            before[output] = b"old"
        counts = {line.split()[0]: int(line.split()[1]) for line in report.splitlines()}
        counts["thread"] = 1  # this run had none
        for function in SOFT:
            for how in ("half", str(errno.EINTR)):
                places = self.places(min(counts[function], 1) if how == "half" else counts[function])
                for place in ["all"] * len(places) if how == "half" else places:
                    self.judge(f"{function}, short" if how == "half" else f"{function}, EINTR", command,
                               f"{function} {place} {how}", before, whole, expected, True)
        for function, errors in HARD.items():
            for place in self.places(counts[function]):
                for error in errors:
                    fault = f"{function} {place} {getattr(errno, error)}"
                    self.judge(f"{function}, {error}", command, fault, before, whole, expected, False)
        for place in self.places(64):
            self.judge("limit of address space", command, f"address-space {16 + place} MiB", before, whole, expected, False)
        self.restore(whole)

    def places(self, count):
        if time.monotonic() > self.end:
            return []
        most = self.most if self.most >= 1 else self.chance.random() < self.most
        return range(1, count + 1) if count <= most else sorted(self.chance.sample(range(1, count + 1), int(most)))

    def race(self, command):
        """Twice at once: both end well, and what is there is whole."""
        start = lambda: subprocess.Popen(workload.words_of(self.tools, command, "-q"), cwd=self.folder,
                                         stdin=workload.input_of(self.folder, command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        before = self.files()
        both = [start(), start()]
        said = [process.communicate()[1].decode() for process in both]
        self.tried["two writers"] = self.tried.get("two writers", 0) + 1
        if any(process.returncode != 0 for process in both) or self.files() != before:
            self.wrong.append(("two writers", f"{command}: {[process.returncode for process in both]} {said}"))


def main():
    tools = pathlib.Path(sys.argv[1]).resolve()
    most, seconds, seed = (float(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((2, 30), (3, 3600), (4, 1)))
    campaign = Campaign(tools, most, seconds, seed)
    with tempfile.TemporaryDirectory() as name:
        campaign.build(pathlib.Path(name))
        campaign.folder = pathlib.Path(name) / "work"
        campaign.folder.mkdir()
        workload.prepare(campaign.folder)
        for command, outputs in workload.COMMANDS:
            campaign.attack(command, outputs.split())
            if outputs and "--checkpoint" not in command:  # which refuses the second
                campaign.race(command)
    print("fault", "tried", "wrong", sep="\t")
    for what, count in campaign.tried.items():
        print(what, count, sum(kind == what for kind, _ in campaign.wrong), sep="\t")
    for _, line in campaign.wrong[:40]:
        print(line, file=sys.stderr)
    sys.exit(bool(campaign.wrong))


main()
