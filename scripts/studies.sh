#!/bin/bash
# Small studies of retrieval, one TSV each.
#   scripts/studies.sh calibration|ties|misspelling|forest|growth|trees|exact|restricted SET...
# A SET holds train.tsv and test.tsv (`ids<TAB>text`) and labels.txt, or X.trn.npz, Y.trn.npz, X.tst.npz and Y.tst.npz (not for
# calibration, misspelling and forest).
# The tools are taken from PATH.
#   calibration  probabilities, thresholds and propensities, fitted to a tenth of train.tsv, judged by test.tsv
#   ties         the same model with ties of scores broken by margins, and by position, as PECOS breaks them
#   misspelling  one random edit in each test query: models with and without character trigrams
#   forest       one tree, tfn+man, three trees: metrics, and seconds of indexing and training
#   growth       1, 5 and 20 % of the labels are new: training anew, and from the model without them
#   trees        k-means, of whole label vectors too, clusters of equal size, of any size, and by the labels' frequency
#   exact        --exact beside the beam, and whether it finds what scoring every label finds
#   restricted   1 % of the labels allowed: --allow beside filtering the answers of a search for all labels
set -euo pipefail
study=${1:?calibration, ties, misspelling, forest, growth, trees, exact or restricted}
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# prepare SET BLOCK...: X.npz, Y.npz, X-test.npz, Y-test.npz and, of text, vec.npz in the current folder.
prepare() {
  local set=$1
  shift
  if [ -e "$set/X.trn.npz" ]; then
    for name in X Y; do ln -sf "$set/$name.trn.npz" $name.npz && ln -sf "$set/$name.tst.npz" $name-test.npz; done
    return
  fi
  xmr-featurize fit -q "$@" -o vec.npz "$set/train.tsv"
  xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x X.npz -y Y.npz "$set/train.tsv"
  xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x X-test.npz -y Y-test.npz "$set/test.tsv"
}

# evaluate NAME PREDICTIONS: a line of the table, in percent.
evaluate() {
  xmr-eval -q -y Y-test.npz "$2" --metrics p@1,5 r@10,100 mrr@10 --format tsv | tail -n 1 |
    awk -F '\t' -v name="$1" '{ printf "%s", name; for (i = 2; i <= NF; ++i) printf "\t%.2f", 100 * $i; print "" }'
}

ties() {
  prepare "$1" --word 1 --word 2 --char-wb 3
  xmr-index -q -x X.npz -y Y.npz -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -o model.npz
  for rule in margin position; do
    xmr-predict -q -m model.npz -x X-test.npz --ties $rule -k 100 -o $rule.npz
    evaluate "$(basename "$1")"$'\t'"$rule" $rule.npz
  done
  # Rows whose first two scores are the same.
  xmr-predict -q -m model.npz -x X-test.npz -k 2 | awk -F '\t' '$2 == 1 { first = $3; ++rows } $2 == 2 && $3 == first { ++tied }
    END { printf "rows whose first two answers tie: %.1f %%\n", 100 * tied / rows > "/dev/stderr" }'
}

calibration() {
  # The vectorizer too must not know the held-out rows.
  xmr-inspect slice -q "$1/train.tsv" --share 0.9 -o train.tsv --rest valid.tsv
  xmr-featurize fit -q --word 1-2 -o vec.npz train.tsv
  apply() { xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x "X-$1.npz" -y "Y-$1.npz" "$2"; }
  apply part train.tsv
  apply valid valid.tsv
  apply test "$set/test.tsv"
  xmr-index -q -x X-part.npz -y Y-part.npz -o tree.npz
  xmr-train -q -x X-part.npz -y Y-part.npz -t tree.npz -o model.npz
  xmr-predict -q -m model.npz -x X-valid.npz -k 100 -o valid.npz
  xmr-eval fit-calibration -q -y Y-valid.npz valid.npz -o plain.npz
  for goal in micro-f1 macro-f1; do
    xmr-eval fit-calibration -q -y Y-valid.npz valid.npz --score-thresholds $goal -o $goal.npz
  done
  answer() { xmr-predict -q -m model.npz -x X-test.npz -k 100 -o "$1.npz" "${@:2}"; }
  answer scores
  answer probabilities --calibration plain.npz
  answer half --calibration plain.npz --min-score 0.5
  answer best-micro --calibration micro-f1.npz
  answer best-macro --calibration macro-f1.npz
  answer rare-first --calibration plain.npz --train-y Y-part.npz
  xmr-eval -q -y Y-test.npz scores.npz probabilities.npz --metrics ece@5,20 logloss@5,20 --format tsv
  xmr-eval -q -y Y-test.npz half.npz best-micro.npz best-macro.npz --format tsv \
    --metrics micro-p@100 micro-r@100 micro-f1@100 macro-p@100 macro-r@100 macro-f1@100
  xmr-eval -q -y Y-test.npz --train-y Y-part.npz probabilities.npz rare-first.npz --metrics psp@1,3,5 p@1,5 r@10 --format tsv
}

# Inserts, deletes, replaces or swaps one letter of each line.
misspell() {
  /usr/bin/python3 -c '
import random, sys
choose = random.Random("misspelling")
for line in sys.stdin:
    text = line.rstrip("\n")
    places = [i for i, c in enumerate(text) if c.isalnum()]
    if places:
        at, letter = choose.choice(places), choose.choice("abcdefghijklmnopqrstuvwxyz")
        edits = [text[:at] + letter + text[at:], text[:at] + text[at + 1:], text[:at] + letter + text[at + 1:],
                 text[:at] + text[at + 1:at + 2] + text[at] + text[at + 2:]]
        text = choose.choice(edits)
    print(text)'
}

misspelling() {
  cut -f 2 "$1/test.tsv" > right.txt
  misspell < right.txt > wrong.txt
  for blocks in "--word 1 --word 2" "--word 1 --word 2 --char-wb 3"; do
    prepare "$1" $blocks
    xmr-index -q -x X.npz -y Y.npz -o tree.npz
    xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz -o model.npz
    for text in right wrong; do
      xmr-predict -q -m model.npz -k 100 -o $text.npz $text.txt
      evaluate "$(basename "$1")"$'\t'"$blocks, $text" $text.npz
    done
  done
}

# timed COMMAND...: runs it and adds its seconds to $seconds.
timed() {
  local start=$EPOCHREALTIME
  "$@"
  seconds=$(awk "BEGIN { print $seconds + ${EPOCHREALTIME/,/.} - ${start/,/.} }")
}

forest() {
  prepare "$1" --word 1-2
  local settings="--relevance induce --relevance-norm l2 --cost-positive 2"
  seconds=0
  for seed in 1 2 3; do
    timed xmr-index -q -x X.npz -y Y.npz -s $seed -o tree$seed.npz
    timed xmr-train -q -x X.npz -y Y.npz -t tree$seed.npz -s $seed $settings -o model$seed.npz
    if [ $seed = 1 ]; then one=$seconds; fi
  done
  three=$seconds seconds=0
  timed xmr-index -q -x X.npz -y Y.npz -s 1 -o tree1.npz
  timed xmr-train -q -x X.npz -y Y.npz -t tree1.npz -s 1 $settings --negatives tfn+man -o man.npz
  xmr-predict -q -m model1.npz -x X-test.npz -k 100 -o one.npz
  xmr-predict -q -m man.npz -x X-test.npz -k 100 -o man-answers.npz
  xmr-predict -q -m model1.npz -m model2.npz -m model3.npz --combine average -x X-test.npz -k 100 -o three.npz
  local name
  name=$(basename "$1")
  evaluate "$name"$'\t'"one tree"$'\t'"$one" one.npz
  evaluate "$name"$'\t'"tfn+man"$'\t'"$seconds" man-answers.npz
  evaluate "$name"$'\t'"three trees"$'\t'"$three" three.npz
}

# cut_labels SET PERCENT: old/train.tsv and old/labels.txt without so many of the labels, and test-new.tsv: the test rows
# that have some of these, with them alone.
cut_labels() {
  mkdir -p old
  /usr/bin/python3 - "$1" "$2" <<'PY'
import random, sys
source, percent = sys.argv[1], float(sys.argv[2])
labels = open(f"{source}/labels.txt", "rb").read().split(b"\n")[:-1]
new = set(random.Random("growth").sample(range(len(labels)), round(len(labels) * percent / 100)))
number = {label: i for i, label in enumerate(sorted(set(range(len(labels))) - new))}

def cut(path, target, number_of):
    with open(path, "rb") as rows, open(target, "wb") as out:
        for row in rows:
            ids, text = row.split(b"\t", 1)
            kept = [number_of(int(i)) for i in ids.split(b",") if i]
            kept = [b"%d" % i for i in kept if i is not None]
            if kept:
                out.write(b",".join(kept) + b"\t" + text)

open("old/labels.txt", "wb").writelines(labels[i] + b"\n" for i in number)
cut(f"{source}/train.tsv", "old/train.tsv", number.get)
cut(f"{source}/test.tsv", "test-new.tsv", lambda label: label if label in new else None)
PY
}

# cut_matrices SET PERCENT: the same of matrices; all.txt and old.txt name the labels.
cut_matrices() {
  /usr/bin/python3 - "$1" "$2" <<'PY'
import random, sys, numpy as np, scipy.sparse as sp
source, percent = sys.argv[1], float(sys.argv[2])
x, y, x_test, y_test = (sp.load_npz(f"{source}/{name}.npz").tocsr() for name in ("X.trn", "Y.trn", "X.tst", "Y.tst"))
labels = y.shape[1]
new = np.zeros(labels, bool)
new[random.Random("growth").sample(range(labels), round(labels * percent / 100))] = True

def save(name, x, y):
    rows = y.getnnz(1) > 0
    sp.save_npz(f"X-{name}.npz", x[rows], compressed=False)
    sp.save_npz(f"Y-{name}.npz", y[rows], compressed=False)

save("old", x, y[:, ~new])
save("new", x_test, (y_test @ sp.diags(new.astype(y_test.dtype))).tocsr())
for name, which in ("all", new | ~new), ("old", ~new):
    open(f"{name}.txt", "w").writelines(f"{label}\n" for label in np.flatnonzero(which))
PY
}

# renewed NAME INDEX-OPTIONS TRAIN-OPTIONS: a line of the table; seconds are those of the processors.
renewed() {
  local seconds rows line
  TIMEFORMAT=%U
  seconds=$({ time {
    xmr-index -q -x X.npz -y Y.npz --labels all.txt $2 -o tree.npz
    xmr-train -q -x X.npz -y Y.npz -t tree.npz --labels all.txt $3 -o model.npz --stats stats.json
  }; } 2>&1)
  line="$(basename "$set")"$'\t'"$percent %"$'\t'"$1"$'\t'"$seconds"$'\t'"$(sed -n 's/.*"parents_kept": \([0-9]*\).*/\1/p' stats.json)"
  for rows in test new; do
    xmr-predict -q -m model.npz -x X-$rows.npz -k 10 -o P.npz
    line+=$(xmr-eval -q -y Y-$rows.npz P.npz --metrics p@1 r@10 --format tsv | tail -n 1 |
      awk -F '\t' '{ printf "\t%.2f\t%.2f", 100 * $2, 100 * $3 }')
  done
  echo "$line"
}

growth() {
  local percent keep
  apply() { xmr-featurize apply -q -f vec.npz --labels "$1" -x "X$2.npz" -y "Y$2.npz" "$3"; }
  for percent in 1 5 20; do
    if [ -e "$1/X.trn.npz" ]; then
      prepare "$1"
      cut_matrices "$1" $percent
    else
      cut_labels "$1" $percent
      ln -sf "$1/labels.txt" all.txt
      ln -sf old/labels.txt old.txt
      xmr-featurize fit -q -o vec.npz old/train.tsv
      apply old.txt -old old/train.tsv
      apply all.txt "" "$1/train.tsv"
      apply all.txt -test "$1/test.tsv"
      apply all.txt -new test-new.tsv
    fi
    xmr-index -q -x X-old.npz -y Y-old.npz -o old-tree.npz
    xmr-train -q -x X-old.npz -y Y-old.npz -t old-tree.npz --labels old.txt -o old.npz
    renewed anew "" ""
    renewed --init "--init old.npz" "--init old.npz"
    for keep in 1 2; do renewed "--keep-levels $keep" "--init old.npz" "--init old.npz --keep-levels $keep"; done
  done
}

# clusters METHOD: clusters.tsv of two levels, as many as those of the tree in stats.json: spherical k-means without bounds,
# or labels sorted by frequency, in groups of about as many rows each.
clusters() {
  /usr/bin/python3 - "$1" <<'PY'
import json, sys, numpy as np, scipy.sparse as sp
levels = json.load(open("stats.json"))["nodes"]
k0, k1 = levels[0], levels[1] // levels[0]
x, y = (sp.load_npz(name).tocsr() for name in ("X.npz", "Y.npz"))
random = np.random.default_rng(0)

def unit(rows):
    return (sp.diags(1 / np.maximum(np.sqrt(np.asarray(rows.multiply(rows).sum(1)).ravel()), 1e-12)) @ rows).tocsr()

def kmeans(z, k):
    k = min(k, z.shape[0])
    centres = z[random.choice(z.shape[0], k, replace=False)]
    for _ in range(10):
        of = (z @ centres.T).toarray().argmax(1)
        centres = unit(sp.csr_matrix((np.ones(len(of)), (of, range(len(of)))), (k, len(of))) @ z)
    return of

top, below = np.zeros((2, y.shape[1]), int)
if sys.argv[1] == "frequency":
    rows = y.getnnz(0) + 1.0
    order = np.argsort(-rows, kind="stable")
    share = (np.cumsum(rows[order]) - 0.5) / rows.sum()
    top[order], below[order] = share * k0, share * k0 * k1 % k1
else:
    z = unit(unit(y).T @ x)
    top = kmeans(z, k0)
    for cluster in range(k0):
        mine = np.flatnonzero(top == cluster)
        if len(mine):
            below[mine] = kmeans(z[mine], k1)
with open("clusters.tsv", "w") as out:
    out.writelines(f"{label}\t{top[label]}/{below[label]}\n" for label in range(len(top)))
PY
}

trees() {
  prepare "$1" --word 1 --word 2 --char-wb 3
  local tree training search
  TIMEFORMAT=%U
  for tree in k-means whole-vectors balanced unbounded frequency; do
    case $tree in
      k-means) xmr-index -q -x X.npz -y Y.npz -o tree.npz ;;
      whole-vectors) xmr-index -q -x X.npz -y Y.npz --embedding-size 0 -o tree.npz ;;
      balanced) xmr-index -q -x X.npz -y Y.npz --method balanced -o tree.npz --stats stats.json ;;
      *) clusters $tree && xmr-index clusters -q clusters.tsv -o tree.npz ;;
    esac
    training=$({ time xmr-train -q -x X.npz -y Y.npz -t tree.npz -o model.npz; } 2>&1)
    search=$({ time xmr-predict -q -j 1 -m model.npz -x X-test.npz -k 100 -o P.npz; } 2>&1)
    evaluate "$(basename "$1")"$'\t'$tree$'\t'"$training"$'\t'"$search"$'\t'"$(stat -c %s model.npz)" P.npz
  done
}

# latency OPTIONS...: p50 and p99 of a query in microseconds, of the rows of X-test.npz.
latency() {
  xmr-predict -q -m model.npz -x X-test.npz "$@" --latency | awk '/^p(50|99)_us/ { printf "\t%s", $2 }'
}

# figure NAME: the number of that name in stats.json.
figure() {
  sed -n 's/.*"'"$1"'": \([0-9]*\).*/\1/p' stats.json
}

# percent TRUTH PREDICTIONS METRIC...: of each metric, a column.
percent() {
  xmr-eval -q -y "$1" "$2" --metrics "${@:3}" --format tsv | tail -n 1 |
    awk -F '\t' '{ for (i = 2; i <= NF; ++i) printf "\t%.2f", 100 * $i }'
}

exact() {
  local search name nodes
  prepare "$1" --word 1-2
  name=$(basename "$1")
  xmr-index -q -x X.npz -y Y.npz -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -o model.npz
  xmr-predict -q -m model.npz -x X-test.npz --exact -o best.npz
  for search in --beam=10 --exact; do
    xmr-predict -q -m model.npz -x X-test.npz $search -o P.npz --stats stats.json
    nodes=$(awk "BEGIN { printf \"%.0f\", $(figure nodes_visited) / $(figure rows) }")
    echo "$name"$'\t'$search$'\t'"$nodes$(latency $search)$(percent Y-test.npz P.npz p@1 r@10)$(percent best.npz P.npz r@10)"
  done
  # A beam that drops nothing scores every label.
  xmr-predict -q -m model.npz -x X-test.npz --beam 1000000 -o P.npz
  cmp <(xmr-inspect convert -q P.npz -o -) <(xmr-inspect convert -q best.npz -o -)
  echo "$name: --exact finds what scoring every label finds" >&2
}

# allow_some: allowed.txt, a random 1 % of the labels, and only those test rows that have one of them, with these alone.
allow_some() {
  /usr/bin/python3 - <<'PY'
import random, numpy as np, scipy.sparse as sp
x, y = (sp.load_npz(f"{name}-test.npz").tocsr() for name in "XY")
allowed = sorted(random.Random("restricted").sample(range(y.shape[1]), y.shape[1] // 100))
open("allowed.txt", "w").writelines(f"{label}\n" for label in allowed)
is_allowed = np.zeros(y.shape[1], y.dtype)
is_allowed[allowed] = 1
y = (y @ sp.diags(is_allowed)).tocsr()
y.eliminate_zeros()
rows = y.getnnz(1) > 0
sp.save_npz("X-some.npz", x[rows], compressed=False)
sp.save_npz("Y-some.npz", y[rows], compressed=False)
PY
  mv X-some.npz X-test.npz
  mv Y-some.npz Y-test.npz
}

restricted() {
  local search name
  prepare "$1" --word 1-2
  allow_some
  name=$(basename "$1")
  xmr-index -q -x X.npz -y Y.npz -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -o model.npz
  for search in "--allow allowed.txt" "--allow allowed.txt --exact" "-k 10" "-k 100" "-k 1000" "-k 1000 --beam 100"; do
    xmr-predict -q -m model.npz -x X-test.npz $search -o P.tsv
    # The answers that are allowed.
    awk -F '\t' 'NR == FNR { allowed[$1]; next } $1 != row { row = $1; rank = 0 }
      $4 in allowed { print $1 "\t" ++rank "\t" $3 "\t" $4 }' allowed.txt P.tsv > filtered.tsv
    echo "$name"$'\t'"$search$(percent Y-test.npz filtered.tsv r@10)$(latency $search)"
  done
}

case $study in
  trees) printf 'set\ttree\ttraining\tsearch\tbytes\tp@1\tp@5\tr@10\tr@100\tmrr@10\n' ;;
  growth) printf 'set\tnew labels\twhat\tseconds\tparents kept\tp@1\tr@10\tp@1 new\tr@10 new\n' ;;
  ties | misspelling) printf 'set\twhat\tp@1\tp@5\tr@10\tr@100\tmrr@10\n' ;;
  exact) printf 'set\tsearch\tnodes a row\tp50\tp99\tp@1\tr@10\tr@10 of the exact\n' ;;
  restricted) printf 'set\tsearch\tr@10\tp50\tp99\n' ;;
  forest) printf 'set\twhat\tseconds\tp@1\tp@5\tr@10\tr@100\tmrr@10\n' ;;
  calibration) ;;  # three tables a set
  *) sed -n '2,16s/^# //p' "$0" >&2 && exit 2 ;;
esac
# Each set has a folder of its own: files are written through the links to another one's.
for set in "$@"; do
  set=$(realpath "$set")
  cd "$(mktemp -d -p "$scratch")"
  $study "$set"
  cd "$OLDPWD"
done
