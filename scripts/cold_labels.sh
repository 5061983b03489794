#!/bin/bash
# Labels without clicks: a fifth of the labels lose all their training rows and keep only their text in labels.txt. Compares
# XR-Linear without and with label rows, BM25, these three fused, and a retrieval model, on the test rows of cold labels, of the
# others, and on all.
#   scripts/cold_labels.sh SET [FOLDER]
# SET holds train.tsv and test.tsv (`ids<TAB>text`) and labels.txt; FOLDER, a temporary one by default, takes what is made. The
# tools are taken from PATH. SEED chooses the labels (0), SETTINGS are options of xmr-train. Prints a TSV.
#
# The weights of the fusion are fitted on rows that no model has seen, a twentieth of the training rows, and on labels that are
# cold for the models that are fitted: a fifth of the labels that are left.
set -euo pipefail
set=$(realpath "$1")
folder=${2:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"
settings=${SETTINGS:---relevance induce --relevance-norm l2 --cost 2 --cost-positive 2 --threshold 0.03}

# cool SEED TRAIN NAME: draws a fifth of the labels that have rows in TRAIN; NAME.tsv are the rows without them, NAME.cold the ids.
cool() {
  /usr/bin/python3 - "$@" <<'PY'
import random, sys
seed, train, name = sys.argv[1:]
rows = [line.rstrip("\n").split("\t", 1) for line in open(train, encoding="utf-8")]
labels = sorted({int(i) for ids, _ in rows for i in ids.split(",") if i})
cold = set(random.Random("cold labels " + seed).sample(labels, len(labels) // 5))
with open(name + ".tsv", "w", encoding="utf-8") as out:
    for ids, text in rows:
        warm = [i for i in ids.split(",") if i and int(i) not in cold]
        if warm:
            out.write(",".join(warm) + "\t" + text + "\n")
with open(name + ".cold", "w", encoding="utf-8") as out:
    out.writelines(f"{i}\n" for i in sorted(cold))
PY
}

# split_rows TEST COLD: TEST.cold.tsv and TEST.warm.tsv, the rows that have labels of either kind, with these only.
split_rows() {
  awk -F '\t' -v OFS='\t' -v base="$1" 'NR == FNR { cold[$1]; next } {
    n = split($1, id, ","); c = w = ""
    for (i = 1; i <= n; ++i) if (id[i] in cold) c = c "," id[i]; else w = w "," id[i]
    if (c != "") print substr(c, 2), $2 > (base ".cold.tsv")
    if (w != "") print substr(w, 2), $2 > (base ".warm.tsv")
  }' "$2" "$1.tsv"
}

# models NAME: those of the rows of NAME.tsv.
models() {
  local name=$1
  cut -f 2 "$set/labels.txt" | sed 's/^/\t/' > texts.tsv
  xmr-featurize fit -q --word 1 --word 2 --char-wb 3 -o "$name.vec.npz" "$name.tsv" texts.tsv
  xmr-featurize apply -q -f "$name.vec.npz" --labels "$set/labels.txt" -x X.npz -y Y.npz "$name.tsv"
  xmr-featurize apply -q -f "$name.vec.npz" -x Z.npz texts.tsv
  xmr-index -q -x X.npz -y Y.npz -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -f "$name.vec.npz" --labels "$set/labels.txt" $settings -o "$name.linear.npz" 2> /dev/null
  xmr-index -q -x X.npz -y Y.npz --label-rows Z.npz -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -f "$name.vec.npz" --labels "$set/labels.txt" $settings --label-rows Z.npz -o "$name.label-rows.npz"
  xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none -o counts.npz "$name.tsv" texts.tsv
  xmr-featurize apply -q -f counts.npz --labels "$set/labels.txt" -x C.npz -y CY.npz "$name.tsv"
  xmr-train bm25 -q --documents both -x C.npz -y CY.npz -f counts.npz --labels "$set/labels.txt" -o "$name.bm25.npz"
}

# answers NAME ROWS: of the models of NAME for the texts of ROWS.tsv.
answers() {
  cut -f 2 "$2.tsv" > texts.txt
  for model in linear label-rows bm25; do
    xmr-predict -q -m "$1.$model.npz" -k 100 -o "$2.$model.npz" texts.txt
  done
}

cool "${SEED:-0}" "$set/train.tsv" all
xmr-inspect slice all.tsv --share 0.95 -o most.tsv --rest kept.tsv
cool "$((${SEED:-0} + 1))" most.tsv part
models part
answers part kept
xmr-featurize apply -q -f part.vec.npz --labels "$set/labels.txt" -x X.npz -y kept.Y.npz kept.tsv
xmr-eval fit-fusion -q -y kept.Y.npz kept.linear.npz kept.label-rows.npz kept.bm25.npz -o weights.json

models all
xmr-train retrieval -q --labels "$set/labels.txt" -o all.retrieval.npz all.tsv
cp "$set/test.tsv" test.tsv
split_rows test all.cold
printf 'rows\tmodel\tp@1\tr@10\tr@100\tmrr@10\n'
for kind in test.cold test.warm test; do
  answers all $kind
  xmr-predict -q -m all.retrieval.npz -k 100 -o $kind.retrieval.npz <(cut -f 2 $kind.tsv)
  xmr-predict fuse -q $kind.linear.npz $kind.label-rows.npz $kind.bm25.npz --weights weights.json -k 100 -o $kind.fused.npz
  xmr-featurize apply -q -f all.vec.npz --labels "$set/labels.txt" -x X.npz -y $kind.Y.npz $kind.tsv
  (cd "$folder" && xmr-eval -q -y $kind.Y.npz $kind.linear.npz $kind.label-rows.npz $kind.bm25.npz $kind.fused.npz $kind.retrieval.npz \
    --metrics p@1 r@10,100 mrr@10 --format tsv) | tail -n +2 | sed "s/^$kind\.\(.*\)\.npz/$kind\t\1/"
done
