#!/bin/bash
# Probabilities, thresholds and propensities: fitted on one half of the test rows of debian-tags, judged by the other.
. "$(dirname "$0")/lib.sh"

labels=$data/debian-tags/labels.txt
xmr-featurize fit -q --word 1 --min-df 2 -o vec.npz "$data/debian-tags/train.tsv"
for part in train test; do
  xmr-featurize apply -q -f vec.npz --labels "$labels" -x $part-X.npz -y $part-Y.npz "$data/debian-tags/$part.tsv"
done
for half in valid:0:250 judge:250:500; do
  IFS=: read -r name first last <<< "$half"
  for m in X Y; do xmr-inspect slice -q test-$m.npz --rows "$first:$last" -o $name-$m.npz; done
done
xmr-index -q -x train-X.npz -y train-Y.npz --max-leaf 20 -o tree.npz
xmr-train -q -x train-X.npz -y train-Y.npz -t tree.npz -f vec.npz --labels "$labels" -o m.npz
xmr-predict -q -m m.npz -x valid-X.npz -k 50 -o valid.npz
predict() { xmr-predict -q "$@" -x judge-X.npz; }
metric() { xmr-eval -q -y judge-Y.npz "$2" --metrics "$1" --format tsv | tail -1 | cut -f 2; }
is_less() { [ "$(printf '%s\n' "$1" "$2" | sort -g | head -1)" = "$1" ] && [ "$1" != "$2" ] || fail "$1 is not less than $2"; }

it "stores probabilities in the model, which are truer than its scores, and ranks stay"
expect_ok xmr-eval fit-calibration -y valid-Y.npz valid.npz -m m.npz -o calibrated.npz
expect_ok xmr-inspect verify calibrated.npz
predict -m m.npz -o raw.npz
predict -m calibrated.npz -o p.npz
is_less "$(metric ece@10 p.npz)" "$(metric ece@10 raw.npz)"
is_less "$(metric logloss@10 p.npz)" "$(metric logloss@10 raw.npz)"
predict -m m.npz -o - | cut -f 1,2,4 > raw.txt
predict -m calibrated.npz -o - | cut -f 1,2,4 > p.txt
expect_same raw.txt p.txt
predict -m m.npz > raw.tsv
predict -m calibrated.npz --raw-scores > still-raw.tsv
expect_same raw.tsv still-raw.tsv
predict -m m.npz --post-processor log-sigmoid > other.tsv
predict -m calibrated.npz --post-processor log-sigmoid > still-other.tsv
expect_same other.tsv still-other.tsv

it "shows and verifies the knots, and a pruned model has none, which is said"
expect_ok xmr-inspect verify calibrated.npz
grep -q 'knots that never fall$' "$scratch/out" || fail "verify says nothing of the knots"
expect_ok xmr-inspect show calibrated.npz
grep -A 3 '^  calibration' "$scratch/out" | grep -q '^    has thresholds  false$' || fail "show says nothing of the knots"
expect_ok xmr-inspect prune calibrated.npz --threshold 0.2 -o pruned.npz
echo 'xmr-inspect: warning: the calibration of calibrated.npz is left out: it belongs to the scores of all weights' > expected
expect_equal 'warnings of prune' expected "$scratch/err"
/usr/bin/python3 "$root/tests/cli/forge.py" calibrated.npz forged.npz 'calibration/probabilities[0]=1'
expect_exit 1 'xmr-inspect: error: 1 of 1 files failed the check' xmr-inspect verify forged.npz
expect_stdout 'forged.npz: calibration: probabilities must not fall and be in 0..1'
xmr-inspect prune -q m.npz --threshold 0.2 -o pruned-m.npz
for m in pruned pruned-m; do predict -m $m.npz > $m.tsv; done
expect_same pruned.tsv pruned-m.tsv

it "takes a calibration from a file of its own, or from another model"
expect_ok xmr-eval fit-calibration -y valid-Y.npz valid.npz -o calibration.npz
expect_ok xmr-inspect verify calibration.npz
predict -m calibrated.npz > in.tsv
for file in calibration.npz calibrated.npz; do
  predict -m m.npz --calibration $file > beside.tsv
  expect_same in.tsv beside.tsv
done

it "leaves out answers under a least score, alone and in batches, in every form, for any number of threads"
awk -F '\t' '$3 >= 0.3' in.tsv > expected.tsv
[ -s expected.tsv ] || fail "nothing is left"
predict -m calibrated.npz --min-score 0.3 > kept.tsv
expect_same expected.tsv kept.tsv
predict -m calibrated.npz --min-score 0.3 -j 7 -o kept.npz
predict -m calibrated.npz --min-score 0.3 -j 1 -o kept1.npz
expect_same kept.npz kept1.npz
predict -m calibrated.npz --min-score 0.3 -o kept.jsonl
[ "$(wc -l < kept.jsonl)" = 250 ] || fail "$(wc -l < kept.jsonl) lines"
[ "$(metric micro-p@10 kept.npz)" = "$(xmr-eval -q -y judge-Y.npz kept.tsv --labels "$labels" --metrics micro-p@10 --format tsv | tail -1 | cut -f 2)" ] ||
  fail "forms differ"
sed -n 251p "$data/debian-tags/test.tsv" | cut -f 2 | xmr-predict -q -m calibrated.npz --min-score 0.3 | cut -f 4 > alone.tsv
grep '^0	' kept.tsv | cut -f 4 > first.tsv
expect_same first.tsv alone.tsv

it "thresholds raise the F1 that they were chosen for"
for goal in micro macro; do
  expect_ok xmr-eval fit-calibration -y valid-Y.npz valid.npz --score-thresholds $goal-f1 -m m.npz -o $goal.npz
  predict -m $goal.npz -k 50 -o $goal-P.npz
done
predict -m calibrated.npz -k 50 --min-score 0.5 -o half-P.npz
is_less "$(metric micro-f1@50 half-P.npz)" "$(metric micro-f1@50 micro-P.npz)"
is_less "$(metric macro-f1@50 micro-P.npz)" "$(metric macro-f1@50 macro-P.npz)"

it "ranks by propensities: rare labels come first"
predict -m calibrated.npz --train-y train-Y.npz -o rare.npz
psp() { xmr-eval -q -y judge-Y.npz --train-y train-Y.npz "$1" --metrics psp@5 --format tsv | tail -1 | cut -f 2; }
is_less "$(psp p.npz)" "$(psp rare.npz)"

it "refuses what does not fit"
expect_exit 1 'xmr-eval: error: calibrated.npz: holds a calibration already
hint: fit it to the model as it was trained' \
  xmr-eval fit-calibration -y valid-Y.npz valid.npz -m calibrated.npz -o twice.npz
expect_exit 1 'xmr-predict: error: m.npz: holds no calibration
hint: xmr-eval fit-calibration makes one' xmr-predict -m m.npz --calibration m.npz -x judge-X.npz
expect_exit 2 'xmr-predict: error: --train-y: needs probabilities
hint: xmr-eval fit-calibration makes the file for --calibration' xmr-predict -m m.npz -x judge-X.npz --train-y train-Y.npz
for option in --propensity-a --propensity-b; do
  expect_exit 2 "xmr-predict: error: $option requires --train-y
hint: xmr-predict --help lists the options" xmr-predict -m m.npz -x judge-X.npz $option 1
done
expect_exit 2 'xmr-predict: error: --raw-scores and --calibration calibration.npz exclude each other' \
  xmr-predict -m m.npz -x judge-X.npz --raw-scores --calibration calibration.npz
xmr-predict -q -m m.npz -x judge-X.npz --post-processor log-sigmoid -o log.npz
run xmr-eval -y judge-Y.npz log.npz --metrics ece@5
grep -q 'xmr-eval: error: ece@5: the score -' "$scratch/err" ||
  fail "$(cat "$scratch/err")"
no_leftovers
