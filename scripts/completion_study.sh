#!/bin/bash
# The worth of each part of completion, a line of TSV each; docs/completion.md has the conclusions.
#   scripts/completion_study.sh systems|parts SET
# SET holds train.tsv, valid.tsv and test.tsv (`previous<TAB>prefix<TAB>next`) and labels.txt. The tools are taken from PATH.
#   systems  trees of each kind, alone and fused with counts: MRR@10 in %, microseconds of a request on one thread (mean
#            and 99th percentile), seconds of indexing and training, MiB of the model
#   parts    the hybrid tree with one part changed: weights of the characters by position, search below the prefix only
set -euo pipefail
study=${1:?systems or parts} set=$(realpath "${2:?a folder with train.tsv, valid.tsv, test.tsv and labels.txt}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# features TF: vec.npz, X.npz, Y.npz, with characters of the prefix weighted so.
features() {
  xmr-featurize fit -q --min-df 6 --word 1:column=previous --char 3-5:column=previous --char "1-3:column=prefix,tf=$1" \
    --columns previous,prefix,- -o vec.npz "$set/train.tsv"
  xmr-featurize apply -q -f vec.npz --columns previous,prefix,label --labels "$set/labels.txt" --label-keys \
    -x X.npz -y Y.npz "$set/train.tsv"
}

# requests and Y-test.npz; a next query that is no label has no id and counts as a miss.
requests() {
  cut -f 1,2 "$set/test.tsv" > requests
  awk -F '\t' 'NR == FNR { id[$1] = FNR - 1; next } { print $1 FS $2 FS ($3 in id ? id[$3] : "") }' \
    "$set/labels.txt" "$set/test.tsv" > truth
  xmr-featurize apply -q -f vec.npz --columns previous,prefix,labels --labels "$set/labels.txt" \
    -x X-test.npz -y Y-test.npz truth
}

# learn METHOD...: linear.npz and model.npz; $seconds for both.
learn() {
  local start=$EPOCHREALTIME
  xmr-index -q -x X.npz -y Y.npz --labels "$set/labels.txt" --method "$@" -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$set/labels.txt" --loss logistic --cost 4 \
    --threshold 0.4 --post-processor sigmoid -o linear.npz
  xmr-train completion -q -m linear.npz --pairs "$set/train.tsv" --valid "$set/valid.tsv" -o model.npz
  seconds=$(awk "BEGIN { printf \"%.1f\", ${EPOCHREALTIME/,/.} - ${start/,/.} }")
}

mrr() { # PREDICTIONS
  xmr-eval -q -y Y-test.npz "$1" --labels "$set/labels.txt" --metrics mrr@10 --format tsv |
    awk -F '\t' 'END { printf "%.2f", 100 * $NF }'
}

latency() { # OPTIONS OF xmr-predict...
  xmr-predict -q "$@" --latency requests | awk '/^mean_us/ { mean = $2 } /^p99_us/ { print mean "\t" $2 }'
}

# answered NAME OPTIONS OF xmr-predict...: name, MRR, mean and p99.
answered() {
  xmr-predict -q "${@:2}" -o answers.npz requests
  printf '%s\t%s\t%s' "$1" "$(mrr answers.npz)" "$(latency "${@:2}")"
}

systems() {
  features position
  requests
  printf 'system\tMRR@10\tmean us\tp99 us\tseconds\tMiB\n'
  for method in kmeans trie 'hybrid --trie-depth 1' 'hybrid --trie-depth 2' 'hybrid --trie-depth 3' \
    'must-link --trie-depth 1' 'must-link --trie-depth 2' 'must-link --trie-depth 3'; do
    learn $method
    local size=$(($(stat -c %s model.npz) >> 20))
    for source in tree fused; do
      printf '%s\t%s\t%s\n' "$(answered "$method, $source" -m model.npz --source $source)" "$seconds" "$size"
    done
  done
  for source in words pairs popular; do printf '%s\t\t\n' "$(answered $source -m model.npz --source $source)"; done
  xmr-train completion -q --labels "$set/labels.txt" --pairs "$set/train.tsv" --valid "$set/valid.tsv" -o counts.npz
  printf '%s\t\t%s\n' "$(answered 'without a tree, fused' -m counts.npz)" $(($(stat -c %s counts.npz) >> 20))
}

# The first ten answers among all labels that begin with the typed text.
filtered() {
  xmr-predict -q -m linear.npz --columns previous,prefix -k 100 --beam 20 requests |
    awk -F '\t' -v OFS='\t' 'NR == FNR { prefix[FNR - 1] = $2; next }
      index($4, prefix[$1]) == 1 && ++kept[$1] <= 10 { print $1, kept[$1], $3, $4 }' requests - > filtered.tsv
}

parts() {
  printf 'part\tMRR@10\tmean us\tp99 us\n'
  for tf in count word-position position; do
    features $tf
    requests
    learn hybrid
    answered "characters by $tf, tree" -m model.npz --source tree && echo
    answered "characters by $tf, fused" -m model.npz && echo
  done
  answered 'labels of any beginning, tree' -m linear.npz --columns previous,prefix && echo
  filtered
  printf 'labels of any beginning, 100 of a beam of 20 filtered afterwards, tree\t%s\t%s\n' "$(mrr filtered.tsv)" \
    "$(latency -m linear.npz --columns previous,prefix -k 100 --beam 20)"
  cut -f 2 requests | sed 's/^/\t/' > alone && mv alone requests
  answered 'no previous query, fused' -m model.npz && echo
}

$study
