#!/bin/bash
# Files of TREC in and out: runs, qrels, and the ids of rows through all tools.
. "$(dirname "$0")/lib.sh"

printf 'd1\nd2\nd3\n' > labels.txt
printf 'q7\tred tea\nq3\tgreen pot\nq5\tblue lamp\nq9\tnothing\n' > queries.tsv
printf 'q3 0 d2 1\nq7 0 d1 2\nq7 0 d3 0\nq5 0 d3 1\nq1 0 d1 1\n' > qrels.txt
columns='--columns id,text'

it "makes Y of qrels by the ids of rows"
expect_ok xmr-featurize fit -q $columns --word 1 -o vec.npz queries.tsv
expect_exit 0 "xmr-featurize: warning: qrels.txt: 1 judgements are of other queries, the first of 'q1'; they are left out" \
  xmr-featurize apply -f vec.npz $columns --qrels qrels.txt --labels labels.txt --ids ids.txt -x X.npz -y Y.npz queries.tsv
expect_ok cat ids.txt
expect_stdout $'q7\nq3\nq5\nq9'
expect_ok xmr-inspect convert Y.npz --ids ids.txt --labels labels.txt -o Y.qrels
expect_ok cat Y.qrels
expect_stdout $'q7 0 d1 2\nq3 0 d2 1\nq5 0 d3 1'
expect_ok xmr-featurize apply -f vec.npz $columns --qrels Y.qrels --labels labels.txt -x X2.npz -y Y2.npz queries.tsv
expect_same Y.npz Y2.npz

it "refuses qrels and ids that do not fit"
printf 'q3 0 d8 1\n' > bad.txt
refuse() {
  local code=$1 message=$2
  shift 2
  expect_exit "$code" "xmr-featurize: error: $message" xmr-featurize apply -f vec.npz -x X3.npz -y Y3.npz --labels labels.txt "$@"
}
refuse 1 "bad.txt:1: 'd8' is not the key of a label
hint: --labels must list each document: awk '\$NF == \$NF + 0 {print \$(NF - 1)}' bad.txt | sort -u > documents.txt" $columns --qrels bad.txt queries.tsv
refuse 2 "--ids and --qrels: no column is named id
hint: --columns id,text" --columns -,text --qrels qrels.txt queries.tsv
cat queries.tsv queries.tsv > twice.tsv
refuse 1 "twice.tsv:5: id 'q7' is repeated; row 0 has it" $columns --qrels qrels.txt twice.tsv

it "writes a run with the ids of a column, or of a file"
xmr-index -q -x X.npz -y Y.npz -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
expect_ok xmr-predict -m model.npz $columns -k 2 --format trec --tag mine queries.tsv
cp "$scratch/out" run.trec
expect_ok cut -d ' ' -f 1-4,6 run.trec
expect_stdout 'q7 Q0 d1 1 mine
q7 Q0 d3 2 mine
q3 Q0 d2 1 mine
q3 Q0 d1 2 mine
q5 Q0 d3 1 mine
q5 Q0 d1 2 mine
q9 Q0 d1 1 mine
q9 Q0 d3 2 mine'
expect_ok xmr-predict -m model.npz -x X.npz --ids ids.txt -k 2 --tag mine -o features.trec
expect_same run.trec features.trec
expect_ok xmr-predict -m model.npz $columns -k 1 --format jsonl queries.tsv
grep -q '^{"row":1,"id":"q3","labels":\[{"key":"d2",' "$scratch/out" || fail "$(cat "$scratch/out")"
expect_exit 2 'xmr-predict: error: --ids: names the rows of -x; ids of text are its column id
hint: --columns id,text' xmr-predict -m model.npz --ids ids.txt --format trec queries.tsv

it "converts runs and predictions both ways"
expect_ok xmr-predict -m model.npz -x X.npz -k 2 -o P.npz
expect_ok xmr-inspect convert P.npz --ids ids.txt --labels labels.txt -o P.trec
expect_ok xmr-inspect convert P.trec --ids ids.txt --labels labels.txt -o P2.npz
expect_ok xmr-inspect convert P2.npz --ids ids.txt --labels labels.txt -o P2.trec
expect_same P.trec P2.trec
expect_ok xmr-eval -y Y.npz P.npz P2.npz --metrics ndcg-linear@2 map@2 --empty-rows keep --format tsv
expect_stdout 'predictions	ndcg-linear@2	map@2
P.npz	0.75	0.75
P2.npz	0.75	0.75'

sed -i '/^q9/d' run.trec

it "judges runs by qrels, ranked as by trec_eval"
printf 'q3 Q0 d2 2 1.0 t\nq3 Q0 d9 1 1.0 t\nq7\tQ0\td3\t1\t5\tt\nq7\tQ0\td1\t1\t4\tt\nq8 Q0 d1 1 1 t\n' > other.run
expect_exit 0 "xmr-eval: warning: other.run: 1 answers are to queries without judgements, the first to 'q8'; they are left out" \
  xmr-eval --qrels qrels.txt run.trec other.run --metrics map@2 ndcg-linear@2 --per-row rows.tsv
expect_stdout '           map@2  ndcg-linear@2
run.trec   75.00          75.00
other.run  25.00          31.55'
grep -q '^other.run	q7	1	2	0.5	' rows.tsv || fail "$(cat rows.tsv)"
expect_exit 0 "" xmr-eval --qrels qrels.txt run.trec --metrics map@2 --judged-only --format tsv
expect_stdout 'predictions	map@2
run.trec	0.75'
gzip -k qrels.txt
expect_ok xmr-eval --qrels qrels.txt.gz run.trec --metrics map@2 --format tsv
expect_ok xmr-eval -y Y.npz run.trec --ids ids.txt --labels labels.txt --empty-rows keep --metrics map@2 --format tsv
expect_stdout 'predictions	map@2
run.trec	0.75'

it "says what is wrong with a run, and how to go on"
expect_exit 1 "xmr-eval: error: run.trec:1: 'q7' is not a row number
hint: --ids names the file of the ids of the rows, one a line" xmr-eval -y Y.npz run.trec
expect_exit 1 "xmr-eval: error: P.npz: is a file of arrays, text of TREC is needed
hint: xmr-inspect convert P.npz --ids ids.txt --labels labels.txt -o P.trec" xmr-eval --qrels qrels.txt P.npz
expect_exit 2 "xmr-eval: error: -y, --qrels or --truth-text is needed: the truth" xmr-eval run.trec
printf 'q3 0 d2 -1\n' > none.txt
expect_exit 1 "xmr-eval: error: none.txt: holds no judgement" xmr-eval --qrels none.txt run.trec
printf 'a key\nb\nc\n' > blanks.txt
expect_exit 1 "xmr-inspect: error: the key of a label, 'a key' cannot stand in a file of TREC, whose fields are separated by blanks" \
  xmr-inspect convert P.npz --labels blanks.txt -o bad.trec

it "says how judgements in another form are brought into that of TREC"
printf 'q1 Q0 d1 1 0.5 r\nq1 Q0 d2 2 0.4 r\n' > two.trec
printf '{"qid": "q1", "docid": "d2"}\n' > j.jsonl
printf '{"q1": {"d2": 1}}\n' > j.json
printf 'query-id,corpus-id,score\nq1,d2,1\n' > j.csv
printf 'q1\td2\n' > j.pairs
for form in jsonl json csv pairs; do
  run xmr-eval --qrels j.$form two.trec
  [ $status -eq 1 ] || fail "exit code $status"
  sed -n 's/^hint: //p' "$scratch/err" > hint.sh
  expect_ok bash -e hint.sh
  expect_ok xmr-eval --qrels "$(sed 's/.*> //' hint.sh)" two.trec --metrics mrr@2 --format tsv
  expect_stdout 'predictions	mrr@2
two.trec	0.5'
done
