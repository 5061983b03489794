#!/bin/bash
# xmr-predict: text and features in, the three forms out, and what it refuses.
. "$(dirname "$0")/lib.sh"

# Twelve products with two texts each; a model from text with names, and one from features without either.
cat > labels.txt <<'END'
amp	guitar amplifier
bass	electric bass guitar
cello	cello with bow
drum	snare drum
echo	smart speaker with screen
flute	silver flute
grill	charcoal grill
hob	induction hob
iron	steam iron
jug	glass jug
kettle	electric kettle
lamp	desk lamp
END
awk -F '\t' '{ print NR - 1 "\t" $2; print NR - 1 "\t" $2 " for " $1 " lovers" }' labels.txt > train.tsv
xmr-featurize fit -q -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz --branching 2 --max-leaf 3 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -o bare.npz
cut -f 2 train.tsv > texts.txt
files=$(ls)

it "answers text with ranked keys, one line each"
ask() { printf 'electric kettle\nsmart speaker\n' | xmr-predict -m model.npz -k 2 "$@"; }
expect_ok ask
cut -f 1,2,4 "$scratch/out" > ranked
printf '0\t1\tkettle\n0\t2\tbass\n1\t1\techo\n1\t2\tflute\n' > expected
expect_same expected ranked
expect_ok ask --format jsonl
sed 's/"score":[0-9.e-]*/"score":S/g' "$scratch/out" > ranked
cat > expected <<'END'
{"row":0,"labels":[{"key":"kettle","score":S},{"key":"bass","score":S}]}
{"row":1,"labels":[{"key":"echo","score":S},{"key":"flute","score":S}]}
END
expect_same expected ranked

it "gives the same for text, features, a file, a pipe, and any number of threads"
xmr-predict -m model.npz texts.txt > expected.tsv
[ "$(wc -l < expected.tsv)" = 240 ] || fail "$(wc -l < expected.tsv) lines for 24 rows and k 10"
xmr-predict -m model.npz -x X.npz > features.tsv
xmr-predict -m model.npz - < texts.txt > stdin.tsv
cat texts.txt | xmr-predict -m model.npz > pipe.tsv
xmr-predict -m model.npz --columns labels,text train.tsv > columns.tsv
for file in features stdin pipe columns; do expect_same expected.tsv $file.tsv; done
for threads in 1 2 7; do
  xmr-predict -m model.npz -x X.npz -j $threads > threads.tsv
  expect_same expected.tsv threads.tsv
  xmr-predict -m model.npz -x X.npz -j $threads -o threads-$threads.npz
  expect_same threads-1.npz threads-$threads.npz
done

it "ranks a row the same alone and among others"
while read -r text; do echo "$text" | xmr-predict -m model.npz | cut -f 2-; done < texts.txt > alone.tsv
cut -f 2- expected.tsv > among.tsv
expect_same alone.tsv among.tsv

it "chooses the form by the name of the output, and by --format"
xmr-predict -m model.npz -x X.npz -o by-name.jsonl
xmr-predict -m model.npz -x X.npz --format jsonl > by-option.jsonl
expect_same by-name.jsonl by-option.jsonl
xmr-predict -m model.npz -x X.npz -o by-name.npz
xmr-predict -m model.npz -x X.npz --format npz | cat > by-option.npz
expect_same by-name.npz by-option.npz
xmr-predict -m model.npz -x X.npz --format tsv -o odd.npz
expect_same expected.tsv odd.npz

it "scores all forms alike"
for form in expected.tsv by-name.jsonl by-name.npz; do
  xmr-eval -y Y.npz $form --labels labels.txt --format tsv | tail -n +2 | cut -f 2- > metrics
  [ -e first-metrics ] || cp metrics first-metrics
  expect_same first-metrics metrics
done

it "answers with label ids where the model has no names"
xmr-predict -m bare.npz -x X.npz -o ids.tsv
awk -F '\t' 'NR == FNR { id[$1] = FNR - 1; next } { print $1 "\t" $2 "\t" $3 "\t" id[$4] }' labels.txt expected.tsv > named.tsv
expect_same named.tsv ids.tsv

it "answers with all labels where k is above their number and the beam covers the tree"
xmr-predict -m model.npz -x X.npz -k 2147483647 --beam 2147483647 > all.tsv
[ "$(wc -l < all.tsv)" = 288 ] || fail "$(wc -l < all.tsv) lines for 24 rows and 12 labels"

it "answers an empty line and one without a known word by the bias"
expect_ok sh -c 'printf "\nxyzzy\n" | xmr-predict -m model.npz -k 1 | cut -f 2- | uniq -c | wc -l'
expect_stdout 1

it "answers lines as they arrive"
mkfifo lines
xmr-predict -m model.npz -k 1 < lines > answers &
exec 3> lines
for n in 1 2 3; do
  echo "desk lamp" >&3
  for wait in $(seq 100); do [ "$(wc -l < answers)" = $n ] && break; sleep 0.05; done
  [ "$(tail -n 1 answers | cut -f 1,4)" = "$((n - 1))	lamp" ] || fail "no answer to line $n: $(cat answers)"
done
exec 3>&-
wait $!

it "answers a program that waits for each answer before it goes on"
# The shell forgets a coprocess's variables as soon as it has ended.
coproc xmr-predict -m model.npz -k 1
predict=$COPROC_PID
for text in "desk lamp" "steam iron" "silver flute"; do
  echo "$text" >&"${COPROC[1]}"
  read -r -t 20 -u "${COPROC[0]}" answer || answer="no answer"
  [ "${answer##*	}" = "${text##* }" ] || fail "$text: $answer"
done
exec {COPROC[1]}>&-
wait "$predict"

it "gives the same answers line by line"
xmr-predict -m model.npz --line-buffered texts.txt > by-line.tsv
expect_same expected.tsv by-line.tsv

it "says that a model was cut while it was in use"
cp model.npz cut.npz
coproc serve { xmr-predict -m cut.npz -k 1 2> cut.err; }
predict=$serve_PID
echo 'electric kettle' >&"${serve[1]}"
read -r answer <&"${serve[0]}"
: > cut.npz
exec {to_serve}>&"${serve[1]}"
status=0
(echo 'smart speaker' >&$to_serve) 2> "$scratch/err" || true
wait "$predict" || status=$?
exec {to_serve}>&-
[ "$status" = 1 ] || fail "exit code $status"
echo "xmr-predict: error: $PWD/cut.npz: cannot read: it was cut while it was in use, or its disk failed" > expected
expect_same expected cut.err
rm cut.npz cut.err expected

it "writes to FIFOs and /dev/null"
mkfifo out.npz
xmr-predict -m model.npz -x X.npz -o out.npz &
cat out.npz > from-fifo.npz
wait $!
expect_same by-name.npz from-fifo.npz
expect_ok xmr-predict -m model.npz -x X.npz -o /dev/null

it "obeys beam, post-processor, ties and preset, given or of the model"
xmr-predict -m model.npz -x X.npz --beam 10 --post-processor l3-hinge --ties margin > explicit.tsv
expect_same expected.tsv explicit.tsv
xmr-predict -m model.npz -x X.npz --preset pecos > preset.tsv
xmr-predict -m model.npz -x X.npz --beam 10 --post-processor l3-hinge --ties position > explicit.tsv
expect_same preset.tsv explicit.tsv
xmr-predict -m model.npz -x X.npz --post-processor log-l3-hinge > log.tsv
paste expected.tsv log.tsv | awk -F '\t' '{ e = exp($7) / $3 - 1; if ($4 != $8 || e > 1e-5 || e < -1e-5) print }' > differences
expect_same /dev/null differences

it "prints latency instead of answers"
for input in "-x X.npz" texts.txt; do
  expect_ok xmr-predict -m model.npz $input --latency --stats stats.json
  cut -f 1 "$scratch/out" > names
  printf 'queries\nmean_us\np50_us\np90_us\np99_us\nmax_us\n' > expected-names
  expect_same expected-names names
  [ "$(head -n 1 "$scratch/out")" = "queries	24" ] || fail "not 24 queries"
  grep -q '"p99":' stats.json || fail "no percentiles in --stats"
done

it "counts rows in --stats"
expect_ok xmr-predict -m model.npz texts.txt -o /dev/null --stats stats.json
grep -q '"rows": 24' stats.json || fail "$(cat stats.json)"

rm $(ls | grep -vxF "$files")

it "refuses bad lines, or leaves them without answers"
printf '0\tdesk lamp\nno tab\n1\tsteam iron\n' > bad.tsv
expect_exit 1 "xmr-predict: error: bad.tsv:2: no tab in a line of 2 columns (id,text)
hint: columns are separated by TAB; --columns names them, \"-\" for one that is not used" \
  xmr-predict -m model.npz --columns id,text bad.tsv -o bad.out
expect_exit 0 "xmr-predict: warning: bad rows without answers: 1; the first: bad.tsv:2: no tab in a line of 2 columns (id,text)" \
  xmr-predict -m model.npz --columns id,text bad.tsv --skip-bad-rows -k 1
[ "$(cut -f 1,4 "$scratch/out" | tr '\t\n' ' ;')" = "0 lamp;2 iron;" ] || fail "$(cat "$scratch/out")"
printf 'desk lamp\n\377\n' > latin.txt
expect_ok xmr-predict -m model.npz latin.txt
expect_exit 1 "xmr-predict: error: latin.txt:2: byte 1 of the text is 0xff, which is not UTF-8 there
hint: --invalid-utf8 replace reads such bytes as U+FFFD" xmr-predict -m model.npz --invalid-utf8 refuse latin.txt
expect_exit 1 'xmr-predict: error: /dev/null: no rows' xmr-predict -m model.npz /dev/null -o none.tsv
rm bad.tsv latin.txt

it "reads CRLF and a last line without its end"
printf 'desk lamp\r\nsteam iron' | xmr-predict -m model.npz > crlf.tsv
printf 'desk lamp\nsteam iron\n' | xmr-predict -m model.npz > lf.tsv
expect_same lf.tsv crlf.tsv
rm lf.tsv crlf.tsv

it "reads a line of 10 MB"
head -c 10000000 /dev/zero | tr '\0' a > long.txt
expect_ok xmr-predict -m model.npz -k 1 long.txt
rm long.txt

it "refuses input that does not fit the model"
printf '0\tdesk lamp\n' > other.tsv
xmr-featurize fit -q -o other-vec.npz other.tsv
xmr-featurize apply -q -f other-vec.npz -x other-X.npz other.tsv
columns=$(/usr/bin/python3 -c 'import json, zipfile; print(json.load(zipfile.ZipFile("model.npz").open("meta.json"))["content"]["features"])')
expect_exit 1 "xmr-predict: error: other-X.npz: 11 features, the model has $columns
hint: run xmr-featurize apply with the vectorizer that the model was trained with" \
  xmr-predict -m model.npz -x other-X.npz
xmr-featurize fit -q --idf none -o other-vec.npz train.tsv
xmr-featurize apply -q -f other-vec.npz -x other-X.npz train.tsv
for model in model.npz bare.npz; do
  expect_exit 1 "xmr-predict: error: other-X.npz: was not made with the vectorizer of $model
hint: run xmr-featurize apply with the vectorizer that the model was trained with" \
    xmr-predict -m $model -x other-X.npz
done
rm other*
expect_exit 2 "xmr-predict: error: bare.npz: the model holds no vectorizer, so it cannot read text
hint: give it features with -x X.npz, or train it with -f vec.npz" xmr-predict -m bare.npz texts.txt
expect_exit 2 "xmr-predict: error: no column 'text' among previous,prefix
hint: name the columns of the input with --columns" xmr-predict -m model.npz --columns previous,prefix texts.txt
expect_exit 1 "xmr-predict: error: X.npz: is a file of arrays, not text
hint: features are given with -x" xmr-predict -m model.npz X.npz
expect_exit 1 "xmr-predict: error: texts.txt: is not a matrix: neither npz nor npy
hint: xmr-featurize fit --word 1 -o vec.npz texts.txt && xmr-featurize apply -f vec.npz -x X.npz -y Y.npz texts.txt" \
  xmr-predict -m model.npz -x texts.txt

it "refuses what is no model"
: > empty.npz
expect_exit 1 'xmr-predict: error: missing.npz: cannot open: No such file or directory' xmr-predict -m missing.npz texts.txt
expect_exit 1 'xmr-predict: error: .: cannot read: Is a directory' xmr-predict -m . texts.txt
expect_exit 1 'xmr-predict: error: X.npz: is a matrix, not a model
hint: xmr-train makes a model' xmr-predict -m X.npz texts.txt
expect_exit 2 'xmr-predict: error: --model is required
hint: xmr-predict --help lists the options' xmr-predict model.npz texts.txt
expect_exit 1 'xmr-predict: error: tree.npz: is a label-tree, not a model
hint: xmr-train makes a model' xmr-predict -m tree.npz texts.txt
expect_exit 1 'xmr-predict: error: texts.txt: is not an npz archive' xmr-predict -m texts.txt texts.txt
expect_exit 1 'xmr-predict: error: empty.npz: is empty; an npz archive is expected' xmr-predict -m empty.npz texts.txt
rm empty.npz

it "refuses a model that is cut, or has a changed byte in a chunk"
size=$(stat -c %s model.npz)
for percent in 0.01 1 20 50 90 99.9; do
  head -c "$(echo "$size $percent" | awk '{ printf "%d", $1 * $2 / 100 }')" model.npz > cut.npz
  run xmr-predict -m cut.npz texts.txt
  [ $status = 1 ] || fail "exit code $status for $percent % of a model"
done
/usr/bin/python3 - <<'END'
import zipfile
data = bytearray(open("model.npz", "rb").read())
member = zipfile.ZipFile("model.npz").getinfo("level0/chunks.npy")
data[member.header_offset + member.file_size // 2] ^= 1
open("cut.npz", "wb").write(data)
END
run xmr-predict -m cut.npz texts.txt
[ $status = 1 ] || fail "exit code $status for a changed byte"
rm cut.npz

it "refuses what makes no sense"
expect_exit 2 'xmr-predict: error: -: given 2 times, but stdin can be used once' xmr-predict -m - -x -
expect_exit 2 'xmr-predict: error: -: given 2 times, but stdin can be used once' xmr-predict -m - < model.npz
expect_exit 2 'xmr-predict: error: -x X.npz and texts.txt: features or text, not both' \
  xmr-predict -m model.npz -x X.npz texts.txt
for option in "--columns text" "--invalid-utf8 replace" --skip-bad-rows; do
  expect_exit 2 "xmr-predict: error: ${option% *}: reads text, but -x gives features" \
    xmr-predict -m model.npz -x X.npz $option
done
for option in "--output a.tsv" "--format tsv" --line-buffered; do
  expect_exit 2 "xmr-predict: error: ${option% *}: --latency prints no answers" \
    xmr-predict -m model.npz texts.txt --latency $option
done
expect_exit 2 'xmr-predict: error: --line-buffered: reads text, but -x gives features' \
  xmr-predict -m model.npz -x X.npz --line-buffered
expect_exit 2 'xmr-predict: error: --line-buffered: an npz cannot be sent line by line' \
  xmr-predict -m model.npz texts.txt --line-buffered -o a.npz
expect_exit 2 'xmr-predict: error: --skip-bad-rows: cannot be used with --latency' \
  xmr-predict -m model.npz texts.txt --latency --skip-bad-rows
expect_exit 2 "xmr-predict: error: post-processor: 'softmax' is not one of l1-hinge, l2-hinge, l3-hinge, l4-hinge, \
log-l1-hinge, log-l2-hinge, log-l3-hinge, log-l4-hinge, sigmoid, log-sigmoid, noop" \
  xmr-predict -m missing.npz --post-processor softmax
for option in --top --beam; do
  expect_exit 2 "xmr-predict: error: $option: 0 is outside 1..2147483647
hint: xmr-predict --help lists the options" xmr-predict -m model.npz $option 0
done

it "does not wait for a terminal"
expect_exit 2 '' /usr/bin/python3 - <<'END'
import os, pty, subprocess, sys
master, slave = pty.openpty()
done = subprocess.run(["xmr-predict", "-m", "model.npz"], stdin=slave, capture_output=True, text=True, timeout=60)
expected = "xmr-predict: error: there is no input\nhint: name a file, or send text to stdin through a pipe\n"
sys.exit(done.returncode if done.stderr == expected else 99)
END

it "fails where its output cannot be written, and leaves nothing behind"
expect_exit 1 'xmr-predict: error: <stdout>: cannot write: No space left on device' \
  sh -c 'xmr-predict -m model.npz -x X.npz > /dev/full'
expect_exit 1 'xmr-predict: error: <stdout>: cannot write: No space left on device' \
  sh -c 'xmr-predict -m model.npz -x X.npz --format npz > /dev/full'
expect_exit 1 'xmr-predict: error: no/P.tsv: cannot create: No such file or directory' \
  xmr-predict -m model.npz -x X.npz -o no/P.tsv
expect_files $files
