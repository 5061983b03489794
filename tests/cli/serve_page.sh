#!/bin/bash
# The page of xmr-serve in a real browser.
. "$(dirname "$0")/lib.sh"
command -v xmr-serve > /dev/null || skip "xmr-serve was not built: libmicrohttpd-dev is missing"
for program in chromium chromedriver; do
  command -v $program > /dev/null || skip "$program is missing: apt-get install chromium chromium-driver python3-selenium"
done
/usr/bin/python3 -c "import selenium" 2> /dev/null || skip "selenium is missing: apt-get install python3-selenium"

it "makes two models that search and one that completes"
ln -s "$data/debian-tags/labels.txt" .
head -600 "$data/debian-tags/train.tsv" > train.tsv
expect_ok xmr-featurize fit --word 1 -o vec.npz train.tsv
expect_ok xmr-featurize apply -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
expect_ok xmr-index -x X.npz -y Y.npz --max-leaf 20 -o tree.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o tags.npz
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt --cost 4 -o other.npz
head -4000 "$data/debian-sessions/sessions.tsv" > log.tsv
expect_ok xmr-featurize sessions -o pairs.tsv --valid valid.tsv --valid-share 0.1 --labels known.txt log.tsv
expect_ok xmr-featurize fit --word 1:column=previous --char 1-3:column=prefix,tf=position \
  --columns previous,prefix,- -o vec-pairs.npz pairs.tsv
expect_ok xmr-featurize apply -f vec-pairs.npz --columns previous,prefix,label --labels known.txt --label-keys \
  -x X-pairs.npz -y Y-pairs.npz pairs.tsv
expect_ok xmr-index -x X-pairs.npz -y Y-pairs.npz --labels known.txt --method hybrid -o tree-pairs.npz
expect_ok xmr-train -x X-pairs.npz -y Y-pairs.npz -t tree-pairs.npz -f vec-pairs.npz --labels known.txt \
  --loss logistic --post-processor sigmoid -o linear-pairs.npz
expect_ok xmr-train completion -m linear-pairs.npz --pairs pairs.tsv --valid valid.tsv -o typing.npz
[ ! -s "$scratch/failures" ] || exit 1

it "works in a browser"
/usr/bin/python3 "$root/tests/cli/serve_page.py" > "$scratch/out" 2>&1 || fail "$(cat "$scratch/out")"
