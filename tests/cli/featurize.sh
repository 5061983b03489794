#!/bin/bash
# xmr-featurize fit and apply: what they write, and what they refuse.
. "$(dirname "$0")/lib.sh"

search=$data/debian-search

it "writes the same bytes for any number of threads"
for blocks in '' '--word 1-2:min-df=2,max-df=0.5,max-features=5000,tf=log --char 2-4:hash=12' '--preset pecos --char-wb 3-5'; do
  expect_ok xmr-featurize fit $blocks -j 1 -o vec.npz "$search/train.tsv"
  expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels "$search/labels.txt" -j 1 "$search/train.tsv"
  expect_stdout ''
  for threads in 2 7; do
    expect_ok xmr-featurize fit $blocks -j $threads -o other.npz "$search/train.tsv"
    expect_same vec.npz other.npz
    expect_ok xmr-featurize apply -f vec.npz -x X2.npz -y Y2.npz --labels "$search/labels.txt" -j $threads "$search/train.tsv"
    expect_same X.npz X2.npz
    expect_same Y.npz Y2.npz
  done
done
expect_ok xmr-featurize fit --word 1 --word 2 --char-wb 3 -o vec.npz "$search/train.tsv"
expect_ok xmr-featurize fit -o other.npz "$search/train.tsv"
expect_same vec.npz other.npz

it "reads several files as one, and standard input like a file"
head -30000 "$search/train.tsv" > part1
tail -n +30001 "$search/train.tsv" > part2
expect_ok xmr-featurize fit -o other.npz part1 part2
expect_same vec.npz other.npz
expect_ok sh -c 'cat part1 part2 | xmr-featurize fit -o - | cat > other.npz'
expect_same vec.npz other.npz
expect_ok sh -c "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz '$search/test.tsv'"
expect_ok sh -c "xmr-featurize apply -f - -x X2.npz -y Y2.npz - < vec.npz 2>&1 | grep -q 'stdin can be used once'"
expect_ok sh -c "xmr-featurize apply -f vec.npz -x - -y Y2.npz < '$search/test.tsv' > X2.npz"
expect_same X.npz X2.npz
expect_same Y.npz Y2.npz
rm -f part1 part2

it "tells its figures"
expect_ok xmr-featurize fit --word 1 -o vec.npz --stats fit.json "$search/train.tsv"
expect_ok xmr-featurize apply -f vec.npz -x X.npz --stats apply.json "$search/test.tsv"
grep -q '"features": 65629,' fit.json || fail "$(cat fit.json)"
grep -q '"rows": 674,' apply.json || fail "$(cat apply.json)"
grep -q '"nnz": ' apply.json || fail "$(cat apply.json)"
rm -f ./*.npz ./*.json

printf '0\tWireless Echo\n2:0.5,0\techo with screen\n\tnothing known\n' > train.tsv
printf 'first\nsecond\nthird\n' > labels.txt
xmr-featurize fit --word 1 -o vec.npz train.tsv

it "writes matrices that SciPy reads"
if /usr/bin/python3 -c 'import scipy.sparse' 2> /dev/null; then
  printf '0\techo echo\n2:0.5,0\txyz\n\tWITH wireless\n' > test.tsv
  expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz test.tsv
  expect_ok /usr/bin/python3 -c '
import json, math, zipfile
import numpy
import scipy.sparse
x = scipy.sparse.load_npz("X.npz")
y = scipy.sparse.load_npz("Y.npz")
assert x.shape == (3, 6) and y.shape == (3, 3), (x.shape, y.shape)
assert y.toarray().tolist() == [[1, 0, 0], [1, 0, 0.5], [0, 0, 0]], y.toarray()
assert x[1].nnz == 0
assert numpy.allclose(x[2].data, [math.sqrt(0.5)] * 2), x[2]
vectorizer = json.loads(zipfile.ZipFile("vec.npz").read("meta.json"))["content"]
assert json.loads(zipfile.ZipFile("X.npz").read("meta.json"))["content"]["vectorizer"] == vectorizer["fingerprint"]
assert numpy.load("vec.npz")["block0/idf"].tolist() == [numpy.float32(math.log(4 / 3) + 1)] + [numpy.float32(math.log(2) + 1)] * 5'
  rm -f test.tsv X.npz Y.npz
else
  echo "featurize: not tried with SciPy, which is missing"
fi

it "takes labels by id or by key, and their number from labels.txt"
ids_hint="hint: an id is the number of a line of labels.txt, from 0; if the column holds keys: --labels labels.txt --label-keys"
printf 'third,first=2\techo\n' > keys.tsv
printf '2,0:2\techo\n' > ids.tsv
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels labels.txt --label-keys keys.tsv
expect_ok xmr-featurize apply -f vec.npz -x X2.npz -y Y2.npz --labels labels.txt ids.tsv
expect_same Y.npz Y2.npz
expect_exit 1 "xmr-featurize: error: keys.tsv:1: label 'third' is not an id from 0 on
$ids_hint" \
  xmr-featurize apply -f vec.npz -x X.npz -y Y.npz keys.tsv
printf 'fourth\techo\n' > keys.tsv
expect_exit 1 "xmr-featurize: error: keys.tsv:1: label 'fourth' is not among the 3 keys
hint: the first key is 'first'; --skip-bad-rows leaves such rows out" \
  xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels labels.txt --label-keys keys.tsv
printf '0\techo\n3\techo\n' > ids.tsv
expect_exit 1 'xmr-featurize: error: ids.tsv:2: label 3 is outside 0..2
'"$ids_hint" \
  xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels labels.txt ids.tsv
rm -f X.npz Y.npz X2.npz Y2.npz ids.tsv keys.tsv

# bad_row MESSAGE LINE: apply refuses the corpus with this second line.
bad_row() {
  printf '0\techo\n%b\n' "$2" > bad.tsv
  expect_exit 1 "xmr-featurize: error: bad.tsv:2: $1" xmr-featurize apply -f vec.npz -x X.npz -y Y.npz bad.tsv
  rm -f bad.tsv
}

it "refuses bad rows with file and line, and leaves nothing behind"
columns_hint='
hint: columns are separated by TAB; --columns names them, "-" for one that is not used'
skip_hint='
hint: --skip-bad-rows leaves such rows out'
bad_row "no tab in a line of 2 columns (labels,text)$columns_hint" '0 echo'
bad_row "no tab in a line of 2 columns (labels,text)$columns_hint" ''
bad_row "3 columns in a line of 2 columns (labels,text)$columns_hint" '0\techo\twith'
bad_row "a label is empty between commas$skip_hint" '0,,1\techo'
bad_row "label '0:x' has no number as its weight$skip_hint" '0:x\techo'
bad_row "weight of label '0:-1' is outside 0..3.4e38$skip_hint" '0:-1\techo'
bad_row "weight of label '0:nan' is outside 0..3.4e38$skip_hint" '0:nan\techo'
bad_row "label 4294967296 is outside 0..2147483647
$ids_hint" '4294967296\techo'
expect_files labels.txt train.tsv vec.npz

it "reads ill-formed UTF-8 as U+FFFD, or refuses it"
printf '0\techo \xff\n' > bad.tsv
expect_ok xmr-featurize apply -f vec.npz -x X.npz bad.tsv
expect_exit 1 'xmr-featurize: error: bad.tsv:1: byte 6 of the text is 0xff, which is not UTF-8 there
hint: --invalid-utf8 replace reads such bytes as U+FFFD' \
  xmr-featurize apply -f vec.npz -x X.npz --invalid-utf8 refuse bad.tsv
expect_exit 1 'xmr-featurize: error: bad.tsv:1: byte 6 of the text is 0xff, which is not UTF-8 there
hint: --invalid-utf8 replace reads such bytes as U+FFFD' \
  xmr-featurize fit -o other.npz --invalid-utf8 refuse bad.tsv
rm -f bad.tsv X.npz

it "leaves bad rows out if told to, and says how many"
printf '0\techo\nno tab\n1,\twith\n2\tscreen\n' > bad.tsv
expect_exit 0 'xmr-featurize: warning: 2 bad rows left out, the first: bad.tsv:2: no tab in a line of 2 columns (labels,text)' \
  xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --skip-bad-rows --stats - bad.tsv
grep -q '"rows": 2,' "$scratch/out" || fail "$(cat "$scratch/out")"
grep -q '"skipped_rows": 2,' "$scratch/out" || fail "$(cat "$scratch/out")"
printf 'no tab\n' > bad.tsv
expect_exit 1 'xmr-featurize: warning: 1 bad rows left out, the first: bad.tsv:1: no tab in a line of 2 columns (labels,text)
xmr-featurize: error: bad.tsv: has no row, at least one is needed' \
  xmr-featurize fit -o other.npz --skip-bad-rows bad.tsv
rm -f bad.tsv X.npz Y.npz

it "reads CRLF, a last line without an end, empty texts, a line of 10 MB"
printf '0\tWireless Echo\r\n2:0.5,0\techo with screen\r\n\tnothing known' > crlf.tsv
expect_ok xmr-featurize fit --word 1 -o other.npz crlf.tsv
expect_same vec.npz other.npz
printf '\t\n\t\n' > empty.tsv
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz empty.tsv
{ printf '0\t'; yes 'long text' | head -c 10000000 | tr '\n' ' '; } > long.tsv
expect_ok xmr-featurize fit -o other.npz long.tsv
expect_ok xmr-featurize apply -f other.npz -x X.npz long.tsv
rm -f crlf.tsv empty.tsv long.tsv other.npz X.npz Y.npz

it "warns of rows without features"
printf '0\tred lamp\n1\t\n0\tunseen\n' > empty.tsv
xmr-featurize fit -q --word 1 -o lamp.npz <(head -1 empty.tsv)
expect_exit 0 "xmr-featurize: warning: 2 of 3 rows have no features: their text is empty, or lamp.npz knows no word of it" \
  xmr-featurize apply -f lamp.npz -x X2.npz -y Y2.npz empty.tsv
rm -f empty.tsv lamp.npz X2.npz Y2.npz

it "reads what a spreadsheet wrote: a byte order mark and CRLF; UTF-16 not"
printf '\xef\xbb\xbffirst\tEcho\r\nthird\twith\r\n' > sheet.tsv
sed '1s/^/\xef\xbb\xbf/; s/$/\r/' labels.txt > sheet-labels.txt
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels sheet-labels.txt --label-keys sheet.tsv
printf '0\tEcho\n2\twith\n' > plain.tsv
expect_ok xmr-featurize apply -f vec.npz -x X2.npz -y Y2.npz --labels labels.txt plain.tsv
expect_same X.npz X2.npz
expect_same Y.npz Y2.npz
iconv -f UTF-8 -t UTF-16 plain.tsv > wide.tsv
expect_exit 1 'xmr-featurize: error: wide.tsv: is UTF-16, text must be UTF-8
hint: iconv -f UTF-16 -t UTF-8 wide.tsv > wide.tsv.txt' xmr-featurize apply -f vec.npz -x X.npz wide.tsv
rm -f sheet.tsv sheet-labels.txt plain.tsv wide.tsv X.npz Y.npz X2.npz Y2.npz

it "refuses what is no corpus, or no vectorizer"
expect_exit 1 'xmr-featurize: error: missing.tsv: cannot open: No such file or directory' xmr-featurize fit -o v.npz missing.tsv
expect_exit 1 'xmr-featurize: error: .: cannot read: Is a directory' xmr-featurize fit -o v.npz .
expect_exit 1 'xmr-featurize: error: <stdin>: has no row, at least one is needed' sh -c 'xmr-featurize fit -o v.npz < /dev/null'
expect_exit 1 'xmr-featurize: error: vec.npz: is an array file; text is needed, one instance a line' xmr-featurize fit -o v.npz vec.npz
expect_exit 1 'xmr-featurize: error: train.tsv: is not an npz archive' xmr-featurize apply -f train.tsv -x X.npz train.tsv
xmr-featurize apply -f vec.npz -x X.npz train.tsv
expect_exit 1 'xmr-featurize: error: X.npz: is a matrix, not a vectorizer
hint: xmr-featurize fit makes a vectorizer' xmr-featurize apply -f X.npz -x X2.npz train.tsv
expect_exit 1 'xmr-featurize: error: no n-gram occurs in as many rows as min-df and max-df allow' \
  xmr-featurize fit --min-df 4 -o v.npz train.tsv
rm -f X.npz

it "tells what it needs where memory is limited"
line=$(head -c 4000 "$data/debian-search/train.tsv" | cut -f 2 | tr '\n' ' ')
for i in {1..1000}; do printf '0\t%s\n' "$line"; done > long.tsv
xmr-featurize fit -q --char 1-5 -o chars.npz <(head -1 long.tsv)
expect_exit 1 'xmr-featurize: error: not enough memory: about 64 MiB are needed, 40 MiB are allowed (ulimit -v)' \
  bash -c 'ulimit -v 40960; exec xmr-featurize apply -q -j 1 -f chars.npz -x bad.npz long.tsv'
rm long.tsv chars.npz

it "refuses options that make no sense"
help='
hint: xmr-featurize fit --help lists the options'
expect_exit 2 "xmr-featurize: error: --output is required$help" xmr-featurize fit train.tsv
expect_exit 2 "xmr-featurize: error: word: '0' is not a whole number in 1..16" xmr-featurize fit --word 0 -o v.npz train.tsv
expect_exit 2 "xmr-featurize: error: tf: 'ln' is not one of count|binary|log|position|word-position" xmr-featurize fit --tf ln -o v.npz train.tsv
expect_exit 2 "xmr-featurize: error: 'df' is not a setting of a block
hint: the settings are column, min-df, max-df, max-features, tf, idf, norm, max-tokens, hash" \
  xmr-featurize fit --word 1:df=2 -o v.npz train.tsv
expect_exit 2 'xmr-featurize: error: word 1-1: min-df, max-df and max-features choose from a vocabulary; with hash there is none' \
  xmr-featurize fit --hash 18 --min-df 2 -o v.npz train.tsv
expect_exit 2 "xmr-featurize: error: no column 'title' among labels,text
hint: name the columns of the input with --columns" xmr-featurize fit --column title -o v.npz train.tsv
expect_exit 2 "xmr-featurize: error: columns 'a,,b': a name is empty" xmr-featurize fit --columns a,,b -o v.npz train.tsv
expect_exit 2 "xmr-featurize: error: no column 'labels' among text
hint: name the columns of the input with --columns" xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --columns text train.tsv
expect_exit 2 'xmr-featurize: error: -: given 2 times, but stdin can be used once' xmr-featurize fit -o v.npz - -
expect_exit 2 'xmr-featurize: error: -: given 2 times, but stdout can be used once' xmr-featurize apply -f vec.npz -x - -y - train.tsv
expect_exit 2 'xmr-featurize: error: -x and -y name the same file: X.npz' xmr-featurize apply -f vec.npz -x X.npz -y X.npz train.tsv
expect_exit 2 'xmr-featurize: error: --label-keys requires --labels
hint: xmr-featurize apply --help lists the options' xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --label-keys train.tsv
expect_exit 1 'xmr-featurize: error: no/v.npz: cannot create: No such file or directory' xmr-featurize fit -o no/v.npz train.tsv
expect_files labels.txt train.tsv vec.npz
