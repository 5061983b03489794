#!/bin/bash
# `make cluster-test`: the whole chain of scripts/ on data/, through a real Slurm of one node and through GNU parallel, with
# tasks killed at random until it has had KILLS of them, then submitted until it is done. Its tree, model and predictions are
# the bytes of one plain run, and no result that was there was made again. So for XR-Linear models and a retrieval model.
#   tests/cluster/run.sh [FOLDER OF THE TOOLS] [KILLS OF EACH CHAIN, default 12] [SEED, default the time]
# Needs root and Debian's slurm-wlm, munge, parallel and procps, which it installs; without them it ends with code 77. It
# does not touch a Slurm that may run, and ends all that it started.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=$(cd "${1:-$root/build/release/bin}" && pwd)
kills=${2:-12}
seed=${3:-$(date +%s)}
RANDOM=$seed
PATH=$tools:$PATH
skip() {
  echo "cluster-test: SKIPPED, $*"
  exit 77
}
[ "$(id -u)" -eq 0 ] || skip "it starts slurmd, which needs root"
packages="slurm-wlm munge parallel procps"
"$root/scripts/setup-debian.sh" $packages || true
for program in sbatch slurmctld slurmd munged parallel pgrep; do
  PATH=$PATH:/usr/sbin command -v $program > /dev/null || skip "$program is missing: apt-get install --no-install-recommends $packages"
done
python3 -c 'from socket import *; getaddrinfo("127.0.0.1", 0, AF_INET, flags=AI_ADDRCONFIG)' 2> /dev/null ||
  skip "Slurm finds no address, not even 127.0.0.1, where the machine has none beside loopback"
. "$root/tests/cluster/slurm.sh"

# All processes of ours carry the folder's name in their command line, or are Slurm's.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/xmr-cluster.XXXXXX")
leader= # of the session of the script that is running
finish() {
  local code=$?
  trap - EXIT
  stop_slurm "$scratch/slurm"
  if [ -n "$leader" ]; then pkill -9 -s "$leader" || true; fi
  job="$scratch/.*"
  workers | xargs -r kill -9 2> /dev/null || true
  if [ $code -eq 0 ]; then rm -rf "$scratch"; else echo "cluster-test: FAILED, see $scratch" >&2; fi
  exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  echo "cluster-test: $*"
  exit 1
}

# The tools that are at work in the current job.
workers() {
  pgrep -f "^xmr-.* $job/" || true
}

# The tasks that Slurm runs.
tasks() {
  squeue -h -t R -o %A
}

# strike LIST COMMAND...: COMMAND on one of those that LIST tells, or that begin within a second.
strike() {
  local list=$1 victims
  shift
  for ((try = 0; try < 50; ++try)); do
    mapfile -t victims < <($list)
    if [ ${#victims[@]} -gt 0 ] && "$@" "${victims[RANDOM % ${#victims[@]}]}" 2> /dev/null; then
      killed=$((killed + 1))
      return
    fi
    sleep 0.02
  done
  return 1
}

# Which results are there, as which file: one that is made again is another file. Not those that say nothing of a task:
# parts/plan.npz gets another name, and a task whose Y is not there yet makes its X again.
record() {
  find "$job" -name '[!.]*.npz' ! -path '*/parts/plan.npz' ! -path '*/parts/X-*.npz' -printf '%P %i %T@\n' >> "$job.seen" 2> /dev/null || true
}

# compare TITLE: what the chain made, with what a plain run does.
compare() {
  local file again
  for file in tree model ranked; do
    cmp "$plain/$file.npz" "$job/$file.npz" || fail "$1: another $file"
  done
  cmp "$plain/metrics.txt" "$job/metrics.txt" || fail "$1: other metrics"
  record
  again=$(sort -u "$job.seen" | cut -d ' ' -f 1 | uniq -d)
  [ -z "$again" ] || fail "$1: made twice: $again"
  awk '/ begins$/ { if (FILENAME in done) { print FILENAME ": begun again"; exit 1 } } / done$/ { done[FILENAME] = 1 }' \
    "$job"/logs/*.log || fail "$1: a task that was done was begun again"
}

report() {
  printf '%-26s %4s s  %2d runs, %2d kills (%s), %3d tasks done, %2d begun again; tree, model, answers: same bytes\n' "$1" \
    $((SECONDS - began)) "$runs" "$killed" "$2" "$(cat "$job"/logs/*.log | grep -c ' done$')" \
    $(($(cat "$job"/logs/*.log | grep -c ' begins$') - $(cat "$job"/logs/*.log | grep -c ' done$')))
}

# in_time TITLE: or it shows what is at work, and ends the test.
in_time() {
  if [ $((SECONDS - began)) -lt 400 ]; then return; fi
  ps -eo pid,ppid,sid,stat,etimes,wchan:24,args --forest
  squeue 2> /dev/null || true
  tail -n 20 "$job.out"
  fail "$1: not done after 400 s"
}

form="--branching 8 --max-leaf 40" # of a tree of three levels

# plain_run FOLDER OPTIONS...: the chain without parts.
plain_run() {
  local set=$root/data/debian-search
  mkdir "$1"
  cd "$1"
  shift
  xmr-featurize fit -q --word 1 --word 2 --char-wb 3 -o vec.npz "$set/train.tsv"
  xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x X.npz -y Y.npz "$set/train.tsv"
  xmr-featurize apply -q -f vec.npz --labels "$set/labels.txt" -x X-test.npz -y Y-test.npz "$set/test.tsv"
  xmr-index -q -x X.npz -y Y.npz $form -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$set/labels.txt" "$@" -o model.npz
  xmr-predict -q -m model.npz -x X-test.npz -k 100 -o ranked.npz
  xmr-eval -q -y Y-test.npz ranked.npz --metrics p@1 r@10,100 > metrics.txt
  cd "$root"
}

# plain_retrieval FOLDER OPTIONS...: the same of a retrieval model.
plain_retrieval() {
  mkdir "$1"
  cd "$1"
  shift
  { cat "$seen" && awk -F '\t' '{ print NR - 1 FS ($2 == "" ? $1 : $2) }' "$labels"; } > rows.tsv
  xmr-featurize fit -q --word 1 --word 2 --char-wb 3 -o vec.npz rows.tsv
  xmr-featurize apply -q -f vec.npz --labels "$labels" -x X.npz -y Y.npz rows.tsv
  xmr-featurize apply -q -f vec.npz --labels "$labels" -x X-test.npz -y Y-test.npz "$test"
  xmr-index -q -x X.npz -y Y.npz $form -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$labels" "$@" -o linear.npz
  xmr-train retrieval -q --labels "$labels" --tree-model linear.npz --valid "$valid" -o model.npz "$seen"
  xmr-predict -q -m model.npz -k 100 --columns labels,text -o ranked.npz "$test"
  xmr-eval -q -y Y-test.npz ranked.npz --metrics p@1 r@10,100 > metrics.txt
  cd "$root"
}

# settings NAME STAGES OPTIONS...: of a job of that name, which becomes the current one.
settings() {
  job=$scratch/$1
  cat > "$job.sh" << SETTINGS
job=$job tools=$tools
corpus=$root/data/debian-search/train.tsv test=$root/data/debian-search/test.tsv labels=$root/data/debian-search/labels.txt
fit=(--word 1 --word 2 --char-wb 3) fit_parts=3
index=($form) index_parts=4
train=(${@:3})
predict=(-k 100)
evaluate=(--metrics p@1 r@10,100)
parts=8 stages=$2 threads=1 at_once=2
$more
SETTINGS
  runs=0 killed=0 began=$SECONDS
}

# slurm_chain TITLE: submitted and killed, until it has been killed often enough and is done.
slurm_chain() {
  local scancelled=0
  until [ -e "$job/metrics.txt" ]; do
    in_time "$1"
    "$root/scripts/slurm/submit" "$job.sh" >> "$job.out"
    runs=$((runs + 1))
    while [ -n "$(squeue -h)" ]; do
      in_time "$1"
      sleep 0.$((RANDOM % 10))
      record
      if [ $killed -ge "$kills" ]; then continue; fi
      if [ $((killed % 3)) -lt 2 ]; then
        strike workers kill -9 || true
      elif strike tasks scancel; then
        scancelled=$((scancelled + 1))
      fi
    done
  done
  compare "$1"
  "$root/scripts/slurm/submit" "$job.sh" | grep -q '^all done' || fail "$1: submitted again, it is not done"
  report "$1" "$scancelled scancel, $((killed - scancelled)) kill -9"
  total=$((total + killed))
}

# parallel_chain TITLE: one of its tools is killed, or all of it, or the script alone, whose tasks go on.
parallel_chain() {
  local all=0 alone=0
  until [ -e "$job/metrics.txt" ]; do
    in_time "$1"
    setsid "$root/scripts/parallel/run" "$job.sh" >> "$job.out" 2>&1 &
    leader=$!
    runs=$((runs + 1))
    sleep 0.$((RANDOM % 10))
    record
    if [ $killed -lt "$kills" ]; then strike workers kill -9 || true; fi
    sleep 0.$((RANDOM % 10))
    if [ $killed -lt "$kills" ]; then
      if [ $((RANDOM % 2)) -eq 0 ]; then
        pkill -9 -s $leader && killed=$((killed + 1)) all=$((all + 1))
      else
        kill -9 $leader && killed=$((killed + 1)) alone=$((alone + 1))
      fi
    fi
    while kill -0 $leader 2> /dev/null; do
      in_time "$1"
      sleep 0.05
    done
    wait $leader 2> /dev/null || true
    leader=
    record
  done
  compare "$1"
  report "$1" "$((killed - all - alone)) of a tool, $all of all, $alone of run alone"
  total=$((total + killed))
}

more= # lines of settings
total=0
echo "Slurm $(/usr/sbin/slurmctld -V | cut -d ' ' -f 2), $(nproc) processors; seed of the kills: $seed"
for training in tfn tfn+man; do
  stages=1
  [ $training = tfn ] || stages=3
  plain=$scratch/plain-$stages
  plain_run "$plain" --negatives $training
  if [ $training = tfn ]; then start_slurm "$scratch/slurm" 2; fi
  settings slurm-$stages $stages --negatives $training
  slurm_chain "Slurm, $training"
  settings parallel-$stages $stages --negatives $training
  parallel_chain "GNU parallel, $training" 2> "$job.err" # where the shell tells who was killed
done
labels=$root/data/debian-search/labels.txt test=$root/data/debian-search/test.tsv
seen=$scratch/seen.tsv valid=$scratch/valid.tsv
xmr-inspect slice -q "$root/data/debian-search/train.tsv" --share 0.97 -o "$seen" --rest "$valid"
more="corpus=$seen valid=$valid"
plain=$scratch/plain-retrieval
plain_retrieval "$plain" --cost 2
settings slurm-retrieval 1 --cost 2
slurm_chain "Slurm, retrieval"
settings parallel-retrieval 1 --cost 2
parallel_chain "GNU parallel, retrieval" 2> "$job.err"
echo "$total kills in $SECONDS s"
