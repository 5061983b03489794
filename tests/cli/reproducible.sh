#!/bin/bash
# The whole pipeline gives the same bytes for any number of threads, in any directory, locale and time zone.
. "$(dirname "$0")/lib.sh"

head -n 1000 "$data/debian-search/train.tsv" > train.tsv
labels=$data/debian-search/labels.txt

pipeline() {
  mkdir "$1"
  cp train.tsv "$1"
  (
    cd "$1"
    shift
    "$@" xmr-featurize fit -j "$threads" --word 1-2 --char-wb 3 -o vec.npz train.tsv
    "$@" xmr-featurize apply -j "$threads" -f vec.npz --labels "$labels" -x X.npz -y Y.npz train.tsv
    "$@" xmr-index -q -j "$threads" -x X.npz -y Y.npz -o tree.npz
    "$@" xmr-train -q -j "$threads" -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$labels" -o model.npz
    "$@" xmr-predict -j "$threads" -m model.npz -x X.npz -o P.npz
    "$@" xmr-predict -j "$threads" -m model.npz --columns -,text -o P.tsv train.tsv
    "$@" xmr-eval -j "$threads" -y Y.npz P.npz > report.txt
  )
}

it "gives the same bytes with 1, 2, 3 and 7 threads, another locale and time zone, other addresses in memory"
threads=1 pipeline one
threads=2 pipeline two env LC_ALL=C TZ=Asia/Tokyo
fixed_addresses=
if setarch -R true 2> /dev/null; then fixed_addresses="setarch -R"; fi  # some containers do not allow it
threads=3 pipeline three $fixed_addresses
threads=7 pipeline seven env LC_ALL=de_DE.UTF-8 TZ=America/New_York
for file in vec.npz X.npz Y.npz tree.npz model.npz P.npz P.tsv report.txt; do
  expect_same one/$file two/$file
  expect_same one/$file three/$file
  expect_same one/$file seven/$file
done
