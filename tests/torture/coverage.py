#!/usr/bin/python3
"""Coverage of lines and branches by module, as gcov counted it: coverage.py BUILD FOLDER [--uncovered]

`make coverage` builds with XMR_COVERAGE, runs the tests and calls this. Branches that only an exception takes are not
counted: every call has one. With --uncovered the files follow, each with the lines that nothing ran. Needs gcovr."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def read(build):
    command = ["gcovr", build, "--root", ROOT, "--object-directory", build, "--filter", f"{ROOT}/lib/", "--filter", f"{ROOT}/tools/",
               "--exclude-throw-branches", "--exclude-unreachable-branches", "--json", "-"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["files"]


def module_of(path):
    parts = pathlib.PurePath(path).parts
    return f"{parts[2]}" if parts[:2] == ("lib", "xmr") else parts[0] if parts[0] == "tools" else "library for C"


def main():
    modules, uncovered = {}, []
    for file in read(pathlib.Path(sys.argv[1]).resolve()):
        counts = modules.setdefault(module_of(file["file"]), [0, 0, 0, 0])
        missed = []
        for line in file["lines"]:
            if line.get("gcovr/noncode"):
                continue
            counts[0] += 1
            counts[1] += line["count"] > 0
            missed += [line["line_number"]] if line["count"] == 0 else []
            counts[2] += len(line["branches"])
            counts[3] += sum(branch["count"] > 0 for branch in line["branches"])
        if missed:
            uncovered.append((file["file"], missed))
    share = lambda part, whole: f"{100 * part / whole:.1f} %" if whole else "0.0 %"
    print("module", "lines", "run", "branches", "taken", sep="\t")
    for name, (lines, run, branches, taken) in [*sorted(modules.items()),
                                                ("all", [sum(column) for column in zip(*modules.values())])]:
        print(name, lines, share(run, lines), branches, share(taken, branches), sep="\t")
    if "--uncovered" in sys.argv:
        for name, lines in sorted(uncovered):
            print(name, *lines, file=sys.stderr)


main()
