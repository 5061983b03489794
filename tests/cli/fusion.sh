#!/bin/bash
# xmr-predict fuse and xmr-eval fit-fusion: rankings of the same rows as one.
. "$(dirname "$0")/lib.sh"

printf '0\t1\t0.9\t7\n0\t2\t0.5\t3\n1\t1\t0.5\t2\n' > a.tsv
printf '0\t1\t8\t3\n0\t2\t4\t1\n0\t3\t2\t7\n0\t4\t1\t2\n2\t1\t3\t5\n' > b.tsv

it "fuses by the formulae, rows that only one file has too"
expect_ok xmr-predict fuse a.tsv b.tsv --combine rank -k 2
expect_stdout '0	1	0.75	3
0	2	0.75	7
1	1	0.5	2
2	1	0.5	5'
expect_ok xmr-predict fuse a.tsv b.tsv --combine average -k 1
expect_stdout '0	1	4.25	3
1	1	0.25	2
2	1	1.5	5'

it "takes rrf unless told otherwise, and any number of files"
expect_ok xmr-predict fuse a.tsv b.tsv -o default.tsv
expect_ok xmr-predict fuse a.tsv b.tsv --combine rrf -o rrf.tsv
expect_same default.tsv rrf.tsv
expect_ok xmr-predict fuse a.tsv b.tsv a.tsv --combine softmax --format jsonl
[ "$(wc -l < "$scratch/out")" = 3 ] || fail "not 3 rows"

it "reads and writes keys with the help of labels.txt"
printf 'key%d\n' 0 1 2 3 4 5 6 7 > labels.txt
sed 's/\t\([0-9]*\)$/\tkey\1/' a.tsv > keys.tsv
expect_ok xmr-predict fuse keys.tsv keys.tsv --labels labels.txt --combine average -k 1
expect_stdout '0	1	0.9	key7
1	1	0.5	key2'

it "refuses labels.txt that does not name all labels of an npz"
expect_ok xmr-predict fuse a.tsv a.tsv -o a.npz
head -3 labels.txt > short.txt
expect_exit 1 'xmr-predict: error: a.npz: 8 labels, but there are names of 3 only' \
  xmr-predict fuse a.npz a.npz --labels short.txt
rm a.npz short.txt

it "fits weights that do better than the worse file, the same for any number of threads"
labels=$data/debian-tags/labels.txt
xmr-featurize fit --word 1 --min-df 2 -o vec.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -f vec.npz --labels "$labels" -x X.npz -y Y.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -f vec.npz --labels "$labels" -x X-test.npz -y Y-test.npz "$data/debian-tags/test.tsv"
for seed in 1 2; do
  xmr-index -q -s $seed -x X.npz -y Y.npz --max-leaf 20 -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -o $seed.npz
  xmr-predict -q -m $seed.npz -x X-test.npz -k 20 --beam $((seed * 5 - 4)) -o $seed-test.npz
done
expect_ok xmr-eval fit-fusion -j 1 -y Y-test.npz 1-test.npz 2-test.npz -o fusion.json
expect_ok xmr-eval fit-fusion -j 7 -y Y-test.npz 1-test.npz 2-test.npz -o fusion7.json
expect_same fusion.json fusion7.json
expect_ok xmr-predict fuse 1-test.npz 2-test.npz --weights fusion.json -k 20 -o fused.npz
r10() {
  xmr-eval -y Y-test.npz "$1" --metrics r@10 --format tsv | tail -1 | cut -f 2
}
[ "$(printf '%s\n' "$(r10 1-test.npz)" "$(r10 fused.npz)" | sort -g | head -1)" = "$(r10 1-test.npz)" ] ||
  fail "$(r10 1-test.npz), fused $(r10 fused.npz)"

it "answers with several models at once as it fuses their answers, from text and from features"
counts='--idf none --norm none --row-norm none'
xmr-featurize fit --word 1 --min-df 2 $counts -o counts.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -f counts.npz --labels "$labels" -x C.npz -y Y.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -f counts.npz --labels "$labels" -x C-test.npz -y Y-test.npz "$data/debian-tags/test.tsv"
xmr-train bm25 -q -x C.npz -y Y.npz -f counts.npz --labels "$labels" -o bm25.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$labels" -o text2.npz
xmr-index -q -s 1 -x X.npz -y Y.npz --max-leaf 20 -o tree1.npz
xmr-train -q -x X.npz -y Y.npz -t tree1.npz -f vec.npz --labels "$labels" -o text1.npz
test="--columns labels,text $data/debian-tags/test.tsv"
for model in text1 bm25 text2; do
  xmr-predict -q -m $model.npz $test -k 30 -o $model-P.npz
done
xmr-eval fit-fusion -q -y Y-test.npz text1-P.npz bm25-P.npz text2-P.npz -o three.json
for combine in '--combine average' '--combine rank' '--combine softmax' '--combine rrf' '--weights three.json'; do
  expect_ok xmr-predict fuse text1-P.npz bm25-P.npz text2-P.npz $combine --labels "$labels" -k 10 -o finished.tsv
  models='-m text1.npz -m bm25.npz -m text2.npz'
  expect_ok xmr-predict -j 1 $models $combine --candidates 30 $test -o at-once.tsv
  expect_same finished.tsv at-once.tsv
  expect_ok xmr-predict -j 7 $models $combine --candidates 30 -x X-test.npz -x C-test.npz -x X-test.npz -o at-once.tsv
  expect_same finished.tsv at-once.tsv
done
expect_ok sh -c 'cut -f 2 "$1" | head -1 | xmr-predict -m text1.npz -m text2.npz | cut -f 4 > alone.tsv' - "$data/debian-tags/test.tsv"
xmr-predict -m text1.npz -m text2.npz -x X-test.npz | grep '^0	' | cut -f 4 > batch.tsv
expect_same alone.tsv batch.tsv
expect_ok xmr-predict -m text1.npz -m bm25.npz --latency $test

it "refuses models that do not go together, and options that do not go with them"
expect_exit 2 'xmr-predict: error: --combine: needs several models' xmr-predict -m bm25.npz --combine rrf
expect_exit 2 'xmr-predict: error: --candidates: needs several models' xmr-predict -m bm25.npz --candidates 5
expect_exit 2 'xmr-predict: error: --combine weighted: needs --weights' \
  xmr-predict -m bm25.npz -m text1.npz --combine weighted
expect_exit 1 'xmr-predict: error: three.json: weights of 3 lists, but 2 were given' \
  xmr-predict -m bm25.npz -m text1.npz --weights three.json
expect_exit 2 'xmr-predict: error: 2 matrices of features for 3 models, 1 or 3 are needed' \
  xmr-predict -m text1.npz -m text2.npz -m bm25.npz -x X-test.npz -x X-test.npz
expect_exit 1 "xmr-predict: error: C-test.npz: was not made with the vectorizer of text1.npz
hint: run xmr-featurize apply with the vectorizer that the model was trained with" \
  xmr-predict -m text1.npz -m bm25.npz -x C-test.npz
expect_exit 1 'xmr-predict: error: X.npz: 2000 rows, but C-test.npz has 500' \
  xmr-predict -m bm25.npz -m text1.npz -x C-test.npz -x X.npz
expect_exit 2 'xmr-predict: error: 1.npz: the model holds no vectorizer, so it cannot read text
hint: give it features with -x X.npz, or train it with -f vec.npz' xmr-predict -m bm25.npz -m 1.npz $test
printf '0\tred bus\n' > few.tsv
xmr-featurize apply -f counts.npz -x few-X.npz -y few-Y.npz few.tsv
xmr-train bm25 -q -x few-X.npz -y few-Y.npz -o few.npz
expect_exit 1 'xmr-predict: error: few.npz: 1 labels, but bm25.npz has 351' xmr-predict -m bm25.npz -m few.npz $test
tac "$labels" > other.txt
xmr-train bm25 -q -x C.npz -y Y.npz --labels other.txt -o other.npz
expect_exit 1 'xmr-predict: error: other.npz: names its labels otherwise than the models before it' \
  xmr-predict -m bm25.npz -m other.npz $test

it "refuses what makes no sense"
expect_exit 2 'xmr-predict: error: 1 prediction file, but at least 2 are needed' xmr-predict fuse a.tsv
expect_exit 2 'xmr-predict: error: --combine weighted: needs --weights' xmr-predict fuse a.tsv b.tsv --combine weighted
expect_exit 2 'xmr-predict: error: --weights: --combine rrf does not read it' \
  xmr-predict fuse a.tsv b.tsv --combine rrf --weights fusion.json
expect_exit 1 'xmr-predict: error: fusion.json: weights of 2 lists, but 3 were given' \
  xmr-predict fuse a.tsv b.tsv a.tsv --weights fusion.json
expect_exit 1 'xmr-predict: error: a.tsv: is not a file of fusion weights
hint: xmr-eval fit-fusion writes fusion weights' xmr-predict fuse a.tsv b.tsv --weights a.tsv
expect_exit 2 'xmr-eval: error: 1 prediction file, but at least 2 are needed' xmr-eval fit-fusion -y Y-test.npz a.tsv -o w.json
printf '0\t1\t1\t0\n' > none.tsv
printf '1\tx\n' > one.tsv
xmr-featurize apply -f vec.npz -x one-X.npz -y one-Y.npz one.tsv
expect_exit 1 'xmr-eval: error: no list holds a relevant label' \
  xmr-eval fit-fusion -y one-Y.npz none.tsv none.tsv -o w.json
no_leftovers
