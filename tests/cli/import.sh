#!/bin/bash
# xmr-featurize import: XMC repository and svmlight text become X and Y.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-featurize: error: $1"; }
import() { xmr-featurize import -x X.npz -y Y.npz "$@"; }

# refuses MESSAGE TEXT OPTIONS...: as file t, with nothing left behind.
refuses() {
  local message=$1 text=$2
  shift 2
  printf '%b' "$text" > t
  expect_exit 1 "$(error "$message")" import t "$@"
  expect_files t
}

it "gives the same bytes for both forms and for any number of threads"
cat > xmc.txt <<'END'
4 6 3
0,2 1:0.5 5:-2
 3:1e-3
1
2:0.25
END
sed -e 1d -e 's/$/ # comment/' xmc.txt > svmlight.txt
expect_ok import xmc.txt
mv X.npz X1.npz
mv Y.npz Y1.npz
for threads in 1 2 7; do
  expect_ok import xmc.txt -j $threads
  expect_same X.npz X1.npz
  expect_same Y.npz Y1.npz
done
expect_ok import svmlight.txt
expect_ok xmr-inspect convert X.npz Y.npz -o again.txt
printf '%s\n' '4 6 3' '0,2 1:0.5 5:-2' ' 3:0.001' '1 ' ' 2:0.25' > expected.txt
expect_same again.txt expected.txt

it "reads stdin, pipes and FIFOs"
for source in '' -; do
  cat xmc.txt | expect_ok import $source
  expect_same X.npz X1.npz
done
mkfifo pipe
cat xmc.txt > pipe &
expect_ok import pipe
expect_same Y.npz Y1.npz

it "writes to a pipe, but not both matrices"
expect_ok sh -c 'xmr-featurize import -x - -y Y.npz xmc.txt | cat > X.npz'
expect_same X.npz X1.npz
expect_exit 2 "$(error '-: given 2 times, but stdout can be used once')" xmr-featurize import -x - -y - xmc.txt
expect_exit 2 "$(error '-x and -y name the same file: X.npz')" xmr-featurize import -x X.npz -y X.npz xmc.txt

it "takes CR LF, a last line without LF and blanks around entries"
printf '4 6 3\r\n0,2 \t1:0.5  5:-2 \r\n 3:1e-3\r\n1\r\n2:0.25' > crlf.txt
expect_ok import crlf.txt
expect_same X.npz X1.npz
expect_same Y.npz Y1.npz

it "sorts and sums, and drops zeros"
printf '4 6 3\n2,0 5:-2 1:0.25 4:0 1:0.25\n3:1e-3\n1\n2:0.25\n' > unsorted.txt
expect_ok import unsorted.txt
expect_same X.npz X1.npz
expect_same Y.npz Y1.npz

it "counts from 1 and widens matrices when it is told to"
printf '1,3 2:0.5 6:-2\n 4:1e-3\n2 \n3:0.25\n' > ones.txt
expect_ok import ones.txt --first-feature 1 --first-label 1 --feature-count 6 --label-count 3
expect_ok xmr-inspect convert X.npz Y.npz -o - --format svmlight --first-feature 1 --first-label 1
expect_stdout '1,3 2:0.5 6:-2
 4:0.001
2 
 3:0.25'

it "warns if ids seem to count from 1"
printf '1 1:1\n2 3:1\n' > ones.txt
expect_exit 0 'xmr-featurize: warning: ones.txt: no row has feature 0 or label 0; if ids count from 1: --first-feature 1 --first-label 1' \
  import ones.txt

it "reads classes as floats, and blanks behind commas"
printf '4 6 3\n0.0, 2.00 1:0.5 5:-2\n 3:1e-3\n1.0\n2:0.25\n' > floats.txt
expect_ok import floats.txt
expect_same X.npz X1.npz
expect_same Y.npz Y1.npz

it "reads a matrix alone"
printf '4 6\n1:0.5 5:-2\n3:1e-3\n\n2:0.25\n' > Xf.txt
rm X.npz
expect_ok xmr-featurize import -x X.npz Xf.txt
expect_ok xmr-inspect convert X.npz Y1.npz -o again.txt
expect_same again.txt expected.txt
expect_exit 1 "$(error 'Xf.txt: holds one matrix, -y would be empty')
hint: xmr-featurize import -x X.npz Xf.txt" import Xf.txt

it "keeps the query that a row is of"
printf '0 qid:7 0:1\n1 qid:12 1:1\n' > letor.txt
expect_ok import --ids ids.txt letor.txt
expect_same ids.txt <(printf '7\n12\n')
printf '0 qid:7 0:1\n1 qid:7 1:1\n' > letor.txt
expect_exit 1 "$(error "letor.txt: row 1: id '7' is repeated; row 0 has it")" import --ids ids.txt letor.txt
expect_exit 1 "$(error 'xmc.txt: --ids reads qid: of svmlight, the file is xmc')" import --ids ids.txt xmc.txt

it "keeps label weights"
printf '0:0.5,2 1:1\n 1:2\n' > weights.txt
expect_ok import weights.txt --label-weights
expect_ok xmr-inspect convert X.npz Y.npz -o - --label-weights
expect_stdout '2 2 3
0:0.5,2 1:1
 1:2'

rm -f ./*

it "refuses text that is not as it must be"
refuses 't: is empty, at least one row is needed' ''
refuses 't: has no row, at least one is needed' '0 5 5\n'
headless='hint: without its header the file is svmlight: tail -n +2 t > t.svm'
skip='hint: --skip-bad-rows leaves such rows out'
refuses "t: 1 rows, but the header says 4611686018427387904
$headless" '4611686018427387904 5 5\n1 2:3\n'
refuses "t:3: row 2, but the header says 1 rows
$headless" '1 5 5\n1 2:3\n1 2:3\n'
refuses "t:1: '3000000000' features in the header, 0..2147483648 is allowed" '1 3000000000 5\n1 2:3\n'
refuses "t:2: feature '5' is outside 0..4
hint: --first-feature 1 if ids count from 1" '1 5 5\n1 5:3\n'
refuses "t:2: label '5' is outside 0..4
hint: --first-label 1 if ids count from 1" '1 5 5\n5 1:3\n'
refuses "t:2: value 'nan' of feature 1 is not finite
$skip" '1 5 5\n4 1:nan\n'
refuses "t:2: value '-inf' of feature 1 is not finite
$skip" '1 5 5\n4 1:-inf\n'
refuses "t:2: weight -1 of label 4 is negative, 0 or more is allowed
$skip" '1 5 5\n4:-1 1:2\n' --label-weights
refuses "t:1: feature '0' is outside 1..2147483648" '1 0:3\n' --first-feature 1
refuses 't:1: three integers are needed: rows features labels
hint: --format svmlight has no header' '1 2:3\n' --format xmc
refuses 't:1: the header says 5 features, 6 are asked for
hint: leave out --feature-count' '1 5 5\n4 1:1\n' --feature-count 6

it "tells what to do"
refuses "t:2: label 4 has a weight, only ids are expected
hint: --label-weights reads weights of labels" '1 5 5\n4:2,3 1:2\n'
refuses "t:1: '5' has no value, 'feature:value' is needed
hint: a file of the XMC repository begins with three integers: rows features labels" '1 5 2:1\n4 1:1\n'
refuses "t:2: '4' has no value, 'feature:value' is needed
hint: a header of two integers is that of a matrix alone; of rows with labels: rows features labels" '1 5\n4 1:1\n'

it "refuses input that is no text, or not there"
printf 'PK\3\4' > t
expect_exit 1 "$(error 't: is a file of arrays, not text')
hint: arrays need no import: xmr-index -x reads them" import t
expect_exit 1 "$(error 'none: cannot open: No such file or directory')" import none
expect_exit 1 "$(error '.: cannot read: Is a directory')" import .
printf '1 5 5\n4 1:2\n' > t
expect_exit 1 "$(error 'none/X.npz: cannot create: No such file or directory')" \
  xmr-featurize import -x none/X.npz -y Y.npz t
expect_exit 2 "$(error "--format: 'tsv' is not one of xmc|svmlight|matrix")
hint: xmr-featurize import --help lists the options" import t --format tsv
expect_files t

it "leaves bad rows out on request, and says how many"
printf '3 5 5\n4 1:2\n4 x\n9 1:2\n' > t
expect_exit 0 "xmr-featurize: warning: 2 bad rows left out, the first: t:3: 'x' is not a feature id, what is allowed is 0..4" \
  import t --skip-bad-rows
expect_ok xmr-inspect convert X.npz Y.npz -o -
expect_stdout '1 5 5
4 1:2'

it "reads a line of 10 MB"
awk 'BEGIN { printf "1"; for (i = 0; i < 900000; ++i) printf " %d:0.5", i; print "" }' > t
expect_ok import t
