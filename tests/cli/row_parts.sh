#!/bin/bash
# Rows in parts: xmr-featurize apply --part, xmr-predict --part, xmr-inspect concat.
. "$(dirname "$0")/lib.sh"

labels=$data/debian-tags/labels.txt
head -300 "$data/debian-tags/train.tsv" > train.tsv
cut -f 2 train.tsv | head -101 | tr -d '\n' > one-line.txt
cut -f 2 train.tsv | head -101 | cat - one-line.txt > queries.txt
expect_ok xmr-featurize fit --word 1 -o vec.npz train.tsv
apply=(xmr-featurize apply -q -f vec.npz --labels "$labels")
expect_ok "${apply[@]}" -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz --max-leaf 20 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$labels" -o model.npz
error() { echo "$1: error: $2"; }

unset SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX

it "turns a corpus into the same matrices part by part"
for parts in 1 7; do
  for i in $(seq 0 $((parts - 1))); do
    expect_ok "${apply[@]}" --part "$i" --parts "$parts" -x "X-$i.npz" -y "Y-$i.npz" train.tsv
  done
  expect_ok xmr-inspect concat $(seq -f X-%g.npz 0 $((parts - 1))) -o joined.npz
  expect_same X.npz joined.npz
  expect_ok xmr-inspect concat $(seq -f Y-%g.npz 0 $((parts - 1))) -o joined.npz
  expect_same Y.npz joined.npz
done

it "answers texts and features part by part as it does at once, with one line that is longer than a part"
for form in tsv jsonl npz; do
  expect_ok xmr-predict -m model.npz queries.txt -o "whole.$form"
  expect_ok xmr-predict -m model.npz -x X.npz -o "rows.$form"
  for i in 0 1 2 3 4; do
    expect_ok xmr-predict -m model.npz queries.txt --part "$i" --parts 5 -o "part-$i.$form"
    expect_ok xmr-predict -m model.npz -x X.npz --part "$i" --parts 5 -j 2 -o "rows-$i.$form"
  done
  case $form in
    npz)
      expect_ok xmr-inspect concat part-[0-4].npz -o parts.npz
      expect_ok xmr-inspect concat rows-[0-4].npz -o all.npz
      ;;
    *)
      cat part-[0-4].$form > "parts.$form"
      cat rows-[0-4].$form > "all.$form"
      ;;
  esac
  expect_same "whole.$form" "parts.$form"
  expect_same "rows.$form" "all.$form"
done

it "reads the rows of its part, and no others"
# Arrays of more than a mebibyte, which are not checked as a whole when they are opened.
xmr-inspect concat -q $(yes X.npz | head -50) -o large.npz
damage_last_row large.npz bad.npz
expect_ok xmr-predict -m model.npz -x large.npz --part 3 --parts 5 -o part.npz
expect_ok xmr-predict -m model.npz -x bad.npz --part 3 --parts 5 -o from-bad.npz
expect_same part.npz from-bad.npz
expect_exit 1 "$(error xmr-predict 'bad.npz: rows 14992..14999: checksum does not match: the file is damaged')" \
  xmr-predict -m model.npz -x bad.npz --part 4 --parts 5 -o part.npz
rm bad.npz part.npz from-bad.npz large.npz

it "knows its number from the schedulers' array jobs"
expect_ok "${apply[@]}" --part 2 --parts 7 -x part.npz -y y.npz train.tsv
expect_ok xmr-predict -m model.npz -x X.npz --part 3 --parts 5 -o part-3.npz
for variable in SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX AWS_BATCH_JOB_ARRAY_INDEX; do
  expect_ok env $variable=2 "${apply[@]}" --parts 7 -x x.npz -y y.npz train.tsv
  expect_same part.npz x.npz
  expect_ok env $variable=3 xmr-predict -m model.npz -x X.npz --parts 5 -o array.npz
  expect_same part-3.npz array.npz
done
expect_exit 2 "$(error xmr-predict '--part: the number of the part is missing, 0..4')
hint: an array job sets it by SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or AWS_BATCH_JOB_ARRAY_INDEX" \
  xmr-predict -m model.npz -x X.npz --parts 5 -o array.npz
SLURM_ARRAY_TASK_ID=5 expect_exit 2 "$(error xmr-predict 'SLURM_ARRAY_TASK_ID: part 5 is outside 0..4')" \
  xmr-predict -m model.npz -x X.npz --parts 5 -o array.npz
rm array.npz part.npz

it "ranks the candidates of a part's rows"
expect_ok xmr-predict -m model.npz -x X.npz --rerank rows.npz -o whole.tsv
for i in 0 1 2; do xmr-predict -q -m model.npz -x X.npz --rerank rows.npz --part $i --parts 3 -o part-$i.tsv; done
cat part-[0-2].tsv > parts.tsv
expect_same whole.tsv parts.tsv
head -50 queries.txt > few.txt
expect_ok xmr-predict -m model.npz --rerank rows.tsv --part 0 --parts 2 -o part.tsv few.txt

it "has parts without rows where there are more parts than rows"
printf 'a compiler\nan editor\n' > two.txt
for i in $(seq 0 8); do expect_ok xmr-predict -m model.npz two.txt --part "$i" --parts 9 -o "part-$i.tsv"; done
cat part-[0-8].tsv > parts.tsv
expect_ok xmr-predict -m model.npz two.txt -o whole.tsv
expect_same whole.tsv parts.tsv

it "names the line of the whole file"
sed '250s/.*/99999\tno such label/' train.tsv > bad.tsv
expect_exit 1 "$(error xmr-featurize "bad.tsv:250: label 99999 is outside 0..$(($(wc -l < "$labels") - 1))")
hint: an id is the number of a line of labels.txt, from 0; if the column holds keys: --labels labels.txt --label-keys" \
  "${apply[@]}" --part 2 --parts 3 -x x.npz -y y.npz bad.tsv

it "refuses what is no part"
expect_exit 2 "$(error xmr-predict '--part: part 5 is outside 0..4')" xmr-predict -m model.npz two.txt --part 5 --parts 5
for part in 1/4 -1 a 1x; do
  expect_exit 2 "$(error xmr-predict "--part: '$part' is not a whole number in 0..")
hint: xmr-predict --help lists the options" xmr-predict -m model.npz two.txt --part=$part --parts 5
done
expect_exit 2 "$(error xmr-predict "--parts: 0 is outside 1..")
hint: xmr-predict --help lists the options" xmr-predict -m model.npz two.txt --part 0 --parts 0
expect_exit 2 "$(error xmr-predict "--part requires --parts")
hint: xmr-predict --help lists the options" xmr-predict -m model.npz two.txt --part 1
expect_exit 2 "$(error xmr-predict '--part: needs a file, not a pipe')" \
  xmr-predict -m model.npz --part 0 --parts 2 - < two.txt
expect_exit 2 "$(error xmr-featurize '--parts: takes one corpus')" \
  "${apply[@]}" --part 0 --parts 2 -x x.npz -y y.npz train.tsv train.tsv
expect_exit 2 "$(error xmr-featurize '--parts: needs --labels, so that all parts of Y have the same columns')" \
  xmr-featurize apply -f vec.npz --part 0 --parts 2 -x x.npz -y y.npz train.tsv

it "joins only what belongs together"
xmr-featurize fit -q --word 1 --min-df 2 -o other.npz train.tsv
xmr-featurize apply -q -f other.npz -x x.npz train.tsv
columns() { xmr-inspect show --json "$1" | sed 's/.*"columns":\([0-9]*\).*/\1/'; }
expect_exit 1 "$(error xmr-inspect "x.npz: $(columns x.npz) columns, but X.npz has $(columns X.npz)")" \
  xmr-inspect concat X.npz x.npz -o joined.npz
expect_exit 1 "$(error xmr-inspect 'rows.npz: is of kind predictions, but X.npz is of kind matrix')" \
  xmr-inspect concat X.npz rows.npz -o joined.npz
xmr-predict -q -m model.npz -x X.npz --beam 3 -o beam.npz
expect_exit 1 "$(error xmr-inspect 'beam.npz: was not made from what rows.npz was made from, or with other options')
hint: xmr-inspect show prints how each was made" \
  xmr-inspect concat rows.npz beam.npz -o joined.npz
expect_exit 1 "$(error xmr-inspect 'whole.tsv: is not an npz file')
hint: TSV and JSON lines are joined by cat" xmr-inspect concat whole.tsv -o joined.npz

it "misses no part, and takes each once and in its place"
for i in 0 1 2; do expect_ok xmr-predict -m model.npz -x X.npz --part $i --parts 3 -o part-$i.npz; done
expect_ok xmr-inspect concat <(cat part-0.npz) part-1.npz <(cat part-2.npz) -o joined.npz
expect_same rows.npz joined.npz
expect_exit 1 "$(error xmr-inspect 'part-1.npz: is part 1 of 3, part 0 belongs here')" \
  xmr-inspect concat part-1.npz part-2.npz -o joined.npz
expect_exit 1 "$(error xmr-inspect 'part-2.npz: is part 2 of 3, part 1 belongs here')" \
  xmr-inspect concat part-0.npz part-2.npz -o joined.npz
expect_exit 1 "$(error xmr-inspect 'part-0.npz: is part 0 of 3, but part 2 is missing')" \
  xmr-inspect concat part-0.npz part-1.npz -o joined.npz
expect_exit 1 "$(error xmr-inspect 'rows-1.npz: is one of 5 parts, but part-0.npz is one of 3 parts')" \
  xmr-inspect concat part-0.npz rows-1.npz part-2.npz -o joined.npz
expect_exit 1 "$(error xmr-inspect 'rows.npz: is not a part of the rows, but part-0.npz is one of 3 parts')" \
  xmr-inspect concat part-0.npz rows.npz -o joined.npz
/usr/bin/python3 -S "$root/tests/cli/forge.py" part-1.npz forged.npz 'meta.json:/content/part/part=7'
expect_exit 1 "$(error xmr-inspect 'forged.npz: meta.json: part is not a part of parts')" \
  xmr-inspect concat part-0.npz forged.npz part-2.npz -o joined.npz
head -c 900 part-1.npz > cut.npz
expect_exit 1 "$(error xmr-inspect 'cut.npz: the directory of the archive is missing or damaged; the file may be cut off')" \
  xmr-inspect concat part-0.npz cut.npz part-2.npz -o joined.npz

it "joins no parts of other rows, or of another model of the same tree, though they look alike"
other() {
  expect_exit 1 "$(error xmr-inspect "$2: was not made from what $1 was made from, or with other options")
hint: xmr-inspect show prints how each was made" xmr-inspect concat "$1" "$2" -o joined.npz
}
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$labels" --cost 4 -o dear.npz
xmr-inspect slice -q X.npz --rows 0:200 -o few.npz
expect_ok xmr-predict -m model.npz train.tsv --part 0 --parts 2 -o part-0.npz
expect_ok xmr-predict -m dear.npz train.tsv --part 1 --parts 2 -o part-1.npz
other part-0.npz part-1.npz
expect_ok xmr-predict -m model.npz queries.txt --part 1 --parts 2 -o part-1.npz
other part-0.npz part-1.npz
expect_ok xmr-predict -m model.npz --columns labels,text train.tsv --part 1 --parts 2 -o part-1.npz
other part-0.npz part-1.npz
expect_ok xmr-predict -m model.npz -x X.npz --part 0 --parts 2 -o part-0.npz
expect_ok xmr-predict -m model.npz -x few.npz --part 1 --parts 2 -o part-1.npz
other part-0.npz part-1.npz
expect_ok xmr-predict -m dear.npz -x X.npz --part 1 --parts 2 -o part-1.npz
other part-0.npz part-1.npz
head -250 train.tsv > shorter.tsv
for corpus in train shorter; do
  for i in 0 1; do expect_ok "${apply[@]}" --part $i --parts 2 -x X-$corpus-$i.npz -y Y-$corpus-$i.npz $corpus.tsv; done
done
other X-train-0.npz X-shorter-1.npz
other Y-shorter-0.npz Y-train-1.npz
expect_ok xmr-inspect concat X-shorter-0.npz X-shorter-1.npz -o joined.npz
expect_ok "${apply[@]}" -x X-shorter.npz -y Y-shorter.npz shorter.tsv
expect_same X-shorter.npz joined.npz

it "takes no part for the whole where it is evaluated, fused or turned into text"
for i in 0 1 2; do
  for form in npz tsv jsonl; do expect_ok xmr-predict -m model.npz -x X.npz --part $i --parts 3 -o part-$i.$form; done
  xmr-predict -q -m dear.npz -x X.npz --part $i --parts 3 -o dear-$i.npz
done
shape="holds 100 rows x $(wc -l < "$labels") labels, 300 x $(wc -l < "$labels") are expected"
expect_exit 1 "$(error xmr-eval "part-0.npz: $shape")
hint: it holds a part of the rows; xmr-inspect concat joins the parts" xmr-eval -y Y.npz part-0.npz
for part in 0:0..99:tsv 1:100..199:tsv 2:200..299:jsonl; do
  IFS=: read -r i rows form <<< "$part"
  expect_exit 0 "xmr-eval: warning: part-$i.$form: only rows $rows of 300 have answers; other files may hold the rest" \
    xmr-eval -y Y.npz --labels "$labels" part-$i.$form
done
cat part-[0-2].tsv | grep -vE '^(0|1|2|150|151|152|298|299)	' > gaps.tsv
expect_exit 0 '' xmr-eval -y Y.npz --labels "$labels" gaps.tsv
for i in 0 1 2; do expect_ok xmr-predict fuse part-$i.npz dear-$i.npz -o fused-$i.npz; done
expect_ok xmr-inspect concat fused-[0-2].npz -o joined.npz
for model in model dear; do expect_ok xmr-predict -m $model.npz -x X.npz -o all-$model.npz; done
expect_ok xmr-predict fuse all-model.npz all-dear.npz -o fused.npz
expect_same fused.npz joined.npz
expect_exit 1 "$(error xmr-predict 'dear-1.npz: is part 1 of 3 of the rows, but part-0.npz is part 0 of 3 of the rows')" \
  xmr-predict fuse part-0.npz dear-1.npz -o f.npz
expect_exit 1 "$(error xmr-predict 'all-dear.npz: is not a part of the rows, but part-1.npz is part 1 of 3 of the rows')" \
  xmr-predict fuse part-1.npz all-dear.npz -o f.npz
for tool in "xmr-inspect convert part-1.npz" "xmr-predict fuse part-1.npz dear-1.npz"; do
  expect_exit 1 "$(error "${tool%% *}" 'part-1.npz: holds part 1 of 3 of the rows')
hint: take -o P.npz, and xmr-inspect concat joins the parts" $tool -o f.tsv
done
if [ -e f.npz ] || [ -e f.tsv ]; then fail "something was written"; fi
