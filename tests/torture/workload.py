"""What the campaigns run: every command of every tool on files of a few rows, in an order in which each finds the outputs
of those before it. A command writes the files that OUTPUTS names, or to stdout; "< FILE" at its end is its input."""
import pathlib
import resource
import subprocess

INPUTS = {
    "train.tsv": "0\telectric kettle\n1\tdesk lamp\n2\tsteam iron\n0,1:0.5\tkettle lamp\n2\tiron board\n1\tred lamp\n",
    "rows.tsv": "electric kettle\nred lamp\nsteam\n",
    "row.tsv": "red lamp\n",
    "labels.txt": "kettle\nlamp\tdesk lamp\t3\niron\n",
    "stock.txt": "lamp\niron\n",
    "paths.txt": "0\thot/kitchen\n1\tliving/desk\n2\thot/clothes\n",
    "rows.svm": "1,2:0.5 1:1 3:2\n0 2:1e-3\n",
    "log.tsv": "1\t10\tkettle\n1\t20\tkettle red\n1\t30\tlamp\n2\t1000\tkettle\n2\t1010\tlamp\n",
    "keys.txt": "ket\tla\x7f\x1b[B\r",
    "tfidf/tokenizer/config.json": '{"token_type": 10}',
    "tfidf/tokenizer/vocab.txt": "3\n2\tlamp\n0\tred\n1\tdesk\n",
    "tfidf/vectorizer/config.json": '{"type": "tfidf", "kwargs": {"ngram_range": [1, 1], "max_length": -1, "binary": false, '
                                    '"sublinear_tf": false, "use_idf": true, "norm_p": "l2"}}',
    "tfidf/vectorizer/tfidf-model.txt": "2\n1\t3.0\t1\t1\n0\t2.0\t1\t0\n",
}
COMMANDS = [  # (command, its outputs)
    ("xmr-featurize fit --word 1-2 --char-wb 3 -o vec.npz train.tsv", "vec.npz"),
    ("xmr-featurize fit --word 1:hash=6 -o hashed.npz train.tsv", "hashed.npz"),
    ("xmr-featurize fit --word 1 --idf none --norm none --row-norm none -o counts.npz train.tsv", "counts.npz"),
    ("xmr-featurize fit --word 1-2 --char-wb 3 --part 0 --parts 2 -o fit-0.npz train.tsv", "fit-0.npz"),
    ("xmr-featurize fit --word 1-2 --char-wb 3 --part 1 --parts 2 -o fit-1.npz train.tsv", "fit-1.npz"),
    ("xmr-featurize merge -o fitted.npz fit-0.npz fit-1.npz", "fitted.npz"),
    ("xmr-featurize apply -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv", "X.npz Y.npz"),
    ("xmr-featurize apply -f counts.npz -x C.npz train.tsv", "C.npz"),
    ("xmr-featurize import --label-weights --first-feature 1 -x XI.npz -y YI.npz rows.svm", "XI.npz YI.npz"),
    ("xmr-featurize sessions -o pairs.tsv --labels queries.txt log.tsv", "pairs.tsv queries.txt"),
    ("xmr-index -x X.npz -y Y.npz --branching 2 --max-leaf 2 -o tree.npz --stats stats.json", "tree.npz"),
    ("xmr-index clusters paths.txt -o clusters.npz", "clusters.npz"),
    ("xmr-index -x X.npz -y Y.npz --init tree.npz --max-leaf 2 -o grown.npz", "grown.npz"),
    ("xmr-index plan -x X.npz -y Y.npz --branching 2 --max-leaf 2 --parts 2 -o tree-plan.npz", "tree-plan.npz"),
    ("xmr-index part --plan tree-plan.npz -x X.npz -y Y.npz --part 0 -o tree-0.npz", "tree-0.npz"),
    ("xmr-index part --plan tree-plan.npz -x X.npz -y Y.npz --part 1 -o tree-1.npz", "tree-1.npz"),
    ("xmr-index merge --plan tree-plan.npz -o joined.npz tree-0.npz tree-1.npz", "joined.npz"),
    ("xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz", "model.npz"),
    ("xmr-inspect split model.npz --shards 2 -o pieces", ""),
    ("xmr-predict -m pieces/top.npz -x X.npz -k 2 -o nodes.npz", "nodes.npz"),
    ("xmr-predict -m pieces/shard-0.npz -x X.npz --below nodes.npz -k 2 -o below-0.npz", "below-0.npz"),
    ("xmr-predict -m pieces/shard-1.npz -x X.npz --below nodes.npz -k 2 -o below-1.npz", "below-1.npz"),
    ("xmr-predict merge below-0.npz below-1.npz -o sharded.npz", "sharded.npz"),
    ("xmr-featurize apply -f vec.npz --labels labels.txt --part 0 --parts 2 -x X-0.npz -y Y-0.npz train.tsv", "X-0.npz Y-0.npz"),
    ("xmr-featurize apply -f vec.npz --labels labels.txt --part 1 --parts 2 -x X-1.npz -y Y-1.npz train.tsv", "X-1.npz Y-1.npz"),
    ("xmr-inspect concat X-0.npz X-1.npz -o XW.npz", "XW.npz"),
    ("xmr-train -x X.npz -y Y.npz -t grown.npz -f vec.npz --labels labels.txt --init model.npz -o again.npz", "again.npz"),
    ("xmr-train -x X.npz -y Y.npz -t tree.npz --checkpoint kept -o kept.npz", "kept.npz"),
    ("xmr-train plan -x X.npz -y Y.npz -t tree.npz --parts 2 -o plan.npz", "plan.npz"),
    ("xmr-train part --plan plan.npz -x X.npz -y Y.npz -t tree.npz --part 0 -o part-0.npz", "part-0.npz"),
    ("xmr-train part --plan plan.npz -x X.npz -y Y.npz -t tree.npz --part 1 -o part-1.npz", "part-1.npz"),
    ("xmr-train merge --plan plan.npz -t tree.npz -f vec.npz --labels labels.txt -o merged.npz part-0.npz part-1.npz",
     "merged.npz"),
    ("xmr-train plan -x X.npz -y Y.npz -t tree.npz --negatives tfn+man --parts 1 -o stages.npz", "stages.npz"),
    ("xmr-train part --plan stages.npz -x X.npz -y Y.npz -t tree.npz --part 0 -o upper.npz", "upper.npz"),
    ("xmr-train match --plan stages.npz -x X.npz -y Y.npz -t tree.npz --stage 1 -o matched.npz upper.npz", "matched.npz"),
    ("xmr-train bm25 -x C.npz -y Y.npz -f counts.npz --labels labels.txt -o bm25.npz", "bm25.npz"),
    ("xmr-featurize fit --columns previous,prefix,- --word 1:column=previous --char 1-2:column=prefix -o svec.npz pairs.tsv",
     "svec.npz"),
    ("xmr-featurize apply -f svec.npz --columns previous,prefix,label --label-keys --labels queries.txt -x SX.npz -y SY.npz "
     "pairs.tsv", "SX.npz SY.npz"),
    ("xmr-index -x SX.npz -y SY.npz --method hybrid --labels queries.txt -o hybrid.npz", "hybrid.npz"),
    ("xmr-train -x SX.npz -y SY.npz -t hybrid.npz -f svec.npz --labels queries.txt -o ranker.npz", "ranker.npz"),
    ("xmr-train completion -m ranker.npz --pairs pairs.tsv --valid pairs.tsv -o completion.npz",
     "completion.npz"),
    ("xmr-predict -m model.npz -k 2 rows.tsv", ""),
    ("xmr-predict -m model.npz -k 2 -x X.npz -o P.tsv", "P.tsv"),
    ("xmr-predict -m model.npz -k 2 -x X.npz -o P.jsonl", "P.jsonl"),
    ("xmr-predict -m model.npz -k 2 -x X.npz -o P.npz", "P.npz"),
    ("xmr-predict -m model.npz -k 2 -x X.npz --part 1 --parts 2 -o PP.npz", "PP.npz"),
    ("xmr-predict -m model.npz -k 2 -x X.npz --exact --allow stock.txt -o R.tsv", "R.tsv"),
    ("xmr-predict -m model.npz -k 2 -x X.npz --rerank P.npz -o RR.npz", "RR.npz"),
    ("xmr-predict -m model.npz -k 2 --explain 2 --dot search.dot -o E.jsonl row.tsv", "search.dot E.jsonl"),
    ("xmr-predict -m model.npz -m bm25.npz -k 2 --combine rank -o M.tsv rows.tsv", "M.tsv"),
    ("xmr-predict -m bm25.npz --deny stock.txt -o B.tsv rows.tsv", "B.tsv"),
    ("xmr-predict -m completion.npz --unseen 0 --columns previous,prefix,- -o A.tsv pairs.tsv", "A.tsv"),
    ("xmr-predict type -m completion.npz --typos 1 < keys.txt", ""),
    ("xmr-predict fuse P.npz P.npz -o F.tsv", "F.tsv"),
    ("xmr-eval -y Y.npz P.npz P.jsonl --labels labels.txt", ""),
    ("xmr-eval -y Y.npz P.npz --side-by-side report.html", "report.html"),
    ("xmr-eval -y SY.npz A.tsv --labels queries.txt --pairs pairs.tsv --train-pairs pairs.tsv --split seen-pair "
     "--metrics keystrokes@2 bleu@2", ""),
    ("xmr-eval -y Y.npz P.npz R.tsv --labels labels.txt --train-y Y.npz --compare --bootstrap 9 --metrics psp@1 coverage@2 "
     "macro-f1@1", ""),
    ("xmr-eval fit-fusion -y Y.npz P.npz P.npz -o weights.json", "weights.json"),
    ("xmr-eval fit-calibration -y Y.npz P.npz -o calibration.npz", "calibration.npz"),
    ("xmr-predict -m model.npz --calibration calibration.npz --min-score 0.1 --train-y Y.npz -o C.tsv rows.tsv", "C.tsv"),
    ("xmr-inspect show model.npz tree.npz vec.npz X.npz P.npz train.tsv", ""),
    ("xmr-inspect verify model.npz completion.npz P.npz", ""),
    ("xmr-inspect convert X.npz Y.npz --label-weights -o all.txt", "all.txt"),
    ("xmr-inspect convert model.npz -o weights.npz", ""),
    ("xmr-inspect slice X.npz train.tsv --rows 1:3 -o XS.npz TS.tsv", "XS.npz TS.tsv"),
    ("xmr-inspect slice X.npz --matrix-columns 0,2:4 -o XC.npz", "XC.npz"),
    ("xmr-inspect prune model.npz --threshold 0.2 -o pruned.npz", "pruned.npz"),
    ("xmr-inspect export-pecos model.npz -o pecos", ""),
    ("xmr-inspect import-pecos pecos -o imported.npz", "imported.npz"),
    ("xmr-inspect import-pecos tfidf -o words.npz", "words.npz"),
]


def name_of(command):
    words = command.split()
    return " ".join(words[:2]) if words[1][0] != "-" else words[0]


def prepare(folder):
    for name, text in INPUTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def words_of(tools, command, *more):
    program, *words = command.split(" < ")[0].split()
    return [str(pathlib.Path(tools) / program), *words, *more]


def input_of(folder, command):
    """For stdin=, to be read by one process."""
    source = command.split(" < ")[1:]
    return open(folder / source[0], "rb") if source else subprocess.DEVNULL


def make_all(tools, folder):
    """Runs every command once."""
    prepare(folder)
    for command, _ in COMMANDS:
        subprocess.run(words_of(tools, command, "-q"), cwd=folder, check=True, stdin=input_of(folder, command),
                       stdout=subprocess.DEVNULL)


LIMIT = 1 << 30  # of address space


def problem_of(tool, words, folder):
    """What is wrong with a run on input that nobody thought of, if anything, and its exit code: 0, 1 or 2 in ten seconds, one error line
    if it is not 0 and none if it is, no temporary left."""
    try:
        done = subprocess.run([tool, *words], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=10,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)))
    except subprocess.TimeoutExpired:
        return "takes more than ten seconds", None
    errors = [line for line in done.stderr.decode(errors="replace").splitlines() if line.startswith(f"{tool.name}: error: ")]
    if done.returncode not in (0, 1, 2):
        return f"exit code {done.returncode}: {done.stderr[-200:]}", done.returncode
    if len(errors) != (done.returncode != 0):
        return f"{len(errors)} error lines and exit code {done.returncode}: {done.stderr[-200:]}", done.returncode
    left = [path.name for path in folder.rglob("*.tmp")]
    return (f"left {left}" if left else None), done.returncode
