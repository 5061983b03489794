#!/bin/bash
# Errors and warnings: each names the file and the place, and its hint works when it is pasted.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
$python -c 'import scipy.io' 2> /dev/null || skip "no SciPy"
mkdir "$scratch/bin"
ln -s $python "$scratch/bin/python3"
PATH=$scratch/bin:$PATH

printf '0\tred bus\n1,2\told car\n2\tred car\n' > train.tsv
printf 'bus\ncar\nred\n' > labels.txt
printf '0\n1\n2\n' > ids.txt
xmr-featurize fit -q --word 1 -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz --branching 2 --max-leaf 2 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -o bare.npz
xmr-predict -q -m bare.npz -x X.npz -o P.npz
xmr-predict -q -m model.npz -x X.npz > P.tsv
xmr-predict -q -m model.npz -x X.npz --ids ids.txt --format trec > run.trec
xmr-inspect convert Y.npz --ids ids.txt --labels labels.txt -o Y.qrels
$python - << 'END'
import json, pickle, numpy as n, scipy.io, scipy.sparse as s
m = s.csr_matrix(n.eye(3)); pickle.dump(m, open("m.pkl", "wb")); scipy.io.savemat("m.mat", {"X": m}); scipy.io.mmwrite("m.mtx", m)
bad = m.copy(); bad.data[1] = n.nan; s.save_npz("nan.npz", bad)
n.save("nan.npy", n.array([[1, n.nan]])); n.save("classes.npy", n.array([0, 2, 1])); n.save("cube.npy", n.zeros((2, 2, 2)))
n.save("text.npy", n.array(["a"])); n.save("fields.npy", n.zeros(3, dtype=[("a", "f4")])); n.save("big.npy", n.eye(3).astype(">f8"))
n.savez("two.npz", a=n.eye(3), b=n.eye(3)); s.save_npz("complex.npz", m.astype(complex)); s.save_npz("wide.npz", s.csr_matrix((3, 9)))
s.save_npz("short.npz", s.csr_matrix((2, 4))); s.save_npz("negative.npz", -m)
json.dump({"0": {"bus": 1.5}}, open("run.json", "w")); json.dump({"0": {"bus": 1}}, open("qrels.json", "w"))
json.dump({"data": [{"t": "red", "l": "a"}]}, open("wrapped.json", "w")); json.dump({"t": {"0": "x"}, "l": {"0": "y"}}, open("pandas.json", "w"))
json.dump({"l": [{"id": 1, "name": "a"}]}, open("objects.jsonl", "w"))
END
iconv -t UTF-16 train.tsv > u16.tsv
tr '\n' '\r' < train.tsv > mac.tsv
tar cf t.tar train.tsv
gzip -c X.npz > X.npz.gz
gzip -c train.tsv | head -c 40 > cut.gz
head -c 5000 /dev/zero > zeros
printf 'labels\ttext\n0\tred\n' > header.tsv
printf 't,t,l\na,b,c\n' > twice.csv
printf 't,l\na\n' > ragged.csv
printf 't,l\n"a,b\n' > open.csv
printf 't,l\na,"[{""id"": 1, ""name"": ""x""}]"\n' > objects.csv
printf "{'t': 'a', 'l': 'b'}\n" > python.jsonl
printf '[{"t":"a","l":"b"},\n{"t":' > cut.json
printf '0\tred\n9\tcar\n' > far.tsv
printf 'boat\tred\n' > key.tsv
printf '0 red\n' > blank.tsv
printf 'red,0\n' > comma.txt
printf '__label__a red\n' > ft.txt
printf '0:x\tred\n' > weight.tsv
printf '0,,1\tred\n' > gap.tsv
printf 'bus\nbus\n' > same.txt
printf 'bus\n\n' > empty-key.txt
printf '3 9 3\n0 1:1\n' > rows.xmc
printf '1 9 3\n3 1:1\n' > one.xmc
printf -- '-1 0:1\n+1 1:1\n' > classes.svm
printf '0 1:nan\n' > nan.svm
printf '0 2\n' > value.svm
printf 'row\trank\tscore\tkey\n0\t1\t0.9\t1\n' > head.tsv
printf '0,1,0.9,1\n' > P.csv
printf '0\t0\t0.9\t1\n' > zero.tsv
printf '1\t1\t0.9\t1\n0\t1\t0.9\t1\n' > order.tsv
printf '0\t1\t0.9\t1\n0\t2\t0.8\t1\n0\t3\t0.7\t0\n' > label.tsv
printf '0\t1\tnan\t1\n0\t2\t0.5\t0\n' > score.tsv
printf '0\t1\t0,9\t1\n' > decimal.tsv
printf '0 Q0 bus 1 nan t\n0 Q0 car 2 1 t\n' > nan.trec
printf '0 Q0 bus 1 2 t\n0 Q0 bus 2 1 t\n' > twice.trec
printf 's\t20\tred\ns\t10\tcar\n' > log.tsv
printf 's\ttime\tquery\ns\t1\tred\n' > log-header.tsv
printf 'version https://git-lfs.github.com/spec/v1\n' > lfs.tsv
: > nothing

# Checks cases, one a line: CODE HINT PLACE COMMAND. PLACE is an expression of the place, after which the fault stands.
# HINT is "run" if the hint ends with a command, which must work, "say" if it is words, and "-" if there is none.
count=0
programs='LC_ALL=C sort|python3|sed|sort|awk|tr|iconv|tail|tar|gzip|head|file|cat|xmr-[a-z]+'
check() {
  local code hint place command lines
  while read -r code hint place command; do
    [ -n "$code" ] || continue
    it "says: $command"
    count=$((count + 1))
    run bash -c "$command"
    [ $status = "$code" ] || fail "exit code $status"
    head -1 "$scratch/err" | grep -qE "^xmr-[a-z]+: error: $place: [^ ]" || fail "no $place in: $(head -1 "$scratch/err")"
    lines=$(wc -l < "$scratch/err")
    if [ $hint = - ]; then
      [ "$lines" = 1 ] || fail "a hint: $(sed 1d "$scratch/err")"
      continue
    fi
    [ "$lines" = 2 ] && sed -n 2p "$scratch/err" | grep -q '^hint: [^ ]' || fail "no hint: $(cat "$scratch/err")"
    [ $hint = run ] || continue
    sed -nE "2s/^hint: (.*: )?(($programs) .*)/\2/p" "$scratch/err" > hint.sh
    [ -s hint.sh ] || fail "no command in: $(sed -n 2p "$scratch/err")"
    mkdir "$scratch/kept" && cp ./* "$scratch/kept"  # a hint may write X.npz
    expect_ok bash -e hint.sh
    cp "$scratch"/kept/* . && rm -r "$scratch/kept"
  done
}

check << 'END'
1 -   missing.tsv   xmr-featurize fit -o v.npz missing.tsv
1 say nothing       xmr-eval -y Y.npz nothing
1 run u16.tsv       xmr-featurize fit -o v.npz u16.tsv
1 run mac.tsv       xmr-featurize fit -o v.npz mac.tsv
1 run t.tar         xmr-featurize fit -o v.npz t.tar
1 run m.pkl         xmr-index -x m.pkl -y Y.npz -o t.npz
1 run m.mat         xmr-index -x m.mat -y Y.npz -o t.npz
1 run m.mtx         xmr-index -x m.mtx -y Y.npz -o t.npz
1 run m.mtx         xmr-featurize fit -o v.npz m.mtx
1 say lfs.tsv       xmr-featurize fit -o v.npz lfs.tsv
1 run X.npz.gz      xmr-index -x X.npz.gz -y Y.npz -o t.npz
1 say cut.gz        xmr-featurize fit -o v.npz cut.gz
1 say zeros         xmr-featurize fit -o v.npz zeros
1 run train.tsv     xmr-index -x train.tsv -y Y.npz -o t.npz
1 run ok.svm        printf '0 0:1\n' > ok.svm; xmr-index -x ok.svm -y Y.npz -o t.npz
1 say header.tsv:1  xmr-featurize fit -o v.npz header.tsv
1 run twice.csv:1   xmr-featurize fit --columns text=t -o v.npz twice.csv
1 say twice.csv:1   xmr-featurize fit --columns text=title -o v.npz twice.csv
1 say twice.csv     xmr-featurize fit --columns text -o v.npz twice.csv
1 say ragged.csv:2  xmr-featurize fit --columns text=t -o v.npz ragged.csv
1 say open.csv:2    xmr-featurize fit --columns text=t -o v.npz open.csv
1 run objects.csv:2 xmr-featurize labels --columns labels=l -o l.txt objects.csv
1 say objects.jsonl:1 xmr-featurize labels --columns labels=l -o l.txt objects.jsonl
1 run python.jsonl:1  xmr-featurize labels --columns labels=l -o l.txt python.jsonl
1 run wrapped.json  xmr-featurize labels --columns labels=l -o l.txt wrapped.json
1 run pandas.json:1 xmr-featurize labels --columns labels=l -o l.txt pandas.json
1 run cut.json      xmr-featurize labels --columns labels=l -o l.txt cut.json
1 say blank.tsv:1   xmr-featurize fit -o v.npz blank.tsv
1 say comma.txt:1   xmr-featurize fit -o v.npz comma.txt
1 say ft.txt:1      xmr-featurize fit -o v.npz ft.txt
1 say far.tsv:2     xmr-featurize apply -f vec.npz -x x.npz -y y.npz --labels labels.txt far.tsv
1 say key.tsv:1     xmr-featurize apply -f vec.npz -x x.npz -y y.npz --labels labels.txt --label-keys key.tsv
1 say key.tsv:1     xmr-featurize apply -f vec.npz -x x.npz -y y.npz --labels labels.txt key.tsv
1 say weight.tsv:1  xmr-featurize apply -f vec.npz -x x.npz -y y.npz weight.tsv
1 say gap.tsv:1     xmr-featurize apply -f vec.npz -x x.npz -y y.npz gap.tsv
1 say same.txt:2    xmr-featurize apply -f vec.npz -x x.npz -y y.npz --labels same.txt train.tsv
1 say empty-key.txt:2 xmr-featurize apply -f vec.npz -x x.npz -y y.npz --labels empty-key.txt train.tsv
1 run Y.npz         xmr-featurize apply -f vec.npz -x x.npz -y y.npz --labels labels.txt --columns id,text --qrels Y.npz far.tsv
1 run rows.xmc      xmr-featurize import -x x.npz -y y.npz rows.xmc
1 say one.xmc:2     xmr-featurize import -x x.npz -y y.npz one.xmc
1 run classes.svm:1 xmr-featurize import -x x.npz -y y.npz classes.svm
1 say nan.svm:1     xmr-featurize import -x x.npz -y y.npz nan.svm
1 say value.svm:1   xmr-featurize import --format svmlight -x x.npz -y y.npz value.svm
1 say train.tsv:1   xmr-featurize import -x x.npz -y y.npz train.tsv
1 say X.npz         xmr-featurize import -x x.npz -y y.npz X.npz
1 run log.tsv:2     xmr-featurize sessions -o p.tsv --labels l.txt log.tsv
1 run log-header.tsv:1 xmr-featurize sessions -o p.tsv --labels l.txt log-header.tsv
1 run nan.npz:.member.data xmr-index -x nan.npz -y Y.npz -o t.npz
1 run nan.npy       xmr-index -x nan.npy -y Y.npz -o t.npz
1 run classes.npy   xmr-index -x X.npz -y classes.npy -o t.npz
1 say cube.npy      xmr-index -x X.npz -y cube.npy -o t.npz
1 run big.npy       xmr-index -x big.npy -y Y.npz -o t.npz
1 say fields.npy    xmr-index -x fields.npy -y Y.npz -o t.npz
1 say two.npz       xmr-index -x two.npz -y Y.npz -o t.npz
1 say complex.npz:.member.data xmr-index -x complex.npz -y Y.npz -o t.npz
1 say short.npz     xmr-index -x short.npz -y Y.npz -o t.npz
1 say negative.npz:.row.0 xmr-index -x X.npz -y negative.npz -o t.npz
1 say wide.npz      xmr-predict -m bare.npz -x wide.npz
2 say bare.npz      xmr-predict -m bare.npz train.tsv
1 say X.npz         xmr-predict -m model.npz X.npz
1 run head.tsv:1    xmr-eval -y Y.npz head.tsv
1 run P.csv:1       xmr-eval -y Y.npz P.csv
1 run zero.tsv:1    xmr-eval -y Y.npz zero.tsv
1 run order.tsv:2   xmr-eval -y Y.npz order.tsv
1 run label.tsv:2   xmr-eval -y Y.npz label.tsv
1 run score.tsv:1   xmr-eval -y Y.npz score.tsv
1 run decimal.tsv:1 xmr-eval -y Y.npz decimal.tsv
1 say head.tsv.rows:1 xmr-eval -y Y.npz --labels labels.txt head.tsv.rows
1 say P.tsv:1       xmr-eval -y Y.npz P.tsv
1 say run.trec:1    xmr-eval -y Y.npz run.trec
1 run P.npz         xmr-eval --qrels Y.qrels P.npz
1 run P.tsv         xmr-eval --qrels Y.qrels P.tsv
1 run run.json      xmr-eval --qrels Y.qrels run.json
1 run qrels.json    xmr-eval --qrels qrels.json run.trec
1 run Y.npz         xmr-eval --qrels Y.npz run.trec
1 run nan.trec:1    xmr-eval --qrels Y.qrels nan.trec
1 run twice.trec:2  xmr-eval --qrels Y.qrels twice.trec
2 say --metrics     xmr-eval -y Y.npz --metrics p@1 P.npz
END
[ $count -ge 75 ] || fail "only $count cases"

it "writes files that are read after the hint"
expect_ok xmr-eval -q -y Y.npz head.tsv.rows
expect_ok xmr-eval -q -y Y.npz P.csv.tsv
expect_ok xmr-eval -q -y Y.npz zero.tsv.ranked
expect_ok xmr-eval -q -y Y.npz order.tsv.sorted
expect_ok xmr-eval -q -y Y.npz label.tsv.unique
expect_ok xmr-eval -q -y Y.npz score.tsv.finite
expect_ok xmr-eval -q -y Y.npz decimal.tsv.tsv
expect_ok xmr-eval -q --qrels Y.qrels P.trec
expect_ok xmr-eval -q --qrels qrels.json.qrels run.json.trec
expect_ok xmr-eval -q --qrels Y.qrels nan.trec.txt
expect_ok xmr-eval -q --qrels Y.qrels twice.trec.txt
expect_ok xmr-featurize import -q -x x.npz -y y.npz classes.svm.ids
expect_ok xmr-featurize import -q --format svmlight -x x.npz -y y.npz rows.xmc.svm
for X in m.pkl.npz m.mat.npz m.mtx.npz nan.npz.finite.npz big.npy.npz; do expect_ok xmr-index -q -x $X -y Y.npz -o t.npz; done
expect_ok xmr-index -q -x X.npz -y classes.npy.npz -o t.npz
for file in objects.csv.jsonl python.jsonl.jsonl wrapped.json.jsonl pandas.json.jsonl cut.json.jsonl; do
  expect_ok xmr-featurize labels -q --columns labels=l -o l.txt $file
done
