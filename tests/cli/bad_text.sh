#!/bin/bash
# Text as it comes from elsewhere, wherever a tool reads some: names of labels, predictions, corpora.
. "$(dirname "$0")/lib.sh"

printf 'a\nb\nc\nd\ne\n' > labels.txt
printf '0\tred bus\n1\told car\n2\tblue sky\n3\tgreen tree\n4\tred car\n' > train.tsv
cut -f 2 train.tsv > texts.txt
xmr-featurize fit -q --word 1 -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
xmr-predict -m model.npz -k 2 texts.txt -o P.tsv
xmr-predict -m model.npz -k 2 texts.txt -o P.jsonl
files=$(ls)

# with_names FILE: sets `commands`, one a line, to those that read the names of labels from FILE.
with_names() {
  commands="xmr-featurize apply -q -f vec.npz --labels $1 -x out -y out2 train.tsv
xmr-index -q -x X.npz -y Y.npz --labels $1 -o out
xmr-train -q -x X.npz -y Y.npz -t tree.npz --labels $1 -o out
xmr-eval -q -y Y.npz --labels $1 P.tsv
xmr-inspect convert P.tsv --labels $1 -o out"
}

# refuses_names MESSAGE FILE
refuses_names() {
  with_names "$2"
  while read -r -a command; do expect_exit 1 "${command[0]}: error: $1" "${command[@]}"; done <<< "$commands"
}

it "refuses names of labels that are none"
printf 'a\nb\nc\nd\na\n' > bad.txt
refuses_names "bad.txt:5: label key 'a' is repeated; it first stands in line 1
hint: a file of labels has each label once, a line each: key, then TAB and a text if there is one" bad.txt
refuses_names 'missing: cannot open: No such file or directory' missing
refuses_names '.: cannot read: Is a directory' .
refuses_names 'X.npz: is a file of arrays; labels are text, one a line
hint: xmr-featurize labels -o labels.txt train.tsv' X.npz
while IFS='|' read -r message text; do
  printf "$text" > bad.txt
  refuses_names "$(printf '%b' "bad.txt:$message")" bad.txt
done <<'END'
3: label key is empty\nhint: each line is the key of a label, whose number is that of the line, from 0|a\nb\n\nd\ne\n
1: count 'many' is not a whole number from 0 on|a\tx\tmany\nb\nc\nd\ne\n
1: count '-1' is not a whole number from 0 on|a\tx\t-1\nb\nc\nd\ne\n
 holds no label|
END
rm bad.txt

it "reads names with CRLF, without a last line end, and of 10 MB"
printf 'a\r\nb\r\nc\r\nd\r\ne' > names.txt
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels names.txt -o other.npz
expect_same other.npz model.npz
{ printf 'a\nb\nc\nd\n'; head -c 10000000 /dev/zero | tr '\0' e; echo; } > names.txt
expect_ok xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels names.txt -o other.npz
echo red car | xmr-predict -m other.npz -k 1 | cut -f 4 > name
sed 5p -n names.txt > expected
expect_same name expected
rm names.txt other.npz name expected

it "reads predictions with CRLF and without a last line end"
expect_ok xmr-eval -q -y Y.npz --labels labels.txt P.tsv --metrics p@1 r@2 --format tsv
sed 1d "$scratch/out" | cut -f 2- > "$scratch/whole"
for file in P.tsv P.jsonl; do
  sed 's/$/\r/' $file > crlf
  head -c -1 $file > cut
  for form in crlf cut; do
    expect_ok xmr-eval -q -y Y.npz --labels labels.txt $form --metrics p@1 r@2 --format tsv
    sed 1d "$scratch/out" | cut -f 2- > got
    expect_same got "$scratch/whole"
  done
done
rm crlf cut got

it "refuses predictions with a line of 10 MB by its beginning"
a40=$(printf '%40s' '' | tr ' ' a)
{ printf '0\t1\t0.5\t'; head -c 10000000 /dev/zero | tr '\0' a; echo; } > long
expect_exit 1 "xmr-eval: error: long:1: '$a40...' is not the key of a label
hint: --labels takes the labels.txt of the model that was asked" xmr-eval -y Y.npz --labels labels.txt long
{ printf '{"row":0,"labels":[{"key":"'; head -c 10000000 /dev/zero | tr '\0' a; echo '","score":1}]}'; } > long
expect_exit 1 "xmr-eval: error: long:1: '$a40...' is not the key of a label
hint: --labels takes the labels.txt of the model that was asked" xmr-eval -y Y.npz --labels labels.txt long
{ printf '{"row":0,"labels":'; head -c 1000000 /dev/zero | tr '\0' '['; echo; } > long
expect_exit 1 'xmr-eval: error: long:1: expected {"row":0,"labels":[...]}
hint: xmr-predict --format jsonl writes this form' xmr-eval -y Y.npz --labels labels.txt long
rm long

it "says where a byte is no UTF-8, or replaces it"
printf '0\tred bus\n1\told \377\n' > bad.tsv
for command in 'fit -o out' 'apply -f vec.npz -x out'; do
  expect_exit 1 "xmr-featurize: error: bad.tsv:2: byte 5 of the text is 0xff, which is not UTF-8 there
hint: --invalid-utf8 replace reads such bytes as U+FFFD" xmr-featurize $command --invalid-utf8 refuse bad.tsv
  expect_ok xmr-featurize $command bad.tsv
  rm out
done
rm bad.tsv

it "cuts corpora with CRLF and without a last line end"
printf '0\tred bus\r\n1\told car' > crlf.tsv
expect_ok xmr-inspect slice crlf.tsv --rows 1 -o last.tsv --rest first.tsv
printf '1\told car\n' > expected
expect_same last.tsv expected
printf '0\tred bus\n' > expected
expect_same first.tsv expected
rm crlf.tsv last.tsv first.tsv expected

it "does not take a file of zeros for anything"
head -c 100000 /dev/zero > zeros
binary='error: zeros: is binary data, not text
hint: file zeros'
expect_exit 1 "xmr-featurize: $binary" xmr-featurize fit -o out zeros
expect_exit 1 "xmr-eval: $binary" xmr-eval -y Y.npz zeros
expect_exit 1 'xmr-index: error: zeros: is not a matrix: neither npz nor npy
hint: file zeros' xmr-index -x zeros -y Y.npz -o out
expect_exit 1 "xmr-featurize: $binary" \
  xmr-featurize import -x out -y out2 zeros
rm zeros
expect_files $files
