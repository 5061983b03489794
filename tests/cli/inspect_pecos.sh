#!/bin/bash
# xmr-inspect import-pecos and export-pecos.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-inspect: error: $1"; }

printf '0,2\tred echo\n1\techo dot\n0\tred echo dot\n2\tblue dot\n' > train.tsv
printf '%s\n' a b c > labels.txt
expect_ok xmr-featurize fit --word 1 -o vec.npz train.tsv
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz train.tsv
expect_ok xmr-index -x X.npz -y Y.npz --max-leaf 2 -o tree.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt --weight-type f4 -o model.npz

# The TF-IDF of PECOS that makes what vec.npz makes, from the words and idf of it.
mkdir -p tfidf/0.base/tokenizer tfidf/0.base/vectorizer
echo '{"type": "tfidf", "kwargs": {"num_base_vect": 1, "norm_p": 2}}' > tfidf/meta.json
echo '{"token_type": 10}' > tfidf/0.base/tokenizer/config.json
echo '{"type": "tfidf", "kwargs": {"ngram_range": [1, 1], "max_length": -1, "binary": false, "use_idf": true,
  "sublinear_tf": false, "norm_p": "l2"}}' > tfidf/0.base/vectorizer/config.json
printf '4\n0\tdot\n1\techo\n2\tred\n3\tblue\n' > tfidf/0.base/tokenizer/vocab.txt
printf '4\n0\t1.223144\t1\t0\n1\t1.223144\t1\t1\n2\t1.510826\t1\t2\n3\t1.916291\t1\t3\n' \
  > tfidf/0.base/vectorizer/tfidf-model.txt

it "writes a model that PECOS can load, and reads it back with the same answers"
expect_ok xmr-inspect export-pecos model.npz -o pecos
expect_ok sh -c 'echo $(find pecos -type f | sort)'
expect_stdout "pecos/param.json pecos/ranker/0.model/C.npz pecos/ranker/0.model/W.npz pecos/ranker/0.model/param.json \
pecos/ranker/1.model/C.npz pecos/ranker/1.model/W.npz pecos/ranker/1.model/param.json pecos/ranker/param.json"
expect_ok xmr-inspect import-pecos pecos -f tfidf --labels labels.txt -o back.npz
expect_ok xmr-inspect verify back.npz
expect_ok xmr-inspect import-pecos pecos -o plain.npz
expect_ok sh -c 'for m in model plain; do xmr-predict -m $m.npz --ties margin -x X.npz | cut -f 1-3 > $m.tsv; done; cmp model.tsv plain.tsv'
expect_ok sh -c 'echo "red echo" | xmr-predict -m model.npz > a.tsv; echo "red echo" | xmr-predict -m back.npz > b.tsv
  awk "NR == FNR { score[\$4] = \$3; next } (score[\$4] - \$3) ^ 2 > 1e-10 { exit 1 }" a.tsv b.tsv'
expect_exit 1 "$(error 'pecos: exists, and is not an empty folder')" xmr-inspect export-pecos model.npz -o pecos
no_leftovers

it "reads a text2text model with its texts as keys"
mkdir -p t2t/xlinear_ensemble
cp -r pecos t2t/xlinear_ensemble/0
cp -r tfidf t2t/preprocessor
echo '["a", "bee", "c"]' > t2t/output_items.json
expect_ok xmr-inspect import-pecos t2t -o t2t.npz
expect_ok sh -c 'echo "red echo" | xmr-predict -m t2t.npz -k 1 | cut -f 4'
expect_stdout a
expect_ok sh -c 'echo "red echo" | xmr-predict -m t2t.npz -k 3 | cut -f 4 | grep -qx bee'

it "takes one model of an ensemble"
cp -r pecos t2t/xlinear_ensemble/1
expect_exit 2 "$(error 't2t: is an ensemble of 2 models; --member selects one, 0..1')
hint: import each, then: xmr-predict -m 0.npz -m 1.npz ... --combine average" xmr-inspect import-pecos t2t -o x.npz
expect_exit 2 "$(error '--member: t2t has 0..1')" xmr-inspect import-pecos t2t --member 2 -o x.npz
expect_ok xmr-inspect import-pecos t2t --member 1 -o member.npz
expect_same t2t.npz member.npz

it "reads a vectorizer alone"
expect_ok xmr-inspect import-pecos tfidf -o tfidf.npz
expect_ok xmr-featurize apply -f tfidf.npz -x X2.npz -y Y2.npz train.tsv
expect_ok xmr-predict -m back.npz -x X2.npz -o P.npz

it "refuses what does not fit"
expect_exit 2 "$(error '--labels: tfidf is a vectorizer, which has no labels')" \
  xmr-inspect import-pecos tfidf --labels labels.txt -o x.npz
expect_exit 2 "$(error '--vectorizer: t2t holds its own')" xmr-inspect import-pecos t2t --member 0 -f tfidf -o x.npz
expect_exit 2 "$(error '--member: pecos is not an ensemble')" xmr-inspect import-pecos pecos --member 0 -o x.npz
mkdir empty
expect_exit 1 "$(error 'empty: is not a folder of PECOS: it has neither ranker/ (XR-Linear), xlinear_ensemble/ (text2text), meta.json nor vectorizer/ (TF-IDF)')" \
  xmr-inspect import-pecos empty -o x.npz
printf 'a\nb\n' > two.txt
expect_exit 1 "$(error 'two.txt: 2 labels, but pecos has 3')" xmr-inspect import-pecos pecos --labels two.txt -o x.npz
sed -i 's/l3-hinge/l9-hinge/' pecos/ranker/*.model/param.json
expect_exit 1 "$(error "pecos/ranker/0.model/param.json: post-processor: 'l9-hinge' is not one of l1-hinge, l2-hinge, l3-hinge, l4-hinge, log-l1-hinge, log-l2-hinge, log-l3-hinge, log-l4-hinge, sigmoid, log-sigmoid, noop")
hint: PECOS takes an unknown one for noop" xmr-inspect import-pecos pecos -o x.npz
echo '["a", "a", "c"]' > t2t/output_items.json
expect_exit 1 "$(error 't2t/output_items.json: item 1: is the same as item 0')
hint: give the labels other names with --labels" xmr-inspect import-pecos t2t --member 0 -o x.npz
[ ! -e x.npz ] || fail "x.npz was written"
expect_exit 1 "$(error 'nothing: cannot open: No such file or directory')" xmr-inspect import-pecos nothing -o x.npz
expect_exit 2 "$(error '-o: a folder cannot be written to stdout')" \
  xmr-inspect export-pecos model.npz -o -

# A folder with model/, preprocessor/, queries.txt, X.npz and PECOS's predictions of these.
[ -n "${XMR_PECOS:-}" ] || exit 0
it "answers like PECOS itself"
expect_ok xmr-inspect import-pecos "$XMR_PECOS/model" -f "$XMR_PECOS/preprocessor" -o real.npz
for predictions in "$XMR_PECOS"/predictions.*.beam5.top10.npz; do
  name=$(basename "$predictions" .beam5.top10.npz)
  expect_ok xmr-predict -m real.npz --beam 5 --post-processor "${name#predictions.}" -o ours.npz "$XMR_PECOS/queries.txt"
  expect_ok /usr/bin/python3 -c '
import numpy, sys
ours, theirs = numpy.load("ours.npz"), numpy.load(sys.argv[1])
for member in "indptr", "indices":
    assert (ours[member] == theirs[member]).all(), member
assert abs(ours["data"] - theirs["data"]).max() < 1e-5' "$predictions"
done
