#!/bin/bash
# Retrieval models: xmr-train retrieval, xmr-predict with them.
. "$(dirname "$0")/lib.sh"

# The first 1,500 products and the rows about them alone: a model takes seconds.
search="$data/debian-search"
head -1500 "$search/labels.txt" > labels.txt
awk -F '\t' '$1 !~ /,/ && $1 < 1500' "$search/train.tsv" > asked.tsv
head -250 asked.tsv > train.tsv
# Rows of the log that are not trained on; so many that chance moves a mean by less than a point.
sed -n 1001,4000p asked.tsv | grep -vxFf train.tsv > test.tsv
cut -f 2 test.tsv > queries.txt
printf 'a\tred garden chair\nb\tblue garden chair\nc\tfloor lamp 12 in\nd\tfloor lamp 24 in\n' > few.txt

# judge MODEL: its answers to the test queries, as P@1 and R@10.
xmr-featurize fit -q --word 1 -o v.npz test.tsv
xmr-featurize apply -q -f v.npz --labels labels.txt -x X.npz -y Y.npz test.tsv
judge() {
  xmr-predict -q -m "$1" -k 20 -o P.npz queries.txt
  xmr-eval -q -y Y.npz P.npz --metrics p@1 r@10 --format tsv | tail -1 | cut -f 2-
}
# at_least NUMBER NUMBER: fails unless the first is not less.
at_least() {
  awk "BEGIN { exit !($1 >= $2) }" || fail "$1 is less than $2"
}

it "finds products by their titles alone, without a log"
expect_ok xmr-train retrieval -q --labels few.txt -o few.npz
expect_ok sh -c 'printf "blue chair\nlamp 24\n" | xmr-predict -q -m few.npz -k 1 | cut -f 4'
expect_stdout 'b
d'

it "without a log, answers better than BM25 over titles"
expect_ok xmr-train retrieval -q --labels labels.txt -o titles.npz
xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none --columns -,text -o counts.npz labels.txt
expect_ok xmr-train bm25 -q --documents labels -f counts.npz --labels labels.txt -o bm25.npz
read -r titles_p1 titles_r10 < <(judge titles.npz)
read -r bm25_p1 bm25_r10 < <(judge bm25.npz)
at_least "$titles_p1" "$bm25_p1"
at_least "$titles_r10" "$bm25_r10"

it "learns from a log, the same bytes for any number of threads"
expect_ok xmr-train retrieval -q -j 1 --labels labels.txt -o model.npz --stats stats.json train.tsv
expect_ok xmr-train retrieval -q -j 3 --labels labels.txt -o model3.npz train.tsv
expect_same model.npz model3.npz
read -r p1 r10 < <(judge model.npz)
at_least "$p1" "$titles_p1"
at_least "$r10" "$titles_r10"

it "lists fewer candidates with the preset for speed, at little cost"
expect_ok xmr-train retrieval -q --preset fast --labels labels.txt -o fast.npz train.tsv
read -r fast_p1 fast_r10 < <(judge fast.npz)
at_least "$fast_p1 + 2" "$p1"
at_least "$fast_r10 + 4" "$r10"

it "gives the same alone and in a batch"
expect_ok xmr-predict -q -j 1 -m model.npz -k 5 -o P.tsv queries.txt
expect_ok xmr-predict -q -j 3 -m model.npz -k 5 -o P3.tsv queries.txt
expect_same P.tsv P3.tsv
expect_ok sh -c 'head -1 queries.txt | xmr-predict -q -m model.npz -k 5 > P1.tsv'
grep '^0	' P.tsv > first.tsv
expect_same first.tsv P1.tsv

it "answers without any source that is left out"
for sources in words trees characters,neighbours; do
  expect_ok xmr-train retrieval -q --labels few.txt --sources "$sources" -o some.npz
  expect_ok sh -c 'echo "blue garden chair" | xmr-predict -q -m some.npz -k 1 | cut -f 4'
  expect_stdout b
done

it "reads keys, single labels, weights"
printf 'chair\tb\t3\nlight\td\t1\n' > clicks.tsv
expect_ok xmr-train retrieval -q --labels few.txt --label-keys --columns text,label,weight -o clicks.npz \
  --sources trees,words clicks.tsv
expect_ok sh -c 'echo light | xmr-predict -q -m clicks.npz -k 1 | cut -f 4'
expect_stdout d

expect_ok xmr-train retrieval -q --labels few.txt --label-keys --columns text=q,labels=l --label-separator ';' -o csv.npz \
  <(printf 'q,l\nchair,a;b\nlight,d\n')
expect_ok sh -c 'echo light | xmr-predict -q -m csv.npz -k 1 | cut -f 4'
expect_stdout d

it "learns from judgements of TREC and BEIR"
printf 'q1\tchair\nq2\tlight\nq3\tsofa\n' > topics.tsv
printf 'query-id\tcorpus-id\tscore\nq1\tb\t1\nq2\td\t2\nq2\tc\t0\n' > qrels.tsv
expect_ok xmr-train retrieval -q --labels few.txt --columns id,text --qrels qrels.tsv -o judged.npz topics.tsv
printf 'chair\tb\t1\nlight\td\t2\nsofa\t\t1\n' > same.tsv
expect_ok xmr-train retrieval -q --labels few.txt --label-keys --columns text,labels,weight -o same.npz same.tsv
expect_same judged.npz same.npz
expect_exit 2 "xmr-train: error: --qrels: no column is named id
hint: --columns id,text" \
  xmr-train retrieval --labels few.txt --qrels qrels.tsv -o x.npz topics.tsv
expect_exit 1 "xmr-train: error: qrels.tsv:2: 'b' is not the key of a label
hint: --labels must list each document: awk '\$NF == \$NF + 0 {print \$(NF - 1)}' qrels.tsv | sort -u > documents.txt" \
  xmr-train retrieval --labels <(echo a) --columns id,text --qrels qrels.tsv -o x.npz topics.tsv

it "warns of rows without text"
printf '0\tchair\n1\t\n' > empty.tsv
expect_exit 0 "xmr-train: warning: empty.tsv: 1 of 2 rows have no text" xmr-train retrieval --labels few.txt -o x.npz empty.tsv

it "answers queries without a known word with nothing or with what the trees say"
expect_ok sh -c 'printf "\n??\n" | xmr-predict -q -m model.npz -k 3 > none.tsv'

it "restricts answers to some labels"
echo a > allow.txt
expect_ok sh -c 'echo "garden chair" | xmr-predict -q -m few.npz --allow allow.txt | cut -f 4'
expect_stdout a

it "explains an answer by its sources and the strongest evidence"
echo "blue garden chair" > chair.txt
expect_ok xmr-predict -m few.npz -k 1 --explain 2 chair.txt
grep -q '^     margin .*: trees 1 (.*), words 1 (.*), characters 1 (.*), neighbours 1 (' "$scratch/out" || fail "no sources"
[ "$(tail -1 "$scratch/out" | tr ',' '\n' | wc -l)" = 2 ] || fail "not 2 pieces of evidence"
expect_ok xmr-predict -m few.npz -k 1 --explain 3 --format jsonl -o explained.jsonl chair.txt
/usr/bin/python3 - <<'PY' || fail "see above"
import json
answer = json.load(open("explained.jsonl"))["labels"][0]
assert answer["key"] == "b" and answer["sources"]["words"]["rank"] == 1
assert len(answer["evidence"]) == 3 and set(answer["evidence"][0]) == {"piece", "value", "effect"}
PY
expect_exit 2 "xmr-predict: error: --dot: few.npz is not an XR-Linear model" xmr-predict -m few.npz --dot x.dot chair.txt

it "takes a tree made by hand, and is then the model of the one command"
head -500 labels.txt > some.txt
awk -F '\t' '$1 < 500' asked.tsv > some.tsv
head -300 some.tsv > log.tsv
sed -n 301,330p some.tsv > valid.tsv
{ cat log.tsv && awk -F '\t' -v OFS='\t' '{ print NR - 1, $2 == "" ? $1 : $2 }' some.txt; } > rows.tsv
xmr-featurize fit -q --word 1 --word 2 --char-wb 3 --fold-accents -o vec.npz rows.tsv
xmr-featurize apply -q -f vec.npz --labels some.txt -x rows.npz -y Y-rows.npz rows.tsv
rows=(-x rows.npz -y Y-rows.npz)
xmr-index -q --rounds 20 "${rows[@]}" -o tree.npz
learning=(--relevance induce --relevance-norm l2 --cost 2 --cost-positive 2 --threshold 0.03)
linear() {
  xmr-train -q "${rows[@]}" -t tree.npz "${learning[@]}" "$@"
}
linear -f vec.npz --labels some.txt -o linear.npz
by_hand=(xmr-train retrieval -q --labels some.txt --valid valid.tsv)
expect_ok "${by_hand[@]}" --trees 1 -o one.npz log.tsv
expect_ok "${by_hand[@]}" -j 1 --tree-model linear.npz -o by-hand.npz log.tsv
expect_same one.npz by-hand.npz
expect_ok "${by_hand[@]}" -j 2 --tree-model linear.npz -o by-hand.npz log.tsv
expect_same one.npz by-hand.npz

it "takes several trees by hand, of which one holds the vectorizer, of any tokenizer"
linear --seed 1 --cost 4 -o bare.npz
expect_ok "${by_hand[@]}" --tree-model bare.npz --tree-model linear.npz -o two.npz log.tsv
expect_ok sh -c 'xmr-inspect show two.npz | grep "sources *trees, 2,"'
xmr-featurize fit -q --word 1 --word 2 --char-wb 3 --stem english -o vec-stem.npz rows.tsv
xmr-featurize apply -q -f vec-stem.npz --labels some.txt -x X-stem.npz -y Y-stem.npz rows.tsv
xmr-index -q -x X-stem.npz -y Y-stem.npz -o tree-stem.npz
xmr-train -q -x X-stem.npz -y Y-stem.npz -t tree-stem.npz -f vec-stem.npz -o stem.npz
expect_ok "${by_hand[@]}" --tree-model stem.npz -o stemmed.npz log.tsv
expect_ok sh -c 'head -1 queries.txt | xmr-predict -q -m stemmed.npz -k 1'

it "refuses trees that do not fit the catalogue or each other, and rows that they have seen"
slice="hint: xmr-inspect slice log.tsv --share 0.9 -o seen.tsv --rest valid.tsv"
expect_exit 2 "xmr-train: error: --tree-model needs --valid, queries that the trees are not trained on
$slice" xmr-train retrieval -q --labels some.txt --tree-model linear.npz -o bad.npz log.tsv
expect_exit 2 "xmr-train: error: --tree-model: trees are not among the --sources" \
  "${by_hand[@]}" --tree-model linear.npz --sources words -o bad.npz log.tsv
head -100 log.tsv > seen.tsv
expect_exit 1 "xmr-train: error: seen.tsv: every row is in the log, too, but the ranking is fitted to new queries
$slice" xmr-train retrieval -q --labels some.txt --valid seen.tsv --tree-model linear.npz -o bad.npz log.tsv
expect_exit 1 "xmr-train: error: linear.npz: 500 labels, labels.txt has 4
hint: train it with the same labels.txt" \
  xmr-train retrieval -q --labels few.txt --valid valid.tsv --tree-model linear.npz -o bad.npz log.tsv
sed '7s/^[^\t]*/other/' some.txt > other.txt
expect_exit 1 "xmr-train: error: linear.npz: label 6 is '$(sed -n 7p some.txt | cut -f 1)', labels.txt has 'other'
hint: train it with the same labels.txt" \
  xmr-train retrieval -q --labels other.txt --valid valid.tsv --tree-model linear.npz -o bad.npz log.tsv
expect_exit 1 "xmr-train: error: bare.npz: holds no vectorizer
hint: train it with -f" "${by_hand[@]}" --tree-model bare.npz -o bad.npz log.tsv
expect_exit 1 "xmr-train: error: stem.npz: was trained over another vectorizer than linear.npz" \
  "${by_hand[@]}" --tree-model linear.npz --tree-model stem.npz -o bad.npz log.tsv
xmr-featurize fit -q --word 1-2 -o vec-words.npz log.tsv
xmr-featurize apply -q -f vec-words.npz --labels some.txt -x X-words.npz -y Y-words.npz log.tsv
xmr-index -q -x X-words.npz -y Y-words.npz -o tree-words.npz
xmr-train -q -x X-words.npz -y Y-words.npz -t tree-words.npz -f vec-words.npz -o words.npz
expect_exit 1 "xmr-train: error: words.npz: its vectorizer makes other features than a retrieval model reads
hint: xmr-featurize fit --word 1 --word 2 --char-wb 3" "${by_hand[@]}" --tree-model words.npz -o bad.npz log.tsv
xmr-train -q "${rows[@]}" -t tree.npz --x-weights 2 -o weighed.npz
expect_exit 1 "xmr-train: error: weighed.npz: its features are several matrices, or have norms or weights of their own
hint: train it with a single -x, without --x-norms and --x-weights" "${by_hand[@]}" --tree-model weighed.npz -o bad.npz log.tsv
[ ! -e bad.npz ] || fail "a model was written"

it "tells that a model is of an older version, and how to make it anew"
/usr/bin/python3 -S "$root/tests/cli/forge.py" few.npz old.npz 'meta.json:/format_version=1'
expect_exit 1 "xmr-predict: error: old.npz: a retrieval model of an older version, with other members
hint: train it again: xmr-train retrieval --help" xmr-predict -m old.npz queries.txt

it "refuses features, and other models beside it"
expect_exit 2 "xmr-predict: error: -x: model.npz is a retrieval model, which reads text" xmr-predict -m model.npz -x X.npz
expect_exit 2 "xmr-predict: error: model.npz: a retrieval model answers alone" xmr-predict -m model.npz -m bm25.npz queries.txt

it "is shown, and verified whole"
expect_ok xmr-inspect show few.npz
grep -q 'characters, .* postings' "$scratch/out" || fail "no sources"
expect_ok xmr-inspect verify few.npz model.npz
grep -q 'few.npz: ok: model; .*, 2 trees, checksums of all chunks and postings' "$scratch/out" || fail "not verified"

it "refuses a damaged file"
head -c 20000 model.npz > cut.npz
if xmr-predict -q -m cut.npz queries.txt 2> err > out; then fail "took a file that was cut"; fi

no_leftovers
