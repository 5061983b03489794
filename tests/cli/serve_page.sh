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
make_completion_model typing.npz
[ ! -s "$scratch/failures" ] || exit 1

it "works in a browser"
/usr/bin/python3 "$root/tests/cli/serve_page.py" > "$scratch/out" 2>&1 || fail "$(cat "$scratch/out")"
