#!/bin/bash
# xmr-inspect split, xmr-predict --below and merge: a model in pieces answers as the whole one does.
. "$(dirname "$0")/lib.sh"

tags=$data/debian-tags
expect_ok xmr-featurize fit --word 1 --min-df 2 -o vec.npz $tags/train.tsv
expect_ok xmr-featurize apply -f vec.npz --labels $tags/labels.txt -x X.npz -y Y.npz $tags/train.tsv
expect_ok xmr-featurize apply -f vec.npz --labels $tags/labels.txt -x T.npz -y TY.npz $tags/test.tsv
expect_ok xmr-index -x X.npz -y Y.npz --max-leaf 10 --branching 4 -o tree.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels $tags/labels.txt -o model.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --threshold 0.2 -o other.npz
expect_ok xmr-predict -m model.npz -x T.npz -k 7 -o whole.npz
expect_ok xmr-predict -m model.npz -x T.npz -k 7 -o whole.tsv

# ask FOLDER NODES K PREFIX: each shard of the folder.
ask() {
  for shard in "$1"/shard-*.npz; do
    name=${shard##*shard-}
    expect_ok xmr-predict -m "$shard" -x T.npz --below "$2" -k "$3" -o "$4-$name"
  done
}

it "answers with the bytes of the whole model, in any number of shards"
for n in 1 3 8; do
  expect_ok xmr-inspect split model.npz --shards $n -o pieces-$n
  expect_ok xmr-inspect verify pieces-$n/*.npz
  expect_ok xmr-inspect show pieces-$n/shard-0.npz
  expect_ok xmr-predict -m pieces-$n/top.npz -x T.npz -k 10 -o nodes.npz
  ask pieces-$n nodes.npz 7 part-$n
  expect_ok xmr-inspect verify nodes.npz part-$n-*.npz
  expect_ok xmr-predict merge part-$n-*.npz -o merged.npz
  expect_same whole.npz merged.npz
  expect_ok xmr-predict merge part-$n-*.npz --labels $tags/labels.txt -o merged.tsv
  expect_same whole.tsv merged.tsv
done
[ "$(cat pieces-8/shard-*.npz | wc -c)" -lt $((2 * $(stat -c %s model.npz))) ] || fail "the shards are larger than the model"

it "splits the same way each time, and a top that is too large once more"
expect_ok xmr-inspect split model.npz --shards 3 -o again
for f in top shard-0 shard-1 shard-2; do expect_same pieces-3/$f.npz again/$f.npz; done
expect_ok xmr-inspect split pieces-3/top.npz --shards 2 -o upper
expect_ok xmr-predict -m upper/top.npz -x T.npz -k 10 -o above.npz
ask upper above.npz 10 node
expect_ok xmr-predict merge node-*.npz -o merged-nodes.npz
expect_ok xmr-predict -m pieces-3/top.npz -x T.npz -k 10 -o nodes.npz
expect_same nodes.npz merged-nodes.npz

it "answers rows in parts, for other beams and scores"
expect_ok xmr-predict -m model.npz -x T.npz -k 5 --beam 4 --post-processor sigmoid --ties position -o whole.npz
for i in 0 1 2; do
  expect_ok xmr-predict -m pieces-3/top.npz -x T.npz -k 4 --beam 4 --post-processor sigmoid --ties position --part $i --parts 3 \
    -o nodes-$i.npz
  ask pieces-3 nodes-$i.npz 5 rows-$i
  expect_ok xmr-predict merge rows-$i-*.npz -o merged-$i.npz
done
expect_ok xmr-inspect concat merged-0.npz merged-1.npz merged-2.npz -o merged.npz
expect_same whole.npz merged.npz
expect_exit 1 'xmr-predict: error: rows-1-0.npz: holds part 1 of 3 of the rows
hint: take -o P.npz, and xmr-inspect concat joins the parts' xmr-predict merge rows-1-*.npz

it "times the rows that a shard has something to do for"
expect_ok xmr-predict -m pieces-8/shard-0.npz -x T.npz --below nodes.npz --latency
rows=$(awk '$1 == "queries" { print $2 }' "$scratch/out")
[ "$rows" -gt 0 ] && [ "$rows" -lt "$(grep -c . $tags/test.tsv)" ] || fail "$rows rows were timed"

it "keeps the calibration and the names out, and says so"
expect_ok xmr-predict -m model.npz -x T.npz -k 7 -o whole.npz
expect_ok xmr-eval fit-calibration -y TY.npz whole.npz -m model.npz -o calibrated.npz
run xmr-inspect split calibrated.npz --shards 2 -o without
printf '%s\n' 'xmr-inspect: warning: the calibration of calibrated.npz is left out: it belongs to the answers of all shards' > expected
expect_equal 'warnings of split' expected "$scratch/err"
expect_ok xmr-predict -m without/top.npz -x T.npz -o n.npz
ask without n.npz 7 w
expect_ok xmr-predict merge w-0.npz w-1.npz -o merged.npz
expect_same whole.npz merged.npz

it "refuses a shard as a model, and pieces of different models"
hint='hint: xmr-predict --below asks it'
expect_exit 1 "xmr-predict: error: pieces-3/shard-1.npz: is a shard of a model, not a whole one
$hint" xmr-predict -m pieces-3/shard-1.npz -x T.npz
expect_exit 1 "xmr-inspect: error: pieces-3/shard-1.npz: is a shard of a model, not a whole one
$hint" xmr-inspect prune pieces-3/shard-1.npz --threshold 1 -o x.npz
expect_exit 1 "xmr-inspect: error: pieces-3/shard-1.npz: is a shard of a model, not a whole one
$hint" xmr-inspect split pieces-3/shard-1.npz --shards 2 -o x
expect_ok xmr-inspect split other.npz --shards 3 -o other
expect_exit 1 'xmr-predict: error: nodes.npz: was made with the top of another model than the one that other/shard-1.npz is of' \
  xmr-predict -m other/shard-1.npz -x T.npz --below nodes.npz -o x.npz
expect_exit 1 'xmr-predict: error: whole.npz: holds no answers of the top of a model in shards
hint: xmr-predict -m top.npz -k BEAM -o nodes.npz makes them' \
  xmr-predict -m pieces-3/shard-1.npz -x T.npz --below whole.npz -o x.npz
expect_exit 1 "xmr-predict: error: nodes.npz: $(grep -c . $tags/test.tsv) rows, but X.npz has $(grep -c . $tags/train.tsv)" \
  xmr-predict -m pieces-3/shard-1.npz -x X.npz --below nodes.npz -o x.npz
expect_exit 1 'xmr-predict: error: part-3-0.npz: is of one of 3 shards, and the answers of shard 1 are missing' \
  xmr-predict merge part-3-0.npz part-3-2.npz -o x.npz

it "does not take the answers of a shard for those of the model"
alone='part-3-0.npz: holds the answers of one shard of a model
hint: xmr-predict merge makes those of the model from those of all shards'
expect_exit 1 "xmr-eval: error: $alone" xmr-eval -y TY.npz part-3-0.npz
expect_exit 1 "xmr-eval: error: $alone" xmr-eval fit-calibration -y TY.npz part-3-0.npz -o x.npz
expect_exit 1 "xmr-predict: error: $alone" xmr-predict fuse whole.npz part-3-0.npz -o x.npz

it "takes no memory for as many shards as a file makes believe"
/usr/bin/python3 -S "$root/tests/cli/forge.py" part-3-0.npz forged.npz 'meta.json:/content/shard/shards=4294967295'
expect_exit 1 'xmr-predict: error: forged.npz: is of one of 4294967295 shards, and the answers of shard 1 are missing' \
  bash -c 'ulimit -v 1000000; exec xmr-predict merge -j 1 forged.npz -o x.npz'

it "refuses what makes no sense"
expect_exit 2 'xmr-predict: error: --below: needs one model, a shard, and -x' \
  xmr-predict -m pieces-3/shard-1.npz --below nodes.npz -o x.npz
expect_exit 2 'xmr-predict: error: --below: xmr-predict merge reads npz only
hint: name the output .npz: -o part.npz' \
  xmr-predict -m pieces-3/shard-1.npz --below nodes.npz -x T.npz -o x.tsv
expect_exit 2 'xmr-predict: error: --beam excludes --below
hint: xmr-predict --help lists the options' xmr-predict -m pieces-3/shard-1.npz --below nodes.npz -x T.npz --beam 3 -o x.npz
expect_exit 1 'xmr-inspect: error: again: exists, and is not an empty folder' \
  xmr-inspect split model.npz --shards 3 -o again
expect_ok xmr-index -x X.npz -y Y.npz --max-leaf 400 -o flat.npz
expect_ok xmr-train -x X.npz -y Y.npz -t flat.npz -o flat-model.npz
expect_exit 2 'xmr-inspect: error: flat-model.npz has labels only, and no level above them that could be a top' \
  xmr-inspect split flat-model.npz --shards 3 -o x
if [ -e x ] || [ -e x.npz ]; then fail "something was written"; fi
