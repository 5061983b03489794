#!/bin/bash
# Data as people have it: packed, in other encodings, as CSV or JSON lines, as other programs wrote it.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
error() { echo "$1: error: $2"; }

# follow_hint: runs the command of the last error's hint.
follow_hint() {
  bash -c "$(sed -n 's/^hint: //p' "$scratch/err")" || fail "the hint does not work: $(cat "$scratch/err")"
}

for i in $(seq 2000); do printf '%s\tword%s lamp kettle\n' $((i % 7)) $((i % 50)); done > c.tsv
xmr-featurize fit -q --word 1 -o v.npz c.tsv
xmr-featurize apply -q -f v.npz -x X.npz -y Y.npz c.tsv

it "reads packed text as it stands, from files and stdin"
gzip -k c.tsv
zstd -q c.tsv
xz -k c.tsv
bzip2 -k c.tsv
{ gzip -c c.tsv; gzip -c c.tsv; } > twice.gz
cat c.tsv c.tsv > twice.tsv
xmr-featurize fit -q --word 1 -o twice.npz twice.tsv
expect_ok xmr-featurize fit -q --word 1 -o v2.npz twice.gz
expect_same v2.npz twice.npz
for file in c.tsv.gz c.tsv.zst c.tsv.xz c.tsv.bz2; do
  expect_exit 0 '' xmr-featurize fit --word 1 -o v2.npz $file
  expect_same v2.npz v.npz
  expect_ok xmr-featurize apply -q -f v.npz -x X2.npz -y Y2.npz < $file
  expect_same X2.npz X.npz
  expect_same Y2.npz Y.npz
  cat $file | expect_ok xmr-featurize fit -q --word 1 -o v2.npz -
  expect_same v2.npz v.npz
done
expect_ok xmr-inspect show c.tsv.gz
grep -q '^  packed_by  *gzip$\|^  packed by  *gzip$' "$scratch/out" || fail "$(cat "$scratch/out")"

it "refuses damaged and cut streams with their place"
head -c 500 c.tsv.xz > cut.xz
head -c 1000 c.tsv.gz > cut.gz
size=$(stat -c %s cut.gz)
expect_exit 1 "$(error xmr-featurize "cut.gz: byte $size of the compressed file (gzip): is cut off there")
hint: the text before it: gzip -dc cut.gz > cut.gz.txt" xmr-featurize fit -o v3.npz cut.gz
size=$(stat -c %s cut.xz)
run xmr-featurize fit -o v3.npz cut.xz
[ $status -eq 1 ] && grep -q "cut.xz: byte $size of the compressed file (xz): is cut off there" "$scratch/err" || fail "$(cat "$scratch/err")"
printf 'garbage' | cat c.tsv.gz - > tail.gz
run xmr-featurize fit -o v3.npz tail.gz
[ $status -eq 1 ] && grep -q 'tail.gz: byte [0-9]* of the compressed file (gzip): bytes that are no gzip member' "$scratch/err" || fail "$(cat "$scratch/err")"
[ ! -e v3.npz ] || fail "a vectorizer of damaged text"

it "refuses other formats by name, with a command that works"
$python -c "import zipfile; zipfile.ZipFile('c.zip', 'w').write('c.tsv')"
expect_exit 1 "$(error xmr-featurize 'c.zip: is a ZIP archive, not text')
hint: unzip -p c.zip > c.zip.txt" xmr-featurize fit -o v3.npz c.zip
if command -v unzip > /dev/null; then
  follow_hint
  expect_same c.zip.txt c.tsv
fi
tar -czf c.tar.gz c.tsv
expect_exit 1 "$(error xmr-featurize 'c.tar.gz: is a tar archive, not text')
hint: tar -xOf c.tar.gz > c.tar.gz.txt" xmr-featurize fit -o v3.npz c.tar.gz
follow_hint
expect_same c.tar.gz.txt c.tsv
iconv -f UTF-8 -t UTF-16LE c.tsv > wide.tsv
expect_exit 1 "$(error xmr-featurize 'wide.tsv: is UTF-16LE without a byte order mark, text must be UTF-8')
hint: iconv -f UTF-16LE -t UTF-8 wide.tsv > wide.tsv.txt" xmr-featurize fit -o v3.npz wide.tsv
follow_hint
expect_same wide.tsv.txt c.tsv
tr '\n' '\r' < c.tsv > mac.tsv
expect_exit 1 "$(error xmr-featurize 'mac.tsv: its lines end with CR alone, LF or CRLF is needed')
hint: tr '\\r' '\\n' < mac.tsv > mac.tsv.txt" xmr-featurize fit -o v3.npz mac.tsv
follow_hint
expect_same mac.tsv.txt c.tsv
gzip -k X.npz
expect_exit 1 "$(error xmr-index 'X.npz.gz: holds arrays packed by gzip; arrays are used in place, from plain files')
hint: gzip -dc X.npz.gz > X.npz" xmr-index -x X.npz.gz -y Y.npz -o t.npz
follow_hint
expect_same X.npz X2.npz
expect_exit 1 "$(error xmr-featurize 'c.tsv.gz: is packed by gzip, parts can only be cut out of plain files')
hint: gzip -dc c.tsv.gz > c.tsv" xmr-featurize apply -q -f v.npz --part 0 --parts 2 -x X3.npz c.tsv.gz

it "counts lines that are not UTF-8, or hold a NUL, in one warning each"
printf '0\tcaf\351 cr\350me\n1\tplain\n2\tM\374nchen\n3\ta\000b\n' > latin.tsv
expect_exit 0 "xmr-featurize: warning: 2 lines are not UTF-8, the first: latin.tsv:1: byte 6 is 0xe9; such bytes are read as U+FFFD, which separates words (Latin-1 is converted by iconv -f LATIN1 -t UTF-8; --invalid-utf8 refuse makes this an error)
xmr-featurize: warning: 1 lines hold a NUL byte, the first: latin.tsv:4" xmr-featurize fit --word 1 -o v3.npz latin.tsv

it "reads byte order marks everywhere"
printf '\xef\xbb\xbf2 3 2\n0 0:1\n1 2:1\n' > xmc.txt
expect_ok xmr-featurize import -q -x A.npz -y B.npz xmc.txt
printf '\xef\xbb\xbf{"row":0,"labels":[{"key":"0","score":1}]}\n{"row":1,"labels":[{"key":"1","score":1}]}\n' > p.jsonl
expect_ok xmr-eval -q -y B.npz p.jsonl --metrics p@1 --format tsv
expect_stdout $'predictions\tp@1\np.jsonl\t1'
gzip -k p.jsonl
expect_ok xmr-eval -q -y B.npz p.jsonl.gz --metrics p@1 --format tsv
expect_stdout $'predictions\tp@1\np.jsonl.gz\t1'

it "reads plus signs, and query numbers of svmlight"
printf '+1 qid:7 1:+0.5 # note\n0 +2:1\n' > plus.svm
expect_ok xmr-featurize import -q -x A.npz -y B.npz plus.svm
printf '0\t+1\t+0.9\t+1\n1\t1\t1\t0\n' > plus.tsv
expect_ok xmr-eval -q -y B.npz plus.tsv --metrics p@1 --format tsv
expect_stdout $'predictions\tp@1\nplus.tsv\t1'

it "names the folder of temporary files that is not there; an empty TMPDIR is /tmp"
expect_exit 1 "$(error xmr-featurize '/no/such: cannot create a temporary file in: No such file or directory')
hint: the variable TMPDIR names the folder of temporary files: export TMPDIR=/tmp" \
  env TMPDIR=/no/such xmr-featurize fit -q --word 1 -o - c.tsv
expect_ok env TMPDIR= xmr-featurize fit -q --word 1 -o - c.tsv
expect_same "$scratch/out" v.npz

it "reads the same rows from CSV, JSON lines, TSV with a header and fastText"
printf 'tags,id,title\r\n"a,b",1,"red, bus"\r\na,2,"old ""car"""\r\n' > t.csv
printf '{"title":"red, bus","tags":["a","b"]}\n{"tags":"a","title":"old \\"car\\""}\n' > t.jsonl
printf 'title\ttags\nred, bus\ta,b\nold "car"\ta\n' > t.tsv
printf '__label__a __label__b red, bus\n__label__a old "car"\n' > t.ft
printf 'a,b\tred, bus\na\told "car"\n' > plain.tsv
printf 'a\t\t2\nb\t\t1\n' > expected.txt
xmr-featurize fit -q --word 1 -o w.npz plain.tsv
xmr-featurize apply -q -f w.npz --labels expected.txt --label-keys -x XP.npz -y YP.npz plain.tsv
for file in t.csv t.jsonl t.tsv t.ft; do
  columns='--columns text=title,labels=tags'
  [ $file != t.ft ] || columns='--format fasttext'
  expect_ok xmr-featurize labels -q $columns -o labels.txt $file
  expect_same labels.txt expected.txt
  expect_ok xmr-featurize fit -q $columns --word 1 -o w2.npz $file
  expect_same w2.npz w.npz
  expect_ok xmr-featurize apply -q $columns -f w.npz --labels labels.txt --label-keys -x XC.npz -y YC.npz $file
  expect_same XC.npz XP.npz
  expect_same YC.npz YP.npz
done
expect_exit 1 "$(error xmr-featurize "t.csv:1: no column 'name'; the first line has 'tags', 'id', 'title'")
hint: --columns text=NAME,labels=NAME takes names of the first line" xmr-featurize fit --columns text=name -o w2.npz t.csv
printf 'title\nred\n"bus\n' > bad.csv
expect_exit 1 "$(error xmr-featurize 'bad.csv:3: a quote is opened and not closed')
hint: a file without quoted fields is read with --format tsv" xmr-featurize fit --columns text=title -o w2.npz bad.csv
expect_exit 0 'xmr-featurize: warning: 1 bad rows left out, the first: bad.csv:3: a quote is opened and not closed' \
  xmr-featurize fit --word 1 --skip-bad-rows --columns text=title -o w2.npz bad.csv

it "trains a retrieval model from CSV"
printf 'bus\ncar\nred\n' > few.txt
printf '0\tred bus\n1,2\told car\n2\tred car\n' > few.tsv
printf 'tags,title\n0,red bus\n"1,2",old car\n2,red car\n' > few.csv
expect_ok xmr-train retrieval -q --labels few.txt -o from-tsv.npz few.tsv
expect_ok xmr-train retrieval -q --labels few.txt --columns labels=tags,text=title -o from-csv.npz few.csv
expect_same from-csv.npz from-tsv.npz

it "finds keys that end like weights or with a backslash"
printf 'lang=nan\nx=inf\nC:\\\nother\n' > keys.txt
printf 'lang=nan,x=inf\ttext\nC:\\,other\ttext\nC:\\\\,other=2\ttext\n' > keys.tsv
expect_ok xmr-featurize apply -q -f v.npz --labels keys.txt --label-keys -x XK.npz -y YK.npz keys.tsv

$python -c 'import numpy, scipy.sparse' 2> /dev/null || exit 0

it "reads what SciPy and NumPy write as X, Y, predictions and candidates"
$python - << 'END'
import numpy as n, scipy.sparse as s
dense = n.array([[0.5, 0, 0.25], [0, 0.75, 0], [0, 0, 1], [0.125, 0, 0.5]])
m = s.csr_matrix(dense)
for form in "csr csc coo bsr dia".split():
    s.save_npz(f"m.{form}.npz", m.asformat(form))
    s.save_npz(f"a.{form}.npz", getattr(s, form + "_array")(dense))
room = m.copy()
room.indices = n.concatenate([room.indices, [99, 99]]); room.data = n.concatenate([room.data, [n.nan, 1]])
n.savez("m.room.npz", format=b"csr", shape=room.shape, indptr=room.indptr, indices=room.indices, data=room.data)
n.savez("m.recipe.npz", shape=m.shape, indptr=m.indptr, indices=m.indices, data=m.data)
n.savez("m.dense.npz", dense)
n.save("m.npy", dense)
n.save("f.npy", n.asfortranarray(dense))
n.savez("m.coords.npz", format=b"coo", shape=(4, 3), coords=n.stack(m.nonzero()), data=dense[m.nonzero()])
n.save("pickle.npy", m, allow_pickle=True)
n.save("big.npy", dense.astype(">f8"))
s.save_npz("T.npz", s.csr_matrix((dense > 0.4).astype(float)))
END
xmr-inspect convert m.csr.npz -o ours.npz
xmr-eval -q -y T.npz m.csr.npz --metrics p@1 ndcg@3 --format tsv | cut -f 2- > expected
for file in m.*.npz a.*.npz m.npy f.npy; do
  expect_ok xmr-inspect convert $file -o again.npz
  expect_same again.npz ours.npz
  expect_ok xmr-eval -q -y T.npz $file --metrics p@1 ndcg@3 --format tsv
  cut -f 2- "$scratch/out" > got
  expect_same got expected
  expect_ok xmr-predict fuse -q $file m.csr.npz -k 2
  expect_ok xmr-index -q -x $file -y $file -o t.npz
done
expect_ok xmr-eval -q -y T.npz ours.npz --metrics p@1 ndcg@3 --format tsv
cut -f 2- "$scratch/out" > got
expect_same got expected
for form in tsv jsonl; do
  expect_ok xmr-inspect convert m.csr.npz -o P.$form
  expect_ok xmr-eval -q -y T.npz P.$form --metrics p@1 ndcg@3 --format tsv
  cut -f 2- "$scratch/out" > got
  expect_same got expected
done

it "says how a pickled or a big-endian matrix is read"
for file in pickle big; do
  run xmr-inspect convert $file.npy -o again.npz
  [ $status -eq 1 ] || fail "exit code $status"
  sed -i 's/^hint: python3/hint: \/usr\/bin\/python3/' "$scratch/err"
  follow_hint
  expect_ok xmr-inspect convert $file.npy.npz -o again.npz
  expect_same again.npz ours.npz
done

it "divides rows by their length unless they are of length 1, and records it"
$python - << 'END'
import numpy as n, scipy.sparse as s
r = n.random.RandomState(1)
means = r.gamma(0.3, 1, (30, 200))
for part in "train", "test":
    Y = r.randint(0, 30, 600)
    X = r.poisson(means[Y] * 10 ** r.uniform(-1, 1.5, 600)[:, None] * 0.3).astype(float)
    s.save_npz(f"raw.{part}.npz", s.csr_matrix(X))
    s.save_npz(f"label.{part}.npz", s.csr_matrix((n.ones(600), (range(600), Y)), (600, 30)))
    s.save_npz(f"unit.{part}.npz", s.csr_matrix(X / n.maximum(n.linalg.norm(X, axis=1, keepdims=True), 1e-9)))
END
train() { # train NAME X [OPTION...]
  local name=$1 x=$2
  shift 2
  xmr-index -x $x.train.npz -y label.train.npz -o $name.tree "$@" 2> index.err
  xmr-train -x $x.train.npz -y label.train.npz -t $name.tree -o $name.model "$@" 2> train.err
  xmr-predict -q -m $name.model -x $x.test.npz -k 1 -o $name.npz
  xmr-eval -q -y label.test.npz $name.npz --metrics p@1 --format tsv | tail -1 | cut -f 2
}
with=$(train with raw)
[ "$(cat train.err)" = "xmr-train: warning: raw.train.npz: rows are not of length 1 and are divided by their length, here and in xmr-predict; --x-norms none keeps them" ] ||
  fail "$(cat train.err)"
without=$(train without raw --x-norms none)
[ ! -s train.err ] || fail "$(cat train.err)"
$python -c "import sys; sys.exit(not float('$with') > float('$without') + 0.02)" || fail "p@1 $with with, $without without"
train unit unit > unit.p
[ ! -s train.err ] && [ "$(cat unit.p)" = "$with" ] || fail "$(cat unit.p train.err)"
pecos=$(train pecos raw --preset pecos)
[ ! -s train.err ] || fail "$(cat train.err)"

it "names the file of a row that cannot be learnt from"
$python -c "
import numpy as n, scipy.sparse as s
s.save_npz('huge.npz', s.csr_matrix(n.array([[1e30, 1], [1, 1]]))); s.save_npz('two.npz', s.identity(2, format='csr'))"
xmr-index -q -x huge.npz -y two.npz -o two.tree --x-norms none
expect_exit 1 "$(error xmr-train 'huge.npz: row 0: the squares of its values overflow')
hint: --x-norms l2 makes the length of each row 1" xmr-train -q -x huge.npz -y two.npz -t two.tree --x-norms none -o m.npz
expect_ok xmr-train -q -x huge.npz -y two.npz -t two.tree -o m.npz
