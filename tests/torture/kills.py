#!/usr/bin/python3
"""Kills each tool at random moments and looks at what is left: kills.py FOLDER OF THE TOOLS [KILLS A COMMAND [SEED [OUTPUT...]]]

A run that is killed by SIGKILL leaves the old output or the whole new one, byte by byte. The next run removes what was
left beside it, a checkpoint too. SIGTERM removes it at once, but for a checkpoint. Prints a table; exits with 1 if any of this was not so."""
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMMANDS = {  # output: command
    "vec.npz": "xmr-featurize fit -q -o vec.npz train.tsv",
    "fit-0.npz": "xmr-featurize fit --part 0 --parts 2 -q -o fit-0.npz train.tsv",
    "fit-1.npz": "xmr-featurize fit --part 1 --parts 2 -q -o fit-1.npz train.tsv",
    "fitted.npz": "xmr-featurize merge -q -o fitted.npz fit-0.npz fit-1.npz",
    "X.npz": "xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv",
    "tree.npz": "xmr-index -q -x X.npz -y Y.npz -o tree.npz",
    "tree-plan.npz": "xmr-index plan -q -x X.npz -y Y.npz --branching 4 --max-leaf 20 --parts 2 -o tree-plan.npz",
    "tree-0.npz": "xmr-index part --part 0 -q --plan tree-plan.npz -x X.npz -y Y.npz -o tree-0.npz",
    "tree-1.npz": "xmr-index part --part 1 -q --plan tree-plan.npz -x X.npz -y Y.npz -o tree-1.npz",
    "joined.npz": "xmr-index merge -q --plan tree-plan.npz -o joined.npz tree-0.npz tree-1.npz",
    "model.npz": "xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz",
    "P.tsv": "xmr-predict -o P.tsv -q -m model.npz -x X.npz",
    "P.npz": "xmr-predict -o P.npz -q -m model.npz -x X.npz",
    "X-0.npz": "xmr-featurize apply --part 0 --parts 2 -q -f vec.npz --labels labels.txt -x X-0.npz -y Y-0.npz train.tsv",
    "X-1.npz": "xmr-featurize apply --part 1 --parts 2 -q -f vec.npz --labels labels.txt -x X-1.npz -y Y-1.npz train.tsv",
    "XW.npz": "xmr-inspect concat -q X-0.npz X-1.npz -o XW.npz",
    "plan.npz": "xmr-train plan -q -x X.npz -y Y.npz -t tree.npz --parts 2 -o plan.npz",
    "part-0.npz": "xmr-train part --part 0 -q --plan plan.npz -x X.npz -y Y.npz -t tree.npz -o part-0.npz",
    "part-1.npz": "xmr-train part --part 1 -q --plan plan.npz -x X.npz -y Y.npz -t tree.npz -o part-1.npz",
    "merged.npz": "xmr-train merge -q --plan plan.npz -t tree.npz -f vec.npz --labels labels.txt -o merged.npz part-0.npz part-1.npz",
    "stages.npz": "xmr-train plan --negatives tfn+man -q -x X.npz -y Y.npz -t tree.npz --parts 1 -o stages.npz",
    "upper.npz": "xmr-train part --stage 0 -q --plan stages.npz -x X.npz -y Y.npz -t tree.npz --part 0 -o upper.npz",
    "matched.npz": "xmr-train match --stage 1 -q --plan stages.npz -x X.npz -y Y.npz -t tree.npz -o matched.npz upper.npz",
    "kept.npz": "xmr-train --checkpoint kept -q -x X.npz -y Y.npz -t tree.npz -o kept.npz",
    "again.npz": "xmr-train --init model.npz -q -x X.npz -y Y.npz -t tree.npz -o again.npz",
    "grown.npz": "xmr-index --init tree.npz -q -x X.npz -y Y.npz --max-leaf 50 -o grown.npz",
    "P-0.npz": "xmr-predict --part 0 --parts 2 -q -m model.npz -x X.npz -o P-0.npz",
    "fused.tsv": "xmr-predict fuse -q P.npz P.npz -o fused.tsv",
    "calibration.npz": "xmr-eval fit-calibration -q -y Y.npz P.npz -o calibration.npz",
    "weights.json": "xmr-eval fit-fusion -q -y Y.npz P.npz P.npz -o weights.json",
    "report.html": "xmr-eval --side-by-side report.html -q -y Y.npz P.npz",
    "pruned.npz": "xmr-inspect prune -q model.npz --threshold 0.2 -o pruned.npz",
    "XS.npz": "xmr-inspect slice -q X.npz --rows 100:2000 -o XS.npz",
    "all.txt": "xmr-inspect convert -q X.npz Y.npz -o all.txt",
    "XI.npz": "xmr-featurize import -q -x XI.npz -y YI.npz all.txt",
    "counts.npz": "xmr-featurize fit --idf none -q --norm none --row-norm none --word 1 -o counts.npz train.tsv",
    "XC.npz": "xmr-featurize apply -f counts.npz -q -x XC.npz train.tsv",
    "bm25.npz": "xmr-train bm25 -q -x XC.npz -y Y.npz -f counts.npz --labels labels.txt -o bm25.npz",
    "pairs.tsv": "xmr-featurize sessions -q -o pairs.tsv --labels queries.txt sessions.tsv",
    "words.npz": "xmr-featurize fit --columns previous,prefix,- -q --word 1:column=previous --char 1-2:column=prefix -o words.npz pairs.tsv",
    "SX.npz": "xmr-featurize apply --columns previous,prefix,label -q --label-keys -f words.npz --labels queries.txt -x SX.npz -y SY.npz "
              "pairs.tsv",
    "hybrid.npz": "xmr-index --method hybrid -q -x SX.npz -y SY.npz --labels queries.txt -o hybrid.npz",
    "ranker.npz": "xmr-train -t hybrid.npz -q -x SX.npz -y SY.npz -f words.npz --labels queries.txt -o ranker.npz",
    "completion.npz": "xmr-train completion -q -m ranker.npz --pairs pairs.tsv --valid pairs.tsv -o completion.npz",
    "A.tsv": "xmr-predict --columns previous,prefix,- -q -m completion.npz -o A.tsv pairs.tsv",
}


def temporaries(folder):
    return sorted(path.name for path in folder.glob(".*.tmp"))


def attack(tools, folder, output, command, kills, chance):
    """Kinds of ends and what was wrong after them."""
    start = time.perf_counter()
    run = lambda: subprocess.Popen([tools / command.split()[0], *command.split()[1:]], cwd=folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert run().wait() == 0, command
    seconds = time.perf_counter() - start
    whole = (folder / output).read_bytes()
    ends, wrong = {"killed": 0, "temporaries": 0}, []
    for n in range(kills):
        (folder / output).write_bytes(b"old")
        hard = n % 4 != 3
        process = run()
        time.sleep(chance.uniform(0, 1.1 * seconds))
        process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        code = process.wait()
        ends["killed"] += code != 0
        left = (folder / output).read_bytes()
        if left not in (b"old", whole):
            wrong.append(f"{output}: {len(left)} bytes that are neither the old file nor the new one")
        if code == 0 and left != whole:
            wrong.append(f"{output}: the run ended with 0, but the file is not there")
        if hard:
            ends["temporaries"] += len(temporaries(folder)) > 0 or (folder / "kept").exists()
        elif code != 0 and code != 130 and code != -signal.SIGTERM:
            wrong.append(f"{output}: exit code {code} after SIGTERM")
    if run().wait() != 0 or (folder / output).read_bytes() != whole:
        wrong.append(f"{output}: the run after the last kill is not as the first one")
    if temporaries(folder) or (folder / "kept").exists():
        wrong.append(f"{output}: left for good: {temporaries(folder)}")
    return ends, wrong


def main():
    tools = pathlib.Path(sys.argv[1]).resolve()
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    failed = False
    print("command", "runs", "killed before the end", "left a temporary for the next run", "wrong", sep="\t", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in ("train.tsv", "labels.txt"):
            shutil.copy(ROOT / "data" / "debian-tags" / file, folder)
        shutil.copy(ROOT / "data" / "debian-sessions" / "sessions.tsv", folder)
        for output, command in COMMANDS.items():
            if len(sys.argv) > 4 and output not in sys.argv[4:]:
                subprocess.run([tools / command.split()[0], *command.split()[1:]], cwd=folder, check=True)
                continue
            ends, wrong = attack(tools, folder, output, command, kills, chance)
            print(command.split(" -q ")[0], kills, ends["killed"], ends["temporaries"], len(wrong), sep="\t", flush=True)
            for line in wrong[:5]:
                print(line, file=sys.stderr)
            failed |= bool(wrong)
    sys.exit(failed)


main()
