#!/bin/bash
# xmr-inspect slice: the same rows of matrices and corpora, columns of a matrix.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-inspect: error: $1"; }
rows_of() { xmr-inspect convert "$1" "$2" -o - | sed 1d; }

# Row i has the label i mod 5, the feature i mod 7 with the value i, and in the corpus the text "text i".
awk 'BEGIN { print "100 7 5"; for (i = 0; i < 100; ++i) printf "%d %d:%d\n", i % 5, i % 7, i + 1 }' > all.txt
awk 'BEGIN { for (i = 0; i < 100; ++i) printf "%d\ttext %d\n", i % 5, i }' > all.tsv
expect_ok xmr-featurize import -x X.npz -y Y.npz all.txt

it "selects rows by numbers and ranges"
expect_ok xmr-inspect slice X.npz Y.npz all.tsv --rows 0:3,50,98: -o x.npz y.npz t.tsv
rows_of x.npz y.npz > got
sed -n '2,4p;52p;100,101p' all.txt > expected
expect_same got expected
sed -n '1,3p;51p;99,100p' all.tsv > expected
expect_same t.tsv expected

it "parts all files in the same way, for good by the seed"
expect_ok xmr-inspect slice X.npz Y.npz all.tsv --share 0.7 --seed 3 -o x1.npz y1.npz 1.tsv --rest x2.npz y2.npz 2.tsv
for part in 1 2; do
  rows_of x$part.npz y$part.npz > got
  awk -F '[\t ]' '{ i = $3; printf "%d %d:%d\n", i % 5, i % 7, i + 1 }' $part.tsv > expected
  expect_same got expected
done
sort -k2 -t ' ' -n 1.tsv 2.tsv > together
expect_same together all.tsv
head -50 all.tsv > half.tsv
expect_ok xmr-inspect slice half.tsv --share 0.7 --seed 3 -o first.tsv
expect_ok sh -c 'head -$(wc -l < first.tsv) 1.tsv | cmp - first.tsv'

it "records what was selected, beside what the file said before"
expect_ok xmr-inspect show --json x2.npz
grep -q '"content":{"imported_from":"xmc","slice":{"share":0.7,"seed":3,"complement":true}}' "$scratch/out" ||
  fail "no record: $(cat "$scratch/out")"

it "selects columns of a matrix"
expect_ok xmr-inspect slice X.npz --matrix-columns 0,2:4 -o x.npz
expect_ok xmr-inspect convert x.npz Y.npz -o - --format svmlight
sed -n 1,5p "$scratch/out" > got
printf '0 0:1\n1 \n2 1:3\n3 2:4\n4 \n' > expected
expect_same got expected

it "selects rows of predictions"
xmr-featurize fit -q --word 1 -o vec.npz all.tsv
xmr-featurize apply -q -f vec.npz -x words.npz all.tsv
xmr-index -q -x words.npz -y Y.npz -o tree.npz
xmr-train -q -x words.npz -y Y.npz -t tree.npz -o model.npz
xmr-predict -q -m model.npz -x words.npz -k 2 -o P.npz
expect_ok xmr-inspect slice P.npz --rows 50,98: -o p.npz
xmr-inspect slice words.npz --rows 50,98: -o x.npz
xmr-predict -q -m model.npz -x x.npz -k 2 -o expected
expect_ok xmr-inspect convert p.npz -o got.tsv
expect_same got.tsv expected

it "reads and writes pipes"
for file in X.npz all.tsv; do
  expect_ok sh -c "cat $file | xmr-inspect slice - --rows 5:9 -o - > one"
  expect_ok xmr-inspect slice $file --rows 5:9 -o other
  expect_same one other
done

find . -type f ! -name X.npz ! -name Y.npz ! -name all.tsv ! -name all.txt -delete

it "refuses what does not fit, before anything is written"
expect_exit 1 "$(error 'X.npz: row 100 is not there: there are 100 rows')" xmr-inspect slice X.npz --rows 3,100 -o x.npz
expect_exit 1 "$(error 'all.tsv: row 100 is not there: there are 100 rows')" xmr-inspect slice all.tsv --rows 100 -o t
expect_exit 1 "$(error 'X.npz: column 7 is not there: there are 7 columns')" \
  xmr-inspect slice X.npz --matrix-columns 7 -o x.npz
expect_exit 1 "$(error 'all.tsv: is not a matrix, so it has no columns')" \
  xmr-inspect slice all.tsv --matrix-columns 0 -o x.npz
head -99 all.tsv > short.tsv
expect_exit 1 "$(error 'short.tsv: 99 rows, but X.npz has 100')" \
  xmr-inspect slice X.npz short.tsv --rows 3 -o x.npz t
expect_exit 1 "$(error 'all.txt: is XMC repository text, whose header counts the rows
hint: xmr-featurize import makes matrices of it, which can be cut')" xmr-inspect slice all.txt --rows 3 -o t
expect_files X.npz Y.npz all.tsv all.txt short.tsv

it "refuses what makes no sense"
while IFS='|' read -r message arguments; do
  expect_exit 2 "$(error "$message")" xmr-inspect slice $arguments
done << 'END'
exactly one of --rows, --share and --matrix-columns is required|X.npz -o x.npz
exactly one of --rows, --share and --matrix-columns is required|X.npz -o x.npz --rows 1 --share 0.5
--output: 1 outputs for 2 files|X.npz Y.npz -o x.npz --rows 1
--rest: 2 outputs for 1 files|X.npz -o x.npz --rest a b --rows 1
--matrix-columns: takes one FILE and no --rest|X.npz Y.npz -o x.npz y.npz --matrix-columns 1
share 0 is not between 0 and 1|X.npz -o x.npz --share 0
X.npz: is an input and an output|X.npz Y.npz -o x.npz y.npz --rest a X.npz --rows 1
-: given 2 times, but stdin can be used once|- - -o x.npz y.npz --rows 1
-: given 2 times, but stdout can be used once|X.npz Y.npz -o - - --rows 1
END
expect_exit 2 "$(error "selection '5:2': '5:2' is empty
hint: numbers and ranges by commas, for example 0:100,205,300:")" xmr-inspect slice X.npz -o x.npz --rows 5:2
expect_files X.npz Y.npz all.tsv all.txt short.tsv
