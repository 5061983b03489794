#!/bin/bash
# Completion models: xmr-train completion, xmr-predict with them, xmr-inspect on them.
. "$(dirname "$0")/lib.sh"

head -8000 "$data/debian-sessions/sessions.tsv" > log.tsv
xmr-featurize sessions -q -o train.tsv --valid valid.tsv --valid-share 0.2 --labels labels.txt log.tsv
xmr-featurize fit -q --word 1:column=previous --char 1-3:column=prefix --columns previous,prefix,- -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --columns previous,prefix,label --labels labels.txt --label-keys -x X.npz -y Y.npz train.tsv
cut -f 1,2 valid.tsv > requests.tsv

# linear METHOD [OPTION...]: linear.npz on such a tree.
linear() {
  xmr-index -q -x X.npz -y Y.npz --labels labels.txt --method "$@" -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o linear.npz
}
complete() { xmr-train completion -q -m linear.npz --pairs train.tsv --valid valid.tsv "$@"; }
requests() { printf "$1" | xmr-predict -m model.npz -k 3 "${@:2}"; }

it "answers only with completions, whatever the tree"
for method in kmeans 'trie --trie-depth 3' 'hybrid --trie-depth 2' must-link hybrid; do
  linear $method
  complete -o model.npz
  for source in popular pairs tree; do
    expect_ok xmr-predict -m model.npz --source $source -o answers.tsv requests.tsv
    awk -F'\t' 'NR == FNR { prefix[FNR - 1] = $2; next }
      index($4, prefix[$1]) == 1 { good[$1] = 1; next } good[$1] { print "mixed: " $0 }' requests.tsv answers.tsv > mixed.txt
    [ ! -s mixed.txt ] || fail "$method, $source: $(head -1 mixed.txt)"
  done
  expect_ok xmr-predict -m model.npz --source fused -o answers.tsv requests.tsv
done

it "finds queries that hold the typed words in any order, by how often they followed, then by count"
grep -q '^libssl-dev	' labels.txt || fail "libssl-dev is no label"
expect_ok requests '\tdev libssl\n' --source words
[ "$(head -1 "$scratch/out" | cut -f 4)" = libssl-dev ] || fail "$(cat "$scratch/out")"
for typed in 'dev lib' 'data' 'python3 n' 'common-'; do
  printf '\t%s\n' "$typed" | xmr-predict -m model.npz --source words -k 10 | cut -f 4 > found.txt
  awk -v typed="$typed" '{
    n = split(typed, words, /[^a-z0-9]+/); open = words[n]; ok = index($0, typed) == 1
    m = split($0, own, /[^a-z0-9]+/); delete has
    for (i = 1; i <= m; ++i) ++has[own[i]]
    all = 1
    for (i = 1; i < n; ++i) if (has[words[i]]-- < 1) all = 0
    begun = 0
    for (word in has) if (has[word] > 0 && index(word, open) == 1) begun = 1
    if (!ok && !(all && begun)) print "not held: " $0 }' found.txt > wrong.txt
  [ -s found.txt ] || fail "nothing for $typed"
  [ ! -s wrong.txt ] || fail "$typed: $(head -1 wrong.txt)"
done

it "writes the same bytes for any number of threads"
for threads in 1 2 7; do
  complete -j $threads -o "model$threads.npz"
  expect_same model.npz "model$threads.npz"
  xmr-predict -j $threads -m model.npz -o "answers$threads.tsv" requests.tsv
  expect_same answers1.tsv "answers$threads.tsv"
done

it "answers line by line as in a batch"
head -50 requests.tsv | while IFS= read -r line; do
  printf '%s\n' "$line" | xmr-predict -m model.npz | cut -f 2-
done > single.tsv
awk -F'\t' '$1 < 50' answers1.tsv | cut -f 2- > batch.tsv
expect_same single.tsv batch.tsv

it "knows the most frequent completions"
# Rows of train by next query; of equal counts the first in byte order. No prefix: of all.
cut -f 3 train.tsv | LC_ALL=C sort | uniq -c | LC_ALL=C sort -s -k1,1nr | awk '{ print $2 }' > popular.txt
for prefix in '' l lib libg x python3-; do
  awk -v p="$prefix" 'index($0, p) == 1' popular.txt | head -3 > expected.txt
  printf '\t%s\n' "$prefix" | xmr-predict -m model.npz -k 3 --source popular | cut -f 4 > found.txt
  expect_same expected.txt found.txt
done

it "knows what followed a query most often, before what is popular"
for previous in libc6 zlib1g; do
  cut -f 1,3 train.tsv | awk -F'\t' -v p="$previous" '$1 == p && index($2, "lib") == 1 { n[$2]++ }
    END { for (k in n) if (n[k] > most) most = n[k]; print most + 0 }' > most.txt
  printf '%s\tlib\n' "$previous" | xmr-predict -m model.npz -k 1 --source pairs | awk '{ print int($3) }' > found.txt
  expect_same most.txt found.txt
done

it "answers every request: nothing typed, nothing before, a whole query, an unknown one"
requests '\t\nlibc6\t\nnever seen\tlib\nlibc6\tlibc6\nlibc6\tzzzz\nlibc6\tlibc6 and more\nlibc6\tlibc6 \n' > answers.txt
for row in 0 1 2 3 4 5 6; do
  grep -q "^$row	1	" answers.txt || fail "no answer to request $row"
done
expect_ok sh -c "awk -F'\t' '\$1 > 4 && \$2 == 1 && index(\$4, \"libc6\") != 1' answers.txt"
expect_stdout ''

it "shows and verifies itself"
expect_ok xmr-inspect verify model.npz
expect_ok xmr-inspect show model.npz

it "makes queries of known words, marks them, and leaves them out on request"
grep -q '^libzzz-' labels.txt && fail "libzzz is known"
expect_ok requests '\tlibzzz-d\n' --format jsonl
grep -q '"key":"libzzz-dev","score":[0-9.e-]*,"made":true' "$scratch/out" || fail "$(cat "$scratch/out")"
expect_ok requests '\tlibzzz-d\n' --unseen 0
! grep -q zzz "$scratch/out" || fail "$(cat "$scratch/out")"
for option in '--source popular' '--min-score 0'; do
  expect_ok requests '\tlibzzz-d\n' $option
  ! grep -q zzz "$scratch/out" || fail "$option: $(cat "$scratch/out")"
done
xmr-predict -m model.npz --unseen 1 -o answers.npz requests.tsv
expect_ok xmr-inspect verify answers.npz
expect_exit 2 'xmr-predict: error: --unseen: linear.npz is not a completion model' \
  xmr-predict -m linear.npz --unseen 0 --columns previous,prefix requests.tsv
printf '\tlibzzz-d\n\tlibx\n' | xmr-predict -m model.npz > both.txt
for typed in libzzz-d libx; do printf '\t%s\n' $typed | xmr-predict -m model.npz; done | cut -f 2- > single.txt
cut -f 2- both.txt > batch.txt
expect_same batch.txt single.txt

it "completes first queries of sessions, which are no labels, and marks them"
cut -f 1 train.tsv | LC_ALL=C sort -u > previous.txt
cut -f 1 labels.txt | LC_ALL=C comm -23 previous.txt - | awk 'length > 8' | head -1 > first.txt
first=$(cat first.txt)
[ -n "$first" ] || fail "each previous query is a label"
expect_ok requests "\t${first%??}\n" --format jsonl
grep -qF "{\"key\":\"$first\"," "$scratch/out" || fail "no $first: $(cat "$scratch/out")"
grep -q '"first":true' "$scratch/out" || fail "$(cat "$scratch/out")"
expect_ok requests "\t${first%??}\n" --unseen 0
! cut -f 4 "$scratch/out" | grep -qxF "$first" || fail "$(cat "$scratch/out")"

it "makes a query of the words of a typed text in another order"
expect_ok requests '\tdev-libzzz\n' --format jsonl
grep -q '"key":"libzzz-dev","score":[0-9.e-]*,"made":true,"matched":\[\[0,6\],\[7,10\]\]' "$scratch/out" || fail "$(cat "$scratch/out")"

it "is judged by text, made queries too"
printf 'red\nblue sky\n\n' > next.txt
printf '0\t1\t0.5\tred\n1\t1\t0.5\tred\n1\t2\t0.4\tblue sky\n' > text.tsv
printf '{"row":0,"labels":[{"key":"red","score":0.5}]}\n{"row":1,"labels":[{"key":"red","score":0.5},{"key":"blue sky","score":0.4}]}\n{"row":2,"labels":[]}\n' > text.jsonl
expect_ok xmr-eval --truth-text next.txt text.tsv text.jsonl --empty-rows keep --metrics mrr@10 --format tsv
[ "$(tail -n +2 "$scratch/out" | cut -f 2- | sort -u)" = 0.5 ] || fail "$(cat "$scratch/out")"
cut -f 3 valid.tsv > next.txt
xmr-predict -m model.npz -o unseen.tsv requests.tsv
xmr-predict -m model.npz -o ids.npz requests.tsv
expect_ok xmr-eval --truth-text next.txt --labels labels.txt unseen.tsv ids.npz --metrics mrr@10 --format tsv
awk -F'\t' 'NR == 2 { made = $NF } NR == 3 && $NF >= made { print "no gain: " $NF ", with made queries " made }' "$scratch/out" > gain.txt
[ ! -s gain.txt ] || fail "$(cat gain.txt)"
expect_exit 2 "xmr-eval: error: --truth-text: answers must be files, because they are read twice" \
  xmr-eval --truth-text next.txt < unseen.tsv

it "answers with some labels only, as many as are wanted"
cut -f 1 labels.txt | grep -- '-dev$' > dev.txt
cut -f 1 labels.txt | grep -v -- '-dev$' > others.txt
for source in fused words tree; do
  printf '\tlib\nlibc6\tdev l\n' | xmr-predict -m model.npz -k 5 --source $source --allow dev.txt > allowed.tsv
  printf '\tlib\nlibc6\tdev l\n' | xmr-predict -m model.npz -k 5 --source $source --deny others.txt --unseen 0 > denied.tsv
  expect_same allowed.tsv denied.tsv
  cut -f 4 allowed.tsv | grep -vx -F -f dev.txt > others_found.txt || true
  [ ! -s others_found.txt ] || fail "$source: $(cat others_found.txt)"
  [ "$(grep -c '^0	' allowed.tsv)" = 5 ] || fail "$source: $(cat allowed.tsv)"
done

it "leaves out completions that hold a blocked word, made ones too"
printf 'DEV\nssl3 doc\n' > blocked.txt
requests '\tlib\n\tlibzzz-d\n' --block blocked.txt > answers.txt
! grep -e '-dev$' answers.txt || fail "dev is blocked"
grep -q . answers.txt || fail "no answers"
printf '\n' > nothing.txt
expect_exit 1 'xmr-predict: error: nothing.txt:1: a line without a letter or digit
hint: write a word or a phrase in each line' xmr-predict -m model.npz --block nothing.txt requests.tsv
expect_exit 2 'xmr-predict: error: --block: linear.npz is not a completion model' \
  xmr-predict -m linear.npz --block blocked.txt --columns previous,prefix requests.tsv

it "knows categories and weights of labels.txt"
awk -F'\t' -v OFS='\t' '{ print $1, $2, $3, ($1 ~ /-dev$/ ? "dev," : "") ($1 ~ /^lib/ ? "library" : "other"), "" }' labels.txt > catalog.txt
complete --labels catalog.txt -o catalog.npz
expect_ok xmr-inspect verify catalog.npz
xmr-predict -m model.npz -o without.tsv requests.tsv
xmr-predict -m catalog.npz -o with.tsv requests.tsv
expect_same without.tsv with.tsv
catalog() { printf "$1" | xmr-predict -m catalog.npz -k 5 "${@:2}"; }
catalog '\tlib\n' --category dev > answers.txt
printf '\tlib\n' | xmr-predict -m model.npz -k 5 --allow dev.txt > allowed.tsv
expect_same allowed.tsv answers.txt
catalog '\tlib\n' --boost dev=1e6 > answers.txt
cut -f 4 answers.txt | grep -v -- '-dev$' > others_found.txt || true
[ ! -s others_found.txt ] || fail "$(cat answers.txt)"
least=$(catalog '\tlib\n' | tail -1 | cut -f 4)
awk -F'\t' -v OFS='\t' -v least="$least" '$1 == least { $5 = 1000 } { print }' catalog.txt > weighed.txt
complete --labels weighed.txt -o catalog.npz
[ "$(catalog '\tlib\n' | head -1 | cut -f 4)" = "$least" ] || fail "$(catalog '\tlib\n')"
expect_exit 2 "xmr-predict: error: category 'shoes': no label of catalog.npz has it
hint: categories are column 4 of the labels.txt of xmr-train completion --labels" catalog '\tlib\n' --category shoes
expect_exit 2 "xmr-predict: error: --boost: 'dev' is not NAME=FACTOR
hint: --boost shoes=2" catalog '\tlib\n' --boost dev
expect_exit 2 "xmr-predict: error: boost 'dev': factor 0 is not above 0 and at most 1000000" catalog '\tlib\n' --boost dev=0

it "sees the last queries of a session, in columns previous2 to previous4"
columns=previous3,previous2,previous,prefix
printf '\t\tlibc6\tlib\nzlib1g\tlibssl3\tlibc6\tlib\n' > sessions.tsv
xmr-predict -m model.npz -k 5 --columns $columns sessions.tsv > batch.txt
while IFS= read -r line; do printf '%s\n' "$line" | xmr-predict -m model.npz -k 5 --columns $columns; done < sessions.tsv |
  cut -f 2- > single.txt
cut -f 2- batch.txt > batch-answers.txt
expect_same single.txt batch-answers.txt
printf 'libc6\tlib\n' | xmr-predict -m model.npz -k 5 > alone.txt
grep '^0	' batch.txt > first.txt
expect_same alone.txt first.txt
! cmp -s <(cut -f 2- alone.txt) <(grep '^1	' batch.txt | cut -f 2-) || fail "earlier queries change nothing"
# A query of the session is no answer again: sessions of this log hold no query twice.
! grep -E '^1	.*	(zlib1g|libssl3)$' batch.txt || fail "an earlier query is an answer"

it "shows one of several near-equal completions"
printf '1\t1\tred\n1\t2\tblue shoes\n1\t3\tshoe blue\n2\t1\tred\n2\t2\tblue shoes\n' > near.tsv
xmr-featurize sessions -q -o near-pairs.tsv --labels near-labels.txt near.tsv
xmr-train completion -q --labels near-labels.txt --pairs near-pairs.tsv --valid near-pairs.tsv -o near.npz
printf 'red\tshoe\n' | xmr-predict -m near.npz --unseen 0 --distinct > answers.txt
[ "$(cut -f 4 answers.txt | tr '\n' '|')" = 'blue shoes|' ] || fail "$(cat answers.txt)"
printf 'red\tshoe\n' | xmr-predict -m near.npz --unseen 0 > answers.txt
[ "$(wc -l < answers.txt)" = 2 ] || fail "$(cat answers.txt)"
expect_exit 2 'xmr-predict: error: --distinct: linear.npz is not a completion model' \
  xmr-predict -m linear.npz --distinct --columns previous,prefix requests.tsv

it "tells the typed parts of completions"
printf '\tlibssl-d\n\tdev libssl\n' | xmr-predict -m model.npz -k 1 --format jsonl | grep -o '"key":"libssl-dev".*"matched".*' > answers.txt
[ "$(grep -o '"matched":[^}]*' answers.txt | tr '\n' ' ')" = '"matched":[[0,8]] "matched":[[0,6],[7,10]] ' ] || fail "$(cat answers.txt)"

it "adds a new log to a model without training, and removes labels at once"
printf 'libc6\tlibn\tlibnew1\nlibnew1\tlibnew1-d\tlibnew1-dev\nlibc6\tlibn\tlibnew1\n' > today.tsv
printf 'zlib1g\n' > gone.txt
expect_ok xmr-train update -m model.npz --pairs today.tsv --remove gone.txt -o updated.npz --stats stats.json
grep -q '"new_labels": *2' stats.json || fail "$(cat stats.json)"
expect_ok xmr-inspect verify updated.npz
expect_ok xmr-inspect show updated.npz
updated() { printf "$1" | xmr-predict -m updated.npz -k 5 "${@:2}"; }
[ "$(updated 'libc6\tlibnew\n' | head -1 | cut -f 4)" = libnew1 ] || fail "$(updated 'libc6\tlibnew\n')"
[ "$(updated '\tdev libnew\n' --source words | cut -f 4)" = libnew1-dev ] || fail "$(updated '\tdev libnew\n')"
[ "$(updated 'libnew1\tlib\n' --source pairs | head -1 | cut -f 4)" = libnew1-dev ] || fail "libnew1 has no pair"
requests '\tzlib1g\n' | grep -q '	zlib1g$' || fail "zlib1g is no answer of the model"
! updated '\tzlib1g\n\tzlib\nlibc6\tz\n' | grep '	zlib1g$' || fail "zlib1g is removed"
# Answers of the tree have scores above 1. A search with removed labels may keep other nodes.
for model in model updated; do
  xmr-predict -m $model.npz --source tree -k 20 requests.tsv | awk -F'\t' '$3 > 1 && $4 != "zlib1g" { print $1 FS $4 }' | sort > $model.txt
done
[ "$(comm -12 model.txt updated.txt | wc -l)" -gt $(($(wc -l < model.txt) * 9 / 10)) ] || fail "the tree answers otherwise"
xmr-train update -q -m updated.npz --remove gone.txt -o again.npz
! printf '\tzlib1g\n' | xmr-predict -m again.npz | grep '	zlib1g$' || fail "zlib1g is back"
# Two halves of a log count as the whole, where no text has more labels than are kept.
head -300 train.tsv > first.tsv
tail -n +301 train.tsv | head -300 > second.tsv
cat first.tsv second.tsv > whole.tsv
cut -f 3 first.tsv | LC_ALL=C sort | uniq -c | awk '{ print $2 "\t\t" $1 }' | LC_ALL=C sort > first-labels.txt
cut -f 3 whole.tsv | LC_ALL=C sort | uniq -c | awk '{ print $2 "\t\t" $1 }' | LC_ALL=C sort > whole-labels.txt
xmr-train completion -q --labels first-labels.txt --pairs first.tsv --valid valid.tsv -o half.npz
xmr-train completion -q --labels whole-labels.txt --pairs whole.tsv --valid valid.tsv -o whole.npz
xmr-train update -q -m half.npz --pairs second.tsv -o grown.npz
for source in popular pairs words; do
  xmr-predict -m grown.npz --source $source -o grown.tsv requests.tsv
  xmr-predict -m whole.npz --source $source -o whole-answers.tsv requests.tsv
  expect_same whole-answers.tsv grown.tsv
done
# A share of the counts is kept, and halves again.
total() { /usr/bin/python3 -c '
import struct, sys, zipfile
bytes = zipfile.ZipFile(sys.argv[1]).read("popular/sums.npy")
print(struct.unpack("<Q", bytes[-8:])[0])' $1; }
xmr-train update -q -m whole.npz --keep 0.5 -o half.npz
xmr-train update -q -m half.npz --keep 0.5 -o quarter.npz
[ $(($(total half.npz) * 10 / $(total whole.npz))) = 5 ] || [ $(($(total half.npz) * 10 / $(total whole.npz))) = 4 ] ||
  fail "$(total half.npz) of $(total whole.npz)"
[ $(($(total quarter.npz) * 10 / $(total whole.npz))) = 2 ] || fail "$(total quarter.npz) of $(total whole.npz)"
expect_ok xmr-inspect verify quarter.npz
expect_exit 2 'xmr-train: error: --pairs, --remove or --keep is required
hint: xmr-train update --help lists the options' xmr-train update -m model.npz -o none.npz

it "follows queries that come and go"
# Of 20 sessions a day, 15 ask for what the five days are about, 5 for a hat.
awk 'BEGIN { OFS = "\t"; for (day = 0; day < 30; ++day) for (i = 0; i < 20; ++i) {
  time = 86400 * day + 60 * i; id = day * 20 + i
  print id, time, "hi"; print id, time + 5, i % 4 == 0 ? "new hat" : "new " substr("abcdef", 1 + int(day / 5), 1)
} }' > waves.tsv
xmr-featurize sessions -q --times -o waves-train.tsv --labels waves-labels.txt --valid waves-valid.tsv \
  --valid-from $((86400 * 28)) waves.tsv
cut -f 1-3 waves-train.tsv > waves-timeless.tsv
for rows in train timeless; do
  expect_ok xmr-train completion --labels waves-labels.txt --pairs waves-$rows.tsv --valid waves-valid.tsv \
    -o $rows.npz --stats $rows.json
done
grep -q '"half_life_seconds": 0,' timeless.json || fail "$(cat timeless.json)"
grep -q '"half_life_seconds": [1-9]' train.json || fail "$(cat train.json)"
xmr-inspect show --json train.npz | grep -q '"half_life_seconds":[1-9]' || fail "show tells no half-life"
[ "$(printf '\tn\n' | xmr-predict -m train.npz -k 1 | cut -f 4)" = 'new f' ] || fail "$(printf '\tn\n' | xmr-predict -m train.npz)"
[ "$(printf '\tn\n' | xmr-predict -m timeless.npz -k 1 | cut -f 4)" = 'new hat' ] || fail "timeless: $(printf '\tn\n' | xmr-predict -m timeless.npz)"
expect_ok xmr-inspect verify train.npz
# An update of two months later needs times, and lets the old counts fade.
yes $'hi\tn\tnew b\t7776000' | head -40 > waves-today.tsv
cut -f 1-3 waves-today.tsv > timeless-today.tsv
expect_exit 1 'xmr-train: error: train.npz: its counts fade with age, but the rows of the new log have no times
hint: make the rows by xmr-featurize sessions --times' xmr-train update -m train.npz --pairs timeless-today.tsv -o none.npz
expect_ok xmr-train update -m train.npz --pairs waves-today.tsv -o waves-new.npz
[ "$(printf '\tn\n' | xmr-predict -m waves-new.npz -k 1 | cut -f 4)" = 'new b' ] || fail "$(printf '\tn\n' | xmr-predict -m waves-new.npz)"
printf 'hi\tn\tnew b\tnoon\n' > waves-today.tsv
expect_exit 1 "xmr-train: error: waves-today.tsv:1: time 'noon' is no number of seconds
hint: make the rows by xmr-featurize sessions --times" xmr-train update -m train.npz --pairs waves-today.tsv -o none.npz

it "completes without a tree, in a file without XR-Linear"
expect_ok xmr-train completion --labels labels.txt --pairs train.tsv --valid valid.tsv -o counts.npz
[ $(stat -c %s counts.npz) -lt $(stat -c %s model.npz) ] || fail "counts.npz is not smaller"
for source in popular pairs words; do
  xmr-predict -m model.npz --source $source -o with.tsv requests.tsv
  xmr-predict -m counts.npz --source $source -o without.tsv requests.tsv
  expect_same with.tsv without.tsv
done
expect_ok xmr-predict -m counts.npz requests.tsv
expect_ok xmr-inspect verify counts.npz
expect_ok xmr-inspect show counts.npz
expect_exit 2 'xmr-predict: error: counts.npz: the model has no tree
hint: train it with -m, or leave out --source tree' xmr-predict -m counts.npz --source tree requests.tsv
expect_exit 2 'xmr-train: error: -m or --labels is required
hint: xmr-train completion --help lists the options' \
  xmr-train completion --pairs train.tsv --valid valid.tsv -o none.npz

it "refuses what does not go together"
expect_exit 2 'xmr-train: error: --pairs and --valid are required
hint: xmr-train completion --help lists the options' xmr-train completion -m linear.npz -o none.npz
expect_exit 2 "xmr-train: error: unknown option '--pairs'
hint: xmr-train bm25 --help lists the options" xmr-train bm25 --pairs train.tsv -o none.npz
expect_exit 2 'xmr-predict: error: -x: model.npz is a completion model, which reads text' xmr-predict -m model.npz -x X.npz
expect_exit 2 'xmr-predict: error: model.npz: a completion model answers alone' \
  xmr-predict -m model.npz -m linear.npz requests.tsv
expect_exit 2 'xmr-predict: error: --source: linear.npz is not a completion model' \
  xmr-predict -m linear.npz --source pairs --columns previous,prefix requests.tsv
xmr-train -q -x X.npz -y Y.npz -t tree.npz -o bare.npz
expect_exit 1 'xmr-train: error: bare.npz: the model has no label names
hint: train it with --labels' xmr-train completion -q -m bare.npz --pairs train.tsv --valid valid.tsv -o none.npz
printf 'a\tb\n' > short.tsv
expect_exit 1 'xmr-train: error: short.tsv:1: 2 columns in a line of 3 columns (previous,prefix,next)
hint: columns are separated by TAB' \
  xmr-train completion -q -m linear.npz --pairs short.tsv --valid valid.tsv -o none.npz
[ ! -e none.npz ] || fail "none.npz was written"

it "takes queries as labels whatever they are made of"
printf '1\t1\tred\n1\t2\tone, two\n1\t3\tsize=5\n1\t4\tback\\,slash\n2\t1\tred\n2\t2\tone, two\n2\t3\tsize=5\n' > odd.tsv
xmr-featurize sessions -q -o odd-pairs.tsv --labels odd-labels.txt odd.tsv
expect_exit 1 "xmr-featurize: error: odd-pairs.tsv:1: label 'one' is not among the 3 keys
hint: the first key is 'back\,slash'; --skip-bad-rows leaves such rows out" \
  xmr-featurize apply -q -f vec.npz --columns previous,prefix,labels --labels odd-labels.txt --label-keys -x oX.npz -y oY.npz odd-pairs.tsv
expect_ok xmr-featurize apply -q -f vec.npz --columns previous,prefix,label --labels odd-labels.txt --label-keys -x oX.npz -y oY.npz odd-pairs.tsv
xmr-index -q -x oX.npz -y oY.npz --labels odd-labels.txt --method hybrid -o tree.npz
xmr-train -q -x oX.npz -y oY.npz -t tree.npz -f vec.npz --labels odd-labels.txt -o linear.npz
xmr-train completion -q -m linear.npz --pairs odd-pairs.tsv --valid odd-pairs.tsv -o model.npz
expect_ok requests 'red\tone\none, two\tsi\nsize=5\tb\n'
[ "$(awk -F'\t' '$2 == 1' "$scratch/out" | cut -f 4 | tr '\n' '|')" = 'one, two|size=5|back\,slash|' ] || fail "$(cat "$scratch/out")"
expect_exit 1 "xmr-featurize: error: odd-pairs.tsv:1: label 'one, two' is not an id from 0 on
hint: an id is the number of a line of labels.txt, from 0; if the column holds keys: --labels labels.txt --label-keys" \
  xmr-featurize apply -q -f vec.npz --columns previous,prefix,label -x oX.npz -y oY.npz odd-pairs.tsv

it "mends a typo if that is wanted, and only where no query begins with the prefix"
expect_ok requests 'red\tnoe\nred\tsize=4\nred\tone\nred\tox\n' --source popular --typos 1
[ "$(awk -F'\t' '$2 == 1' "$scratch/out" | cut -f 1,4 | tr '\n' '|')" = $'0\tone, two|1\tsize=5|2\tone, two|3\tone, two|' ] || fail "$(cat "$scratch/out")"

it "tells in JSON lines what was completed in place of the prefix"
expect_ok requests 'red\tnoe\nred\tone, three\nred\tone\n' --source popular --typos 1 --format jsonl
[ "$(sed 's/,"labels.*//' "$scratch/out" | tr '\n' '|')" = '{"row":0,"mended":"one"|{"row":1,"backed_off":"one, t"|{"row":2|' ] ||
  fail "$(cat "$scratch/out")"
expect_ok requests 'red\tone, three\n' --format jsonl
[ "$(sed 's/,"labels.*//' "$scratch/out")" = '{"row":0,"backed_off":"one, t"' ] || fail "$(cat "$scratch/out")"

it "normalises requests as the log was"
requests 'red\tone\n' > plain.txt
requests ' RED \tOn\xef\xbd\x85\n' > shouted.txt
expect_same plain.txt shouted.txt
printf '1\t1\tRed\n1\t2\tTea-pot\n1\t3\tTEA\n2\t1\tRed\n2\t2\tTea-pot\n' > cased.tsv
xmr-featurize sessions -q --keep-case --punctuation blank -o odd-pairs.tsv --labels odd-labels.txt cased.tsv
xmr-featurize apply -q -f vec.npz --columns previous,prefix,label --labels odd-labels.txt --label-keys -x oX.npz -y oY.npz odd-pairs.tsv
xmr-index -q -x oX.npz -y oY.npz --labels odd-labels.txt --method hybrid -o tree.npz
xmr-train -q -x oX.npz -y oY.npz -t tree.npz -f vec.npz --labels odd-labels.txt -o linear.npz
cased() { xmr-train completion -q -m linear.npz --pairs odd-pairs.tsv --valid odd-pairs.tsv -o model.npz "$@"; }
expect_exit 1 "xmr-train: error: linear.npz: label 0, 'TEA', would be asked as 'tea'
hint: --keep-case and --punctuation as they were given to xmr-featurize sessions" cased
expect_ok cased --keep-case --punctuation blank
expect_ok requests 'Red\tTea-p\nRed\tt\n' --source popular
[ "$(awk -F'\t' '$2 == 1' "$scratch/out" | cut -f 4 | tr '\n' '|')" = 'Tea pot|Tea pot|' ] || fail "$(cat "$scratch/out")"
expect_exit 2 "xmr-train: error: unknown option '--keep-case'
hint: xmr-train --help lists the options" \
  xmr-train -x oX.npz -y oY.npz -t tree.npz --keep-case -o none.npz
