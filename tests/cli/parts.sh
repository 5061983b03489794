#!/bin/bash
# xmr-train plan, part, match and merge: the same bytes as in one run, and what is refused.
. "$(dirname "$0")/lib.sh"

labels=$data/debian-tags/labels.txt
xmr-featurize fit -q --word 1 --min-df 4 -o vec.npz "$data/debian-tags/train.tsv"
xmr-featurize apply -q -f vec.npz --labels "$labels" -x X.npz -y Y.npz "$data/debian-tags/train.tsv"
xmr-index -q -x X.npz -y Y.npz --branching 4 --max-leaf 40 -o tree.npz
unset SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX
in=(-x X.npz -y Y.npz -t tree.npz)

plan() { xmr-train plan -q "${in[@]}" -o plan.npz "$@"; }
part() { xmr-train part -q --plan plan.npz "${in[@]}" "$@"; }
merge() { xmr-train merge -q --plan plan.npz -t tree.npz "$@"; }
error() { echo "xmr-train: error: $*"; }

it "makes the bytes of one run of 1, 3 and 8 parts"
xmr-train -q "${in[@]}" -f vec.npz --labels "$labels" -o model.npz
for parts in 1 8 3; do
  expect_ok plan --parts $parts
  for i in $(seq 0 $((parts - 1))); do
    expect_ok part --part "$i" -j $((i % 3 + 1)) -o "part-$i.npz"
  done
  expect_ok merge -f vec.npz --labels "$labels" -o merged.npz $(seq -f part-%g.npz $((parts - 1)) -1 0)
  expect_same model.npz merged.npz
done
rm merged.npz part-[3-7].npz

it "makes weights of another type, as --init does"
xmr-train -q "${in[@]}" --weight-type f2 -o halves.npz
expect_ok plan --parts 2 --weight-type f2
expect_ok part --part 0 -o halves-0.npz
expect_ok part --part 1 -o halves-1.npz
expect_ok merge -o merged.npz halves-0.npz halves-1.npz
expect_same halves.npz merged.npz
expect_ok xmr-inspect verify halves.npz
expect_ok xmr-train -q "${in[@]}" --weight-type f2 --init halves.npz -o merged.npz --stats stats.json
[ "$(figure parents_kept)" = "$(figure parents)" ] || fail "$(cat stats.json)"
expect_same halves.npz merged.npz
expect_ok sh -c 'xmr-inspect show --json halves.npz | grep -q \"f2\"'
rm halves*.npz merged.npz
plan --parts 3

it "gives its parts about equal work"
for i in 0 1 2; do
  part --part $i -o again.npz --stats stats.json
  expect_same part-$i.npz again.npz
  sed -n 's/.*"entries_visited": \([0-9]*\).*/\1/p' stats.json
done | sort -n | /usr/bin/python3 -c '
import sys
costs = [int(line) for line in sys.stdin]
sys.exit(len(costs) != 3 or costs[2] > 3 * costs[0])' || fail "unequal parts"
rm again.npz stats.json

it "knows its number from the schedulers' array jobs, --part first"
for variable in SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX; do
  expect_ok env $variable=2 xmr-train part -q --plan plan.npz "${in[@]}" -o array.npz
  expect_same part-2.npz array.npz
done
SLURM_ARRAY_TASK_ID=2 expect_ok part --part 1 -o array.npz
expect_same part-1.npz array.npz
rm array.npz
expect_exit 2 "$(error '--part: the number of the part is missing, 0..2')
hint: an array job sets it by SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or AWS_BATCH_JOB_ARRAY_INDEX" part -o bad.npz
expect_exit 2 "$(error '--part: part 3 is outside 0..2')" part --part 3 -o bad.npz
SLURM_ARRAY_TASK_ID=3 expect_exit 2 "$(error 'SLURM_ARRAY_TASK_ID: part 3 is outside 0..2')" part -o bad.npz
SLURM_ARRAY_TASK_ID=x expect_exit 2 "$(error "SLURM_ARRAY_TASK_ID: 'x' is not the number of a part")" part -o bad.npz
expect_exit 2 "$(error "--part: '-1' is not a whole number in 0..")
hint: xmr-train part --help lists the options" part --part -1 -o bad.npz

it "reads a number with a leading 0 as a decimal one"
plan --parts 11
expect_ok part --part 10 -o ten.npz
expect_ok part --part 010 -o padded.npz
expect_same ten.npz padded.npz
rm ten.npz padded.npz
plan --parts 3

it "uses stdin and stdout once a command"
twice() { expect_exit 2 "$(error "-: given 2 times, but $1 can be used once")" "${@:2}"; }
twice stdout xmr-train plan "${in[@]}" --parts 3 -o - --stats -
twice stdout part --part 0 -o - --stats -
twice stdout xmr-train match --plan plan.npz "${in[@]}" --stage 1 -o - --stats - part-0.npz
twice stdout merge -o - --stats - part-[0-2].npz
twice stdin xmr-train plan -x - -y - -t tree.npz --parts 3 -o bad.npz
twice stdin xmr-train part --plan - -x X.npz -y - -t tree.npz --part 0 -o bad.npz
twice stdin xmr-train match --plan plan.npz -x X.npz -y - -t - --stage 1 -o bad.npz part-0.npz
twice stdin merge -o bad.npz - -

it "refuses parts that are missing, there twice, of another plan, damaged, or none"
expect_exit 1 "$(error 'plan.npz: 2 of 3 parts missing: 0, 2')" merge -o bad.npz part-1.npz
cp part-1.npz copy.npz
expect_exit 1 "$(error 'copy.npz: is the same part as part-1.npz')" merge -o bad.npz part-[0-2].npz copy.npz
plan --parts 3 -s 1
expect_exit 1 "$(error 'part-0.npz: is not a part of plan.npz')
hint: it was made for another plan, or an old one" merge -o bad.npz part-[0-2].npz
plan --parts 3
head -c 5000 part-1.npz > copy.npz
expect_exit 1 "$(error 'copy.npz: the directory of the archive is missing or damaged; the file may be cut off')" \
  merge -o bad.npz part-[02].npz copy.npz
expect_exit 1 "$(error 'X.npz: is a matrix, not a part')" merge -o bad.npz part-[02].npz X.npz
expect_exit 1 "$(error 'X.npz: is a matrix, not a plan')" xmr-train merge --plan X.npz -t tree.npz -o bad.npz part-0.npz
/usr/bin/python3 -S "$root/tests/cli/forge.py" plan.npz old.npz 'meta.json:/tool_version="0.0.1"'
run xmr-train part --plan old.npz "${in[@]}" --part 0 -o bad.npz
grep -q '^xmr-train: error: old.npz: was made by version 0.0.1, this is ' "$scratch/err" || fail "$(cat "$scratch/err")"
/usr/bin/python3 -S "$root/tests/cli/forge.py" plan.npz old.npz 'meta.json:/format_version=1'
expect_exit 1 "$(error 'old.npz: was written by an older version')
hint: plan again" xmr-train part --plan old.npz "${in[@]}" --part 0 -o bad.npz
/usr/bin/python3 -S "$root/tests/cli/forge.py" plan.npz old.npz 'parts-0[1]=3'
expect_exit 1 "$(error 'old.npz: parts-0: item 1: part 3 is outside 0..2')" \
  xmr-train part --plan old.npz "${in[@]}" --part 0 -o bad.npz
rm copy.npz old.npz

it "refuses other inputs than the plan was made from"
xmr-index -q -x X.npz -y Y.npz -s 1 --branching 4 --max-leaf 40 -o other-tree.npz
for name in X Y; do
  /usr/bin/python3 -c 'import scipy.sparse, sys
m = scipy.sparse.load_npz(sys.argv[1]); m.data[0] *= 2; scipy.sparse.save_npz("other.npz", m)' $name.npz
  mv $name.npz kept.npz && mv other.npz $name.npz
  expect_exit 1 "$(error "$name.npz: is not the file that plan.npz was made from")" part --part 0 -o bad.npz
  mv kept.npz $name.npz
done
expect_exit 1 "$(error 'other-tree.npz: is not the file that plan.npz was made from')" \
  xmr-train part --plan plan.npz -x X.npz -y Y.npz -t other-tree.npz --part 0 -o bad.npz
expect_exit 1 "$(error 'other-tree.npz: is not the file that plan.npz was made from')" \
  xmr-train merge --plan plan.npz -t other-tree.npz -o bad.npz part-[0-2].npz
rm other-tree.npz part-[0-2].npz

it "reads the rows that it needs, and no others"
# Arrays of more than a mebibyte, which are not checked as a whole when they are opened.
for name in X Y; do xmr-inspect concat -q $name.npz $name.npz $name.npz $name.npz $name.npz -o large-$name.npz; done
kept=("${in[@]}")
in[1]=large-X.npz in[3]=large-Y.npz
plan --parts 40
expect_own_rows 40
in=("${kept[@]}")
rm large-*.npz

it "trains stages with matcher-aware negatives, label rows and given negatives in parts, too"
xmr-featurize apply -q -f vec.npz --columns -,text -x Z.npz "$labels"
options=(--negatives tfn+man+Y.npz --label-rows Z.npz --relevance induce --relevance-norm l2 --cost 2,1 --beam 3)
given=(--label-rows Z.npz --given-negatives Y.npz)
xmr-train -q "${in[@]}" "${options[@]}" -o model.npz
expect_ok plan "${options[@]}" --parts 2
for i in 0 1; do expect_ok part "${given[@]}" --part $i -o part-0-$i.npz; done
expect_exit 2 "$(error '--matched: stage 1 needs the output of xmr-train match')" \
  part "${given[@]}" --stage 1 --part 0 -o bad.npz
expect_exit 2 "$(error 'plan.npz was made with --label-rows')" part --given-negatives Y.npz --part 0 -o bad.npz
expect_exit 1 "$(error 'plan.npz: 1 of 2 parts missing: 1 of stage 0')" xmr-train match --plan plan.npz "${in[@]}" \
  "${given[@]}" --stage 1 -o bad.npz part-0-0.npz
expect_ok xmr-train match -q --plan plan.npz "${in[@]}" "${given[@]}" --stage 1 -o matched.npz part-0-[01].npz
expect_exit 1 "$(error 'Y.npz: is not the output of xmr-train match for stage 1 of plan.npz')" \
  part "${given[@]}" --stage 1 --matched Y.npz --part 0 -o bad.npz
for i in 0 1; do expect_ok part "${given[@]}" --stage 1 --matched matched.npz --part $i -o part-1-$i.npz; done
expect_ok merge -o merged.npz part-*.npz
expect_same model.npz merged.npz

it "takes sizes as whole numbers of bytes, K, M, G or T"
for size in lots 2.5G -1G 0 G 100000000T 4GG; do
  expect_exit 2 "xmr-train: error: --memory: '$size' is not a size, as 512M, 4G or a number of bytes
hint: xmr-train --help lists the options" xmr-train "${in[@]}" --memory "$size" -o bad.npz
done
for size in 900000000 900000K 900MB 1GiB; do expect_ok xmr-train -q "${in[@]}" --memory $size --dry-run -o bad.npz; done

# ask COMMAND...: how many MiB it needs becomes `needs`.
ask() {
  run "$@" --memory 1M -o bad.npz
  needs=$(sed -n 's/^xmr-train: error: memory: training needs about \([0-9]*\) MiB, 1 MiB are allowed$/\1/p' "$scratch/err")
  [ $status -eq 1 ] && [ -n "$needs" ] || fail "exit code $status: $(cat "$scratch/err")"
}

it "keeps to --memory with the same bytes, or tells what it needs"
expect_ok part "${given[@]}" --part 0 -o part.npz
ask part "${given[@]}" --part 0
expect_ok part "${given[@]}" --part 0 -j 7 --memory $((needs + 1))M -o small.npz
expect_same part.npz small.npz
rm part.npz small.npz
xmr-train -q "${in[@]}" -o model.npz
ask xmr-train -q "${in[@]}"
for checkpoint in "" "--checkpoint ckpt"; do
  expect_ok xmr-train -q "${in[@]}" -j 7 --memory $((needs + 1))M $checkpoint -o small.npz
  expect_same model.npz small.npz
done
rm model.npz small.npz

it "puts the finished pieces of a large model into a folder beside it, and removes the folder"
/usr/bin/python3 - <<'PY'
import numpy
import scipy.sparse
rows, features = 20_000, 40
random = numpy.random.default_rng(1)
indices = random.integers(0, 100_000, rows * features)
x = scipy.sparse.csr_matrix((numpy.ones(indices.size, numpy.float32), indices, numpy.arange(rows + 1) * features), (rows, 100_000))
x.sum_duplicates()
scipy.sparse.save_npz("foreign.npz", x)
scipy.sparse.save_npz("Y-single.npz", scipy.sparse.identity(rows, numpy.float32, "csr"))
PY
xmr-inspect concat -q foreign.npz -o X-single.npz
xmr-index -q -x X-single.npz -y Y-single.npz --method random -o tree-single.npz
single=(-x X-single.npz -y Y-single.npz -t tree-single.npz -j 1 -q)
xmr-train "${single[@]}" -o model.npz
ask xmr-train "${single[@]}"
expect_ok xmr-train "${single[@]}" --memory $((needs + 1))M --stats stats.json -o small.npz
expect_same model.npz small.npz
grep -q pieces_found stats.json || fail "the pieces of $(stat -c %s model.npz) bytes are kept in memory, limit $needs MiB"
[ -z "$(find . -name '*pieces*')" ] || fail "left: $(find . -name '*pieces*')"
rm foreign.npz X-single.npz Y-single.npz tree-single.npz model.npz small.npz stats.json

it "does not keep the memory of one large parent for another"
# The first level is in place, 94 bytes a row; of its children one has 48 % of the rows, which are copied, 8 bytes an entry.
/usr/bin/python3 - <<'PY'
import numpy
import scipy.sparse
rows, features = 400_000, 12
label = numpy.concatenate([numpy.arange(192_000) % 2, 2 + numpy.arange(208_000) % 4])
indices = (numpy.arange(features) * 10 + label[:, None]).ravel()
x = scipy.sparse.csr_matrix((numpy.ones(indices.size, numpy.float32), indices, numpy.arange(rows + 1) * features), (rows, 120))
scipy.sparse.save_npz("foreign.npz", x)
scipy.sparse.save_npz("Y-many.npz", scipy.sparse.csr_matrix((numpy.ones(rows), label, numpy.arange(rows + 1)), (rows, 6)))
scipy.sparse.save_npz("C.npz", scipy.sparse.csr_matrix((numpy.ones(6), numpy.arange(6) // 2, numpy.arange(7)), (6, 3)))
PY
xmr-inspect concat -q foreign.npz -o X-many.npz
xmr-index clusters -q C.npz -o C-tree.npz
many=(-x X-many.npz -y Y-many.npz -t C-tree.npz -j 1)
expect_ok xmr-train -q "${many[@]}" --stats stats.json -o model.npz
free=$(figure peak_memory_bytes)
ask xmr-train -q "${many[@]}"
expect_ok xmr-train -q "${many[@]}" --memory $((needs + 1))M --stats stats.json -o small.npz
expect_same model.npz small.npz
bounded=$(figure peak_memory_bytes)
[ $bounded -lt $((free - 10000000)) ] || fail "needs $needs MiB; $bounded bytes, $free where memory is not bounded"
rm foreign.npz X-many.npz Y-many.npz C.npz C-tree.npz stats.json model.npz small.npz

it "goes on from a checkpoint after being killed, and removes it in the end"
options=(--negatives tfn+man --cost 3)
xmr-train -q "${in[@]}" "${options[@]}" -o model.npz
for moment in 0.05 0.2 0.1 0.3; do
  run bash -c 'timeout --foreground -s KILL "$@" || true' - $moment xmr-train -q "${in[@]}" "${options[@]}" --checkpoint ckpt -j 1 -o resumed.npz
done
expect_ok xmr-train -q "${in[@]}" "${options[@]}" --checkpoint ckpt -o resumed.npz
expect_same model.npz resumed.npz
[ ! -e ckpt ] || fail "the checkpoint is still there"
mkdir ckpt && touch ckpt/mine
expect_exit 1 "$(error 'ckpt: is not a checkpoint: it holds mine')" xmr-train -q "${in[@]}" --checkpoint ckpt -o bad.npz
rm -r ckpt resumed.npz

it "is known to xmr-inspect"
for file in plan.npz part-0-0.npz; do
  expect_ok xmr-inspect show $file
  expect_ok xmr-inspect verify $file
done
expect_files X.npz Y.npz Z.npz matched.npz merged.npz model.npz part-0-0.npz part-0-1.npz part-1-0.npz part-1-1.npz \
  plan.npz tree.npz vec.npz
