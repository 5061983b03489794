#!/bin/bash
# Texts as other programs export them: spreadsheets, pandas, Hugging Face; and files that are no text.
. "$(dirname "$0")/lib.sh"

# labels FILE: the labels of the column tags, with their counts.
labels() {
  xmr-featurize labels --columns labels=tags -o - "$1" | cut -f 1,3 | tr '\t\n' '= '
  echo
}
expect_labels() {
  printf "$2" > "$1"
  expect_ok labels "$1"
  expect_stdout "$3"
}

it "reads what spreadsheets export"
expect_labels sep.csv 'sep=;\r\nid;tags\r\n1;a\r\n2;"b;c"\r\n' 'a=1 b;c=1 '
expect_labels european.csv '\xef\xbb\xbfid;tags;price\n1;a;1,5\n' 'a=1 '

it "reads lists as Python, NumPy and JSON print them"
cat > python.csv << 'END'
,tags
0,"['a', ""it's""]"
1,[]
END
expect_ok labels python.csv
expect_stdout "a=1 it's=1 "
expect_labels numpy.csv "tags\n['a' 'b c']\n[1 2]\n" '1=1 2=1 a=1 b c=1 '
expect_labels key.csv 'tags\n[x]\n' '[x]=1 '

it "reads an array of objects, on one line or on many"
expect_labels one.json '[{"tags":["a","b]}"]},{"tags":"c"}]' 'a=1 b]}=1 c=1 '
expect_labels many.json '[\n  {\n    "tags": [\n      "a"\n    ]\n  },\n  {"tags": null}\n]\n' 'a=1 '
printf '{\n"tags": [\n"a"]\n}\n{\n"tags":"b"}\n' > pretty.json
expect_ok labels pretty.json
expect_stdout 'a=1 b=1 '

it "reads what Python, Elasticsearch and other programs write as JSON"
expect_labels nan.jsonl '{"price":NaN,"tags":"a"}\n{"price":-Infinity,"tags":"NaN"}\n' 'NaN=1 a=1 '
expect_labels bulk.ndjson '{"index":{"_id":"1"}}\n{"tags":["a"]}\n{"index":{"_id":"2"}}\n{"tags":["b"]}\n' 'a=1 b=1 '
expect_labels cut-out.jsonl '{"tags":"a"},\n{"tags":"b"},\n' 'a=1 b=1 '
printf '{"genres":[{"id":1,"name":"Action"},{"id":2,"name":"Sci-Fi, new"}],"user":{"id":9007199254740993}}\n' > inside.jsonl
expect_ok xmr-featurize labels --columns labels=genres.name+user.id -o - inside.jsonl
expect_stdout "$(printf '9007199254740993\t\t1\nAction\t\t1\nSci-Fi, new\t\t1')"

it "reads what databases and pandas write as CSV"
expect_labels null.csv 'id,tags\n1,\\N\n2,NaN\n3,NULL\n4,<NA>\n5,a\n' 'a=1 '
expect_labels twice.csv '\xef\xbb\xbfid,tags\n1,a\n\xef\xbb\xbfid,tags\n2,b\n' 'a=1 b=1 '
expect_labels array.csv 'id,tags\n1,"{a,""b c"",NULL}"\n2,"[a, d]"\n' 'a=2 b c=1 d=1 '
expect_labels blanks.csv 'id, title, tags\n1, "x, y", a\n2, z, "b"\n' 'a=1 b=1 '
expect_labels ends.csv 'id,tags\n1,a,,\n' 'a=1 '
expect_labels escaped.csv 'title,tags\n"a \\"b, c\\" d",x\n"C:\\",y\n' 'x=1 y=1 '
expect_labels ids.csv 'tags\n007\n1e5\n9007199254740993\n' '007=1 1e5=1 9007199254740993=1 '
printf 'tags\nNone\na\n' > none.csv
expect_exit 0 "xmr-featurize: warning: the label 'None' of 1 rows is a word for a missing value; an empty field is none" \
  xmr-featurize labels --columns labels=tags -o labels.txt none.csv
printf 'title,tags\nred,"a, b"\nblue,"b , a"\n' > spaced.csv
expect_ok xmr-featurize labels --columns labels=tags -o labels.txt spaced.csv
expect_ok xmr-featurize fit -q --word 1 --columns text=title -o v.npz spaced.csv
expect_ok xmr-featurize apply -q -f v.npz --columns text=title,labels=tags --labels labels.txt --label-keys -x X.npz \
  -y Y.npz spaced.csv
printf 'title,tag\nred,1.0\nblue,2.0\n' > floats.csv
expect_ok xmr-featurize apply -q -f v.npz --columns text=title,labels=tag -x X.npz -y Y.npz floats.csv

refuse() {
  expect_exit 1 "xmr-featurize: error: $2" xmr-featurize labels --columns labels=tags -o - "$1"
}
it "refuses rows and names that it cannot read"
printf '[{"tags":"a"},\n' > cut.json
run xmr-featurize labels --columns labels=tags -o - cut.json
grep -q '^xmr-featurize: error: cut.json: the array of objects has no end: the file is cut off, or lacks a \]$' \
  "$scratch/err" || fail "$(cat "$scratch/err")"
printf 'a,tags\n1\n' > short.csv
refuse short.csv 'short.csv:2: 1 columns, but line 1 has 2
hint: --skip-bad-rows leaves such rows out'
printf 'tags\n1\t"a\n' > short.tsv
refuse short.tsv 'short.tsv:2: 2 columns, but line 1 has 1
hint: --format csv reads fields in quotes; --skip-bad-rows leaves such rows out'
printf 'tags,tags\na,b\n' > twice.csv
refuse twice.csv "twice.csv:1: the column 'tags' is named twice
hint: give the first another name: sed 1s/tags/first-tags/ twice.csv > twice.csv.renamed.csv"
printf '{"tags":[{"name":"a"}]}\n' > objects.jsonl
refuse objects.jsonl "objects.jsonl:1: key 'tags': is neither text, number nor a list of them
hint: tags.name names a key of its objects"
expect_exit 1 "xmr-featurize: error: twice.csv: is CSV by its name, and the columns text have no sources
hint: --columns text=NAME, where NAME is a column of the first line; plain lines may come from stdin: cat twice.csv |" \
  xmr-featurize fit --columns text --word 1 -o v.npz twice.csv

it "refuses a catalogue in place of labels.txt"
printf 'key,name\na,A\n' > catalogue.csv
expect_exit 1 "xmr-featurize: error: catalogue.csv: is CSV; a line of labels.txt is a key, then TAB and a text
hint: xmr-featurize labels --columns key=NAME,text=NAME -o labels.txt catalogue.csv" \
  xmr-featurize apply -f v.npz --columns text=title --labels catalogue.csv -x X.npz -y Y.npz floats.csv
printf 'key\ttext\na\tA\n' > header.txt
expect_exit 1 "xmr-featurize: error: header.txt:1: is a header, not a label
hint: tail -n +2 header.txt > header.txt.txt" \
  xmr-featurize apply -f v.npz --columns text=title --labels header.txt -x X.npz -y Y.npz floats.csv

it "shows the beginning of a very long word"
{ printf '0\t'; head -c 5000000 /dev/zero | tr '\0' a; echo; } > long.tsv
expect_ok xmr-featurize fit -q --word 1 -o long.npz long.tsv
expect_ok xmr-inspect show long.npz
grep -q ' a\{60\}\.\.\.$' "$scratch/out" || fail "$(cut -c 1-200 "$scratch/out")"

it "refuses what is no text by its name"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' > train.tsv
refuse train.tsv 'train.tsv: is a pointer of Git LFS, not the file itself
hint: git lfs pull --include train.tsv'
printf '<!DOCTYPE html>\n<html>\n' > page.tsv
refuse page.tsv 'page.tsv: is a page of HTML, not text
hint: head -c 400 page.tsv'
printf '%%%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 2\n' > X.mtx
run xmr-featurize fit -o v.npz X.mtx
grep -q 'is a matrix in Matrix Market form' "$scratch/err" || fail "$(cat "$scratch/err")"

it "gives hints that work when pasted"
mkdir bin
ln -s /usr/bin/python3 bin/python3
# follow COMMAND...: runs the command of the hint of a command that fails.
follow() {
  run "$@"
  sed -n 's/^hint: \(.*: \)\?\(\(python3\|iconv\|tail\|sed\|awk\|sqlite3\|xmr-inspect\) .*\)/\2/p' "$scratch/err" > hint.sh
  [ -s hint.sh ] || fail "no command in: $(cat "$scratch/err")"
  expect_ok env PATH="$PWD/bin:$PATH" bash -e hint.sh
}
printf 'labels\ttext\n0\tred\n' | iconv -t UTF-16 > u16.tsv
follow xmr-featurize fit -o v.npz u16.tsv
[ -s u16.tsv.txt ] || fail "no u16.tsv.txt"
follow xmr-featurize labels --columns labels=tags -o labels.txt twice.csv
expect_ok xmr-featurize labels --columns labels=tags -o labels.txt twice.csv.renamed.csv
follow_json() {  # FILE LABELS
  follow xmr-featurize labels --columns labels=tags -o - "$1"
  expect_ok labels "$1.jsonl"
  expect_stdout "$2"
}
printf '[{"tags":"a"},\n{"tags":"b"},\n{"ta' > cut.json
follow_json cut.json 'a=1 b=1 '
printf "{'tags': ['a', 'b']}\n" > python.jsonl
follow_json python.jsonl 'a=1 b=1 '
printf '{"hits":{"hits":[{"tags":"a"},{"tags":"b"}]}}' > wrapped.json
follow_json wrapped.json 'a=1 b=1 '
printf '{"title":{"0":"x","1":"y"},"tags":{"0":"a","1":"b"}}' > pandas.json
follow_json pandas.json 'a=1 b=1 '
printf 'id,tags\n1,"[{\x27id\x27: 28, \x27name\x27: \x27Action\x27}]"\n' > tmdb.csv
follow_json tmdb.csv 'Action=1 '
printf -- '--\n-- PostgreSQL database dump\n--\nCOPY t (tags, title) FROM stdin;\na\tred\n\\.\n' > dump.sql
follow xmr-featurize fit --word 1 -o v.npz dump.sql
expect_same dump.sql.txt <(printf 'a\tred\n')
printf '<top>\n<num> Number: 301\n<title> red shoe\n</top>\n' > topics.txt
follow xmr-featurize fit --columns text --word 1 -o v.npz topics.txt
expect_same topics.txt.txt <(printf '301\tred shoe\n')
if /usr/bin/python3 -c 'import scipy.io' 2> "$scratch/err"; then
  follow xmr-featurize fit -o v.npz X.mtx
  expect_ok xmr-inspect show X.mtx.npz
  /usr/bin/python3 -c 'import pickle, scipy.io, scipy.sparse as s
m = s.identity(3, format="csr"); scipy.io.savemat("m.mat", {"X": m})
for p in 0, 4: pickle.dump(m, open(f"m{p}.pkl", "wb"), protocol=p)'
  for file in m.mat m0.pkl m4.pkl X.mtx; do
    rm -f $file.npz
    follow xmr-index -x $file -y X.mtx.npz -o tree.npz
    expect_ok xmr-inspect show $file.npz
  done
  /usr/bin/python3 -c 'import numpy; numpy.save("be.npy", numpy.eye(2).astype(">f8"))'
  follow xmr-inspect convert be.npy -o be.out.npz
  expect_ok xmr-inspect show be.npy.npz
fi
