#!/bin/bash
# xmr-eval: metrics of an example worked by hand, every form of predictions, what is refused.
. "$(dirname "$0")/lib.sh"

# Hits at places 1 and 3 of {1, 2, 3}; at place 2 of {5}; nothing known; no answer.
printf '1,2,3\tone\n5\ttwo\n\tthree\n6,8\tfour\n' > rows.tsv
printf 'key%d\n' 0 1 2 3 4 5 6 7 8 9 10 11 > labels.txt
expect_ok xmr-featurize fit --word 1 -o vec.npz rows.tsv
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels labels.txt rows.tsv
printf '0\t1\t0.9\t1\n0\t2\t0.5\t4\n0\t3\t0.4\t2\n1\t1\t0.7\t7\n1\t2\t0.2\t5\n2\t1\t0.8\t0\n' > p.tsv
cat > p.jsonl <<'END'
{"row":0,"labels":[{"key":"1","score":0.9},{"key":"4","score":0.5},{"key":"2","score":0.4}]}
{"row":1,"labels":[{"key":"7","score":0.7},{"key":"5","score":0.2}]}
{"row":2,"labels":[{"key":"0","score":0.8}]}
{"row":3,"labels":[]}
END

it "computes the example worked by hand"
expect_ok xmr-eval -y Y.npz p.tsv --metrics p@1,3 r@3 ndcg@3 mrr@3 coverage@3
expect_stdout '         p@1    p@3    r@3  ndcg@3  mrr@3  coverage@3
p.tsv  25.00  25.00  41.67   33.37  37.50       50.00'

it "knows the form of predictions from the bytes, on a pipe too"
expect_ok xmr-eval -y Y.npz p.tsv p.jsonl --metrics p@1 --format tsv
expect_stdout 'predictions	p@1
p.tsv	0.25
p.jsonl	0.25'
expect_ok sh -c 'cat p.jsonl | xmr-eval -y Y.npz --metrics p@1 --format tsv'
expect_stdout 'predictions	p@1
<stdin>	0.25'
expect_ok sh -c 'cat Y.npz | xmr-eval -y - p.tsv --metrics p@1 --format json'
expect_stdout '{"predictions":"p.tsv","rows":4,"p@1":0.25}'

it "reads keys with the help of labels.txt"
sed 's/\t\([0-9]*\)$/\tkey\1/' p.tsv > keys.tsv
expect_ok xmr-eval -y Y.npz --labels labels.txt keys.tsv --metrics p@1 --format json
expect_stdout '{"predictions":"keys.tsv","rows":4,"p@1":0.25}'
expect_exit 1 "xmr-eval: error: keys.tsv:1: 'key1' is not a label id
hint: --labels names the labels.txt whose keys these are" xmr-eval -y Y.npz keys.tsv
expect_exit 1 "xmr-eval: error: p.tsv:1: '1' is not the key of a label
hint: --labels takes the labels.txt of the model that was asked" xmr-eval -y Y.npz --labels labels.txt p.tsv
head -11 labels.txt > short.txt
expect_exit 1 "xmr-eval: error: short.txt: 11 labels, but Y.npz has 12" xmr-eval -y Y.npz --labels short.txt p.tsv
{ cat labels.txt; echo another; } > long.txt
expect_exit 1 "xmr-eval: error: long.txt: 13 labels, but Y.npz has 12
hint: xmr-featurize apply --labels makes Y as wide as labels.txt" xmr-eval -y Y.npz --labels long.txt keys.tsv
xmr-inspect convert keys.tsv --labels long.txt -o wide.npz
expect_exit 1 "xmr-eval: error: wide.npz: holds 3 rows x 13 labels, 4 x 12 are expected
hint: xmr-featurize apply --labels makes Y as wide as labels.txt" xmr-eval -y Y.npz wide.npz

it "computes psp with the propensities of the training rows"
expect_ok xmr-eval -y Y.npz --train-y Y.npz p.tsv --metrics psp@3 --format json
expect_stdout '{"predictions":"p.tsv","rows":4,"psp@3":0.5}'
expect_exit 2 "xmr-eval: error: psp@1 needs --train-y
hint: propensities are computed from the training rows" xmr-eval -y Y.npz p.tsv --metrics psp@1

it "grades answers by the weights of Y"
/usr/bin/python3 - <<'END'
import numpy
y = numpy.zeros((3, 5), numpy.float32)
y[0, [0, 1, 2, 3]] = 3, 1, 2, -1
y[1, 4] = 1
numpy.save("G.npy", y)
END
printf '0\t1\t9\t1\n0\t2\t8\t3\n0\t3\t7\t4\n0\t4\t6\t0\n1\t1\t9\t4\n2\t1\t9\t4\n' > g.tsv
expect_exit 0 "xmr-eval: warning: G.npy: 1 of 3 rows have no relevant label and gain 0; --empty-rows skip leaves them out, \
keep counts them without this warning" xmr-eval -y G.npy g.tsv --metrics p@1
expect_exit 0 "" xmr-eval -y G.npy g.tsv --empty-rows skip --per-row rows.out --per-label labels.out \
  --metrics ndcg-linear@4 ndcg-exp@4 err@4 map@4 r-cap@2 r-prec@4 macro-p@4
expect_stdout '       ndcg-linear@4  ndcg-exp@4  err@4  map@4  r-cap@2  r-prec@4  macro-p@4
g.tsv          74.07       71.37  22.07  75.00    75.00     66.67      62.50'
expect_exit 0 "" xmr-eval -y G.npy g.tsv --empty-rows keep --metrics map@4 --format tsv
expect_stdout 'predictions	map@4
g.tsv	0.5'
expect_golden rows.tsv rows.out
expect_golden labels.tsv labels.out
expect_exit 0 "" xmr-eval -y G.npy g.tsv --empty-rows keep --judged-only --metrics map@4 p@3 --format tsv
expect_stdout 'predictions	map@4	p@3
g.tsv	0.5185185185185185	0.3333333333333333'
expect_exit 2 'xmr-eval: error: --per-label: needs coverage, macro-p, macro-r or macro-f1 among the metrics' \
  xmr-eval -y G.npy g.tsv --metrics p@1 --per-label labels.out
expect_exit 2 'xmr-eval: error: --per-row: no metric is a sum over rows
hint: xmr-eval --metrics p@1 r@10 --per-row rows.tsv ...' xmr-eval -y G.npy g.tsv --metrics coverage@1 --per-row rows.out

it "gives the same intervals for any number of threads"
for threads in 1 2 7; do
  expect_ok xmr-eval -y Y.npz p.tsv --metrics p@1 mrr@3 --bootstrap 200 -s 3 -j $threads --format json
  cp "$scratch/out" intervals.$threads
done
expect_same intervals.1 intervals.2
expect_same intervals.1 intervals.7
grep -q '"intervals":{"p@1":\[0.0,0.75\]' intervals.1 || fail "no intervals: $(cat intervals.1)"

it "warns of metrics that look deeper than every list"
expect_exit 0 "xmr-eval: warning: p.tsv: r@10 was asked for, but no row has more than 3 answers" \
  xmr-eval -y Y.npz p.tsv --metrics p@1 r@10 --empty-rows keep
expect_exit 0 "" xmr-eval -q -y Y.npz p.tsv --metrics p@1 r@10

it "warns of scores that rise with the rank"
printf '0\t1\t0.25\t1\n0\t2\t0.75\t0\n1\t1\t0.5\t2\n' > rising.tsv
expect_exit 0 "xmr-eval: warning: rising.tsv: the last answer of row 0 has a larger score than the first, and so in 1 rows; \
answers count in the order of the file, not by score" xmr-eval -y Y.npz rising.tsv --metrics p@1 --empty-rows keep

it "refuses unknown metrics and lists those that exist"
documented=$(sed -n 's/^| `\([a-z0-9-]*@k\)` |.*/\1/p' "$root/docs/xmr-eval.md" | paste -sd, | sed 's/,/, /g')
expect_exit 2 "xmr-eval: error: 'hits@5' is not a metric; allowed are $documented with k from 1 on
hint: several k of one metric: p@1,3,5" xmr-eval -y Y.npz p.tsv --metrics hits@5
expect_exit 2 "xmr-eval: error: --metrics: 'p.tsv' is a file, not a metric
hint: prediction files come before --metrics" xmr-eval -y Y.npz --metrics p@1 p.tsv

it "refuses predictions that do not fit Y"
printf '4\t1\t1\t0\n' > row.tsv
expect_exit 1 "xmr-eval: error: row.tsv:1: row 4 is outside 0..3
hint: rows count from 0; -y takes the labels of the rows that were predicted" xmr-eval -y Y.npz row.tsv
head -3 p.jsonl > rows.jsonl
expect_exit 1 "xmr-eval: error: rows.jsonl: holds 3 rows x 12 labels, 4 x 12 are expected
hint: -y takes the labels of the rows that were predicted" xmr-eval -y Y.npz rows.jsonl
printf '0\t1\t0.9\t1\n0\t2\t0.5\t1\n' > twice.tsv
expect_exit 1 "xmr-eval: error: twice.tsv:2: a label that row 0 has already
hint: awk -F '\\t' -v OFS='\\t' '!seen[\$1, \$4]++ {\$2 = ++n[\$1]; print}' twice.tsv > twice.tsv.unique" xmr-eval -y Y.npz twice.tsv
printf '0\t1\t0.9\t1\n0\t3\t0.5\t2\n' > rank.tsv
expect_exit 1 "xmr-eval: error: rank.tsv:2: rank 3 where 2 comes next in row 0
hint: sort -s -n -k 1,1 -k 2,2 rank.tsv > rank.tsv.sorted" xmr-eval -y Y.npz rank.tsv
printf '0\t1\tnan\t1\n' > nan.tsv
expect_exit 1 "xmr-eval: error: nan.tsv:1: the score is not a finite number
hint: awk -F '\\t' -v OFS='\\t' 'tolower(\$3) !~ /nan|inf/ {\$2 = ++n[\$1]; print}' nan.tsv > nan.tsv.finite" xmr-eval -y Y.npz nan.tsv

it "refuses files that are no predictions"
printf 'text\n' | xmr-featurize fit -q --columns text -o vec.npz
expect_exit 1 "xmr-eval: error: vec.npz: is a vectorizer, not predictions
hint: xmr-predict -o P.npz makes predictions" xmr-eval -y Y.npz vec.npz
: > empty
expect_exit 1 "xmr-eval: error: empty: holds no predictions
hint: xmr-predict -m model.npz -x X.npz -o P.npz writes them" xmr-eval -y Y.npz empty
expect_exit 1 "xmr-eval: error: none: cannot open: No such file or directory" xmr-eval -y Y.npz none
expect_exit 1 "xmr-eval: error: .: cannot read: Is a directory" xmr-eval -y Y.npz .
expect_exit 2 "xmr-eval: error: -: given 2 times, but stdin can be used once" xmr-eval -y - -

it "compares files with the first one"
sed 's/^1\t1\t0.7\t7$/1\t1\t0.7\t5/; s/^1\t2\t0.2\t5$/1\t2\t0.2\t7/' p.tsv > better.tsv
expect_ok xmr-eval -y Y.npz p.tsv better.tsv --metrics p@1 coverage@3 --compare --format tsv
cp "$scratch/out" differences
expect_ok sh -c 'cut -f1-3,6- differences | tail -1'
expect_stdout 'better.tsv	0.5	0.25	0.6053946053946054	0.5				'
expect_exit 2 'xmr-eval: error: --compare needs at least two files' xmr-eval -y Y.npz p.tsv --compare

it "shows answers side by side"
expect_ok xmr-eval -y Y.npz p.tsv better.tsv --side-by-side - --texts rows.tsv --rows 0:2 -k 2
expect_stdout '0	one
  p.tsv    better.tsv
+ 1      + 1
  4        4
  not found: 2, 3

1	two
  p.tsv    better.tsv
  7      + 5
+ 5        7'
expect_ok xmr-eval -y Y.npz p.tsv --metrics p@1 --side-by-side page.html --sample-rows 2
expect_stdout '         p@1
p.tsv  25.00'
[ "$(grep -c '<h2>' page.html)" = 2 ] || fail "$(grep -c '<h2>' page.html) rows on the page instead of 2"
expect_exit 1 'xmr-eval: error: --rows: row 7 is not there: there are 4 rows' \
  xmr-eval -y Y.npz p.tsv --side-by-side - --rows 3,7
expect_exit 2 'xmr-eval: error: --rows requires --side-by-side
hint: xmr-eval --help lists the options' xmr-eval -y Y.npz p.tsv --rows 3
head -2 rows.tsv > short.tsv
expect_exit 1 'xmr-eval: error: short.tsv: 2 rows, row 3 is to be shown' \
  xmr-eval -y Y.npz p.tsv --side-by-side - --texts short.tsv --rows 3

it "refuses options that nothing reads"
refuse() { expect_exit 2 "xmr-eval: error: $1" xmr-eval -y Y.npz p.tsv better.tsv "${@:2}"; }
for option in '--metrics p@1' '--bootstrap 10' --compare '--format json' '--train-y Y.npz' '--pairs rows.tsv' '--split seen-pair'; do
  refuse "${option% *}: --side-by-side - shows answers in place of metrics" --side-by-side - $option
done
refuse '--train-y: needs psp or psndcg among the metrics, or --split label-frequency' --train-y Y.npz
refuse '--propensity-a: neither psp nor psndcg is among the metrics' --train-y Y.npz --split label-frequency --propensity-a 0.5
refuse '--pairs: neither a metric nor --split reads them' --pairs rows.tsv
refuse '--train-pairs: needs --split seen-previous or seen-pair' --train-pairs rows.tsv

it "judges completions by their requests, all of them and in groups"
printf 'x\tr\tred\n\tgreen\tgreen apple\n' > pairs.tsv
printf 'x\tr\tred\n' > train-pairs.tsv
printf 'red\ngreen apple\n' > names.txt
printf '0\tx\n1\tx\n' > rows.tsv
xmr-featurize fit -q --word 1 -o vec2.npz rows.tsv
xmr-featurize apply -q -f vec2.npz -x X2.npz -y Y2.npz rows.tsv
printf '0\t1\t1\tred\n1\t1\t1\tgreen apple\n' > right.tsv
expect_ok xmr-eval -y Y2.npz right.tsv --labels names.txt --pairs pairs.tsv --train-pairs train-pairs.tsv \
  --split seen-pair --metrics success@1 keystrokes@1 bleu@1
expect_stdout '           success@1  keystrokes@1  bleu@1
right.tsv     100.00         57.14   24.70

pair seen: 1 rows
           success@1  keystrokes@1  bleu@1
right.tsv     100.00         66.67   17.78

pair unseen: 1 rows
           success@1  keystrokes@1  bleu@1
right.tsv     100.00         54.55   31.62'
expect_exit 2 'xmr-eval: error: bleu@1 needs --pairs' xmr-eval -y Y2.npz right.tsv --metrics bleu@1
expect_exit 2 'xmr-eval: error: --split seen-pair needs --train-pairs' \
  xmr-eval -y Y2.npz right.tsv --pairs pairs.tsv --split seen-pair
expect_exit 2 'xmr-eval: error: coverage@1 is not a sum over rows and cannot be split' \
  xmr-eval -y Y2.npz right.tsv --pairs pairs.tsv --split prefix-length --metrics coverage@1
expect_exit 1 'xmr-eval: error: train-pairs.tsv: 1 rows, but there are 2 of labels' \
  xmr-eval -y Y2.npz right.tsv --labels names.txt --pairs train-pairs.tsv --metrics keystrokes@1
