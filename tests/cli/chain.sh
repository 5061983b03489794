#!/bin/bash
# scripts/chain/step: the whole chain in tasks, done in any order that their results allow, and again after anything was lost.
. "$(dirname "$0")/lib.sh"

unset SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX
set=$data/debian-tags
step=$root/scripts/chain/step
mkdir job-settings
settings=job-settings/job.sh
write_settings() {
  cat > $settings << SETTINGS
job=../job
corpus=$set/train.tsv test=$set/test.tsv labels=$set/labels.txt
fit=(--word 1 --min-df 3) fit_parts=4 index=(--branching 4 --max-leaf 40) index_parts=2
train=(--negatives tfn+man --cost 2) predict=(-k 20) evaluate=(--metrics p@1 r@10)
parts=3 predict_parts=2
$*
SETTINGS
}

# The tasks of all steps, parts backwards.
all_missing() {
  local name tasks task
  "$step" $settings missing | while read -r name tasks; do
    for task in $(tr ' ' '\n' <<< "$tasks" | tac); do "$step" $settings "$name" "$task" || return; done
  done
}

it "does the chain in parts, with stages, to the bytes of a plain run"
write_settings
run all_missing
grep -q 'stages=1, but the plan has 2: write that into the settings' job/logs/plan-0.log || fail "$(cat job/logs/plan-0.log)"
write_settings stages=2
expect_ok "$step" $settings missing
expect_stdout "plan 0
train-0 0 1 2
match-1 0
train-1 0 1 2
merge 0
predict 0 1
gather 0
evaluate 0"
expect_ok all_missing
mkdir plain
cd plain
xmr-featurize fit -q --word 1 --min-df 3 -o vec.npz "$set/train.tsv"
xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x X.npz -y Y.npz "$set/train.tsv"
xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x X-test.npz -y Y-test.npz "$set/test.tsv"
xmr-index -q -x X.npz -y Y.npz --branching 4 --max-leaf 40 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$set/labels.txt" --negatives tfn+man --cost 2 -o model.npz
xmr-predict -q -m model.npz -x X-test.npz -k 20 -o ranked.npz
xmr-eval -q -y Y-test.npz ranked.npz --metrics p@1 r@10 > metrics.txt
cd ..
for file in vec X Y X-test Y-test tree model ranked; do expect_same plain/$file.npz job/$file.npz; done
expect_same plain/metrics.txt job/metrics.txt

it "does nothing again that is there, and what is lost"
expect_ok "$step" $settings missing
expect_stdout ""
ls -i job/*.npz job/parts > before
JOB_COMPLETION_INDEX=2 expect_ok "$step" $settings train-1
ls -i job/*.npz job/parts | diff before - > /dev/null || fail "something was made again"
grep -q 'train-1 2: is there$' job/logs/train-1-2.log || fail "$(cat job/logs/train-1-2.log)"
rm job/model.npz job/parts/train-1-2.npz job/parts/X-0.npz # which is in X.npz
expect_ok "$step" $settings missing
expect_stdout "train-1 2
merge 0"
expect_ok all_missing
expect_same plain/model.npz job/model.npz

it "names a part that is missing, cut off or of another plan"
refused() {
  rm -f job/model.npz
  expect_exit 1 "chain: merge 0: exit code 1, see ../job/logs/merge-0.log" "$step" $settings merge
  grep -qE "^xmr-train: error: ../job/parts/train-1-2.npz: $1" job/logs/merge-0.log || fail "$(cat job/logs/merge-0.log)"
}
mv job/parts/train-1-2.npz kept.npz
refused 'cannot open: No such file or directory'
head -c 3000 kept.npz > job/parts/train-1-2.npz
refused 'the directory of the archive is missing or damaged'
xmr-train plan -q -x job/X.npz -y job/Y.npz -t job/tree.npz --parts 3 -o plan.npz
xmr-train part -q --plan plan.npz -x job/X.npz -y job/Y.npz -t job/tree.npz --part 2 -o job/parts/train-1-2.npz
refused 'is not a part of ../job/plan.npz'
mv kept.npz job/parts/train-1-2.npz
expect_ok "$step" $settings merge
expect_same plain/model.npz job/model.npz

it "refuses other settings than the folder was begun with, but not other ways to run"
write_settings stages=2 threads=2 single_threads=1 memory=1G at_once=5
expect_ok "$step" $settings missing
write_settings stages=2 "train=(--cost 3)"
expect_exit 2 "chain: ../job was begun with other settings (<) than these (>); take another folder, or remove it:
6c6
< train=('--negatives' 'tfn+man' '--cost' '2')
---
> train=('--cost' '3')" "$step" $settings predict 0

it "does not begin without an input, and then remembers nothing"
write_settings job=../none corpus=none.tsv stages=2
expect_exit 1 "stat: cannot statx 'none.tsv': No such file or directory" "$step" $settings missing
[ ! -e none/settings ] || fail "$(cat none/settings)"

it "is submitted to Slurm in jobs that wait for each other, steps of one task together"
mkdir bin # a Slurm that does at once what it is given
cat > bin/sbatch << 'SBATCH'
#!/bin/bash
echo "$*" >> "$SLURM_CALLS"
until [ "$1" = --array ]; do shift; done
script=$(cat)
for range in $(tr , ' ' <<< "${2%%%*}"); do
  for task in $(seq "${range%-*}" "${range#*-}"); do SLURM_ARRAY_TASK_ID=$task bash -c "$script" 2> /dev/null || break 2; done
done
wc -l < "$SLURM_CALLS"
SBATCH
chmod +x bin/sbatch
write_settings job=../submitted stages=2 threads=1 single_threads=2 at_once=4 "sbatch=(--time 5)" "single_sbatch=(--mem 6G)"
SLURM_CALLS=$PWD/calls PATH=$PWD/bin:$PATH expect_ok "$root/scripts/slurm/submit" $settings
expect_stdout "fit-part: job 1, tasks 0-3
fit: job 2, tasks 0
apply: job 3, tasks 0-2
join, index-plan: job 4, tasks 0
index-part: job 5, tasks 0-1
index, plan: job 6, tasks 0
train-0: job 7, tasks 0-2
match-1: job 8, tasks 0
train-1: job 9, tasks 0-2
merge: job 10, tasks 0
predict: job 11, tasks 0-1
gather, evaluate: job 12, tasks 0"
expect_same plain/ranked.npz submitted/ranked.npz
expect_same plain/metrics.txt submitted/metrics.txt
grep -q -- '--job-name xmr-index+plan --array 0%4 --dependency afterok:5 .* --cpus-per-task 2 --time 5 --mem 6G$' calls || fail "$(cat calls)"
grep -q -- '--job-name xmr-train-0 --array 0-2%4 --dependency afterok:6 .* --cpus-per-task 1 --time 5$' calls || fail "$(cat calls)"
rm submitted/model.npz submitted/ranked.npz submitted/metrics.txt submitted/parts/train-1-1.npz
SLURM_CALLS=$PWD/calls PATH=$PWD/bin:$PATH expect_ok "$root/scripts/slurm/submit" $settings
expect_stdout "train-1: job 13, tasks 1
merge, gather, evaluate: job 14, tasks 0"
expect_same plain/model.npz submitted/model.npz

it "runs on Kubernetes and AWS Batch, a job for each step, after the one before it"
cat > bin/kubectl << 'KUBECTL'
#!/bin/bash
# Pods that end at once: does the tasks of the Job that `apply` gets.
echo "$*" >> "$CLUSTER_CALLS"
[ "$1" = apply ] || exit 0
job=$(cat)
name=$(sed -n 's/^ *command: .*, \(.*\)]$/\1/p' <<< "$job")
tasks=$(sed -n 's/^ *completions: //p' <<< "$job")
for ((task = 0; task < tasks; ++task)); do JOB_COMPLETION_INDEX=$task "$CLUSTER_STEP" "$CLUSTER_SETTINGS" "$name"; done
KUBECTL
cat > bin/aws << 'AWS'
#!/bin/bash
echo "$*" >> "$CLUSTER_CALLS"
[ "$2" = submit-job ] || exit 0
name=$(sed 's/.*name=\([^ ]*\).*/\1/' <<< "$*")
tasks=$(sed -n 's/.*size=\([0-9]*\).*/\1/p' <<< "$*")
for ((task = 0; task < ${tasks:-1}; ++task)); do AWS_BATCH_JOB_ARRAY_INDEX=$task "$CLUSTER_STEP" "$CLUSTER_SETTINGS" "$name"; done
wc -l < "$CLUSTER_CALLS"
AWS
chmod +x bin/kubectl bin/aws
export CLUSTER_STEP=$step CLUSTER_SETTINGS=$PWD/$settings
write_settings job=../pods stages=2
CLUSTER_CALLS=$PWD/pod-calls PATH=$PWD/bin:$PATH expect_ok "$root/scripts/kubernetes/run" $settings
expect_same plain/model.npz pods/model.npz
expect_same plain/metrics.txt pods/metrics.txt
sed -n 's/^wait .*job/job/p' pod-calls | head -4 > waits
printf 'job/xmr-%s\n' fit-part fit apply join > expected
expect_equal "the first jobs" expected waits
write_settings job=../batch stages=2
CLUSTER_CALLS=$PWD/batch-calls PATH=$PWD/bin:$PATH expect_ok "$root/scripts/aws/submit" $settings fast
expect_same plain/model.npz batch/model.npz
grep -q -- '--job-queue fast .*name=index-part --array-properties size=2 --depends-on jobId=6 ' batch-calls || fail "$(cat batch-calls)"
grep -q -- 'name=merge --depends-on ' batch-calls || fail "$(cat batch-calls)"

it "goes on after GNU parallel was killed, though processes outlive it that do nothing for hours"
cat > bin/parallel << 'PARALLEL'
#!/bin/bash
if [ ! -e sleeper ]; then
  sleep 10101 > /dev/null 2>&1 &
  echo $! > sleeper
  kill -9 $$
fi
while read -r task; do bash -c "${!#/\{\}/$task}" || exit; done
PARALLEL
chmod +x bin/parallel
write_settings job=../parallel stages=2
PATH=$PWD/bin:$PATH run "$root/scripts/parallel/run" $settings
[ $status -eq 137 ] && [ -e job-settings/sleeper ] || fail "exit code $status: $(cat "$scratch/err")"
PATH=$PWD/bin:$PATH expect_ok timeout 120 "$root/scripts/parallel/run" $settings
kill "$(cat job-settings/sleeper)"
expect_same plain/model.npz parallel/model.npz
expect_same plain/metrics.txt parallel/metrics.txt

it "waits for tasks of a run that was killed"
rm parallel/metrics.txt
flock --shared parallel/lock sleep 2 &
PATH=$PWD/bin:$PATH expect_ok timeout 60 "$root/scripts/parallel/run" $settings
grep -q "^waits for tasks of another run in $PWD/parallel$" "$scratch/out" || fail "$(cat "$scratch/out")"

it "refuses settings that cannot be used, and a step that there is not"
write_settings job=../new stages=0
expect_exit 2 "chain: $settings: stages=0 is not a whole number from 1 on" "$step" $settings missing
write_settings job=../new parts=
expect_exit 2 "chain: $settings: parts= is not a whole number from 1 on" "$step" $settings missing
write_settings job=../new predict_parts=0
expect_exit 2 "chain: $settings: predict_parts=0 is not a whole number from 1 on" "$step" $settings missing
write_settings job=../new
echo 'false' >> $settings
expect_exit 1 "chain: $settings: a command in it fails" "$step" $settings missing
expect_exit 2 "chain: none.sh: there is no such file of settings" "$step" none.sh missing
[ ! -e new ] || fail "a folder was made"
write_settings stages=2
expect_exit 2 "chain: there is no step indx" "$step" $settings indx

it "takes no results of others for its own"
mkdir new
cp plain/vec.npz new/X.npz
write_settings job=../new
expect_exit 2 "chain: ../new was not begun by this chain, but has ../new/X.npz; take another folder, or remove it" \
  "$step" $settings missing
[ ! -e new/settings ] || fail "$(cat new/settings)"
rm -r new

it "joins a tree to a retrieval model, of the same bytes from several parts and from one"
valid=$PWD/valid.tsv
sed -n 1,40p "$set/test.tsv" > "$valid"
sed -n '301,$p' "$set/test.tsv" > asked.tsv
# retrieval_settings JOB OPTIONS...
retrieval_settings() {
  cat > $settings << SETTINGS
job=../$1 corpus=$set/train.tsv test=../asked.tsv labels=$set/labels.txt valid=$valid
fit=(--word 1:min-df=2 --word 2:min-df=2 --char-wb 3:min-df=2) index=(--branching 4 --max-leaf 40) train=(--cost 2)
retrieval=(--preset fast) predict=(-k 20) evaluate=(--metrics p@1 r@10)
${@:2}
SETTINGS
}
retrieval_settings joined parts=3 fit_parts=2 index_parts=2
expect_ok "$step" $settings steps
expect_stdout "rows 1
fit-part 2
fit 1
apply 3
join 1
index-plan 1
index-part 2
index 1
plan 1
train-0 3
merge 1
retrieval 1
predict 3
gather 1
evaluate 1"
expect_ok all_missing
retrieval_settings whole parts=1 threads=2
expect_ok all_missing
for file in linear.npz model.npz ranked.npz metrics.txt; do expect_same whole/$file joined/$file; done
{ cat "$set/train.tsv" && awk -F '\t' '{ print NR - 1 FS ($2 == "" ? $1 : $2) }' "$set/labels.txt"; } > rows.tsv
expect_same rows.tsv joined/rows.tsv
xmr-train retrieval -q --preset fast --labels "$set/labels.txt" --valid valid.tsv --tree-model joined/linear.npz -o retrieval.npz \
  "$set/train.tsv"
expect_same retrieval.npz joined/model.npz

it "does what was lost of a retrieval model, and no more"
retrieval_settings joined parts=3 fit_parts=2 index_parts=2
expect_ok "$step" $settings missing
expect_stdout ""
rm joined/{rows.tsv,linear.npz,ranked.npz} joined/parts/ranked-1.npz
expect_ok "$step" $settings missing
expect_stdout "predict 1
gather 0"
rm joined/model.npz joined/vec.npz
expect_ok "$step" $settings missing
expect_stdout "rows 0
fit 0
merge 0
retrieval 0
predict 1
gather 0"
expect_ok all_missing
for file in linear.npz model.npz ranked.npz; do expect_same whole/$file joined/$file; done

it "refuses settings that make no retrieval model"
retrieval_settings new "fit=(--word 1 --word 2)"
expect_exit 2 "chain: $settings: with valid=, fit= begins with --word 1 --word 2 --char-wb 3, the features of a retrieval model" \
  "$step" $settings missing
retrieval_settings new "apply=(--label-keys)"
expect_exit 2 "chain: $settings: with valid=, lines are labels<TAB>text: --columns and --label-keys are not possible" \
  "$step" $settings missing
retrieval_settings new corpus= x=../plain/X.npz y=../plain/Y.npz
expect_exit 2 "chain: $settings: valid= needs corpus=: a retrieval model is made of texts" "$step" $settings missing
[ ! -e new ] || fail "a folder was made"

it "begins with matrices, too"
cat > $settings << SETTINGS
job=../matrices x=../plain/X.npz y=../plain/Y.npz x_test=../plain/X-test.npz y_test=../plain/Y-test.npz
index=(--branching 4 --max-leaf 40) predict=(-k 20) evaluate=(--metrics p@1 r@10) parts=2
SETTINGS
expect_ok all_missing
xmr-train -q -x plain/X.npz -y plain/Y.npz -t plain/tree.npz -o tfn.npz
expect_same tfn.npz matrices/model.npz

it "is done by GNU parallel, with a task for each processor if at_once= is empty"
mkdir fake
cat > fake/parallel << 'PARALLEL'
#!/bin/bash
[[ " $* " == *" --jobs 100% "* ]] || exit 9
while read -r task; do bash -c "${!#%\{\}}$task" < /dev/null || exit; done
PARALLEL
chmod +x fake/parallel
sed -i 's,^job=../matrices,job=../anew at_once=,' $settings
PATH=$PWD/fake:$PATH expect_ok "$root/scripts/parallel/run" $settings
expect_same tfn.npz anew/model.npz
no_leftovers
