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
refuse() {
  expect_exit 1 "xmr-featurize: error: $2" xmr-featurize labels --columns labels=tags -o - "$1"
}
printf '[{"tags":"a"},\n' > cut.json
refuse cut.json "cut.json: the array of objects has no end: the file is cut off, or lacks a ]"
printf '[{"tags":"a"},\n{"tags":"b}\n' > inside.json
refuse inside.json "inside.json: the array of objects has no end: the file is cut off, or lacks a ]"
printf '{"tags":NaN}\n' > nan.jsonl
refuse nan.jsonl 'nan.jsonl:1: is not a JSON object: it is none from byte 9 on'
printf '{\n"tags":"a"}\n' > pretty.json
refuse pretty.json 'pretty.json:1: is not a JSON object: it is none from byte 2 on'
printf 'tags,tags\na,b\n' > twice.csv
refuse twice.csv "twice.csv:1: the column 'tags' is named twice"

it "refuses what is no text by its name"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' > train.tsv
refuse train.tsv 'train.tsv: is a pointer of Git LFS, not the file itself
hint: git lfs pull --include train.tsv'
printf '<!DOCTYPE html>\n<html>\n' > page.tsv
refuse page.tsv 'page.tsv: is a page of HTML, not text'
printf '%%%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 2\n' > X.mtx
run xmr-featurize fit -o v.npz X.mtx
grep -q 'is a matrix in Matrix Market form' "$scratch/err" || fail "$(cat "$scratch/err")"

it "gives hints that work when pasted"
mkdir bin
ln -s /usr/bin/python3 bin/python3
# follow COMMAND...: runs the command of the hint of a command that fails.
follow() {
  run "$@"
  sed -n 's/^hint: \(.*: \)\?\(\(python3\|iconv\|tail\|xmr-inspect\) .*\)/\2/p' "$scratch/err" > hint.sh
  [ -s hint.sh ] || fail "no command in: $(cat "$scratch/err")"
  expect_ok env PATH="$PWD/bin:$PATH" bash -e hint.sh
}
printf 'labels\ttext\n0\tred\n' | iconv -t UTF-16 > u16.tsv
follow xmr-featurize fit -o v.npz u16.tsv
[ -s u16.tsv.txt ] || fail "no u16.tsv.txt"
if /usr/bin/python3 -c 'import scipy.io' 2> "$scratch/err"; then
  follow xmr-featurize fit -o v.npz X.mtx
  expect_ok xmr-inspect show X.mtx.npz
  /usr/bin/python3 -c 'import numpy; numpy.save("be.npy", numpy.eye(2).astype(">f8"))'
  follow xmr-inspect convert be.npy -o be.out.npz
  expect_ok xmr-inspect show be.npy.npz
fi
