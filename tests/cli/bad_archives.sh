#!/bin/bash
# Files of arrays that are not there, damaged, foreign or lying, given to the tools that read them: the message, exit
# code 1, and nothing left behind.
. "$(dirname "$0")/lib.sh"

forge() { /usr/bin/python3 -S "$root/tests/cli/forge.py" "$@"; }

printf 'amp\tguitar amplifier\nbass\telectric bass guitar\ncello\tcello with bow\ndrum\tsnare drum\necho\tsmart speaker with screen\n' > labels.txt
awk -F '\t' '{ print NR - 1 "\t" $2; print NR - 1 "\t" $2 " for " $1 " lovers" }' labels.txt > train.tsv
cut -f 2 train.tsv > texts.txt
xmr-featurize fit -q --word 1 -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz --branching 2 --max-leaf 2 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
xmr-predict -q -m model.npz -x X.npz -k 3 -o P.npz
files="P.npz X.npz Y.npz labels.txt model.npz texts.txt train.tsv tree.npz vec.npz"

# use KIND FILE: the command that reads FILE as such.
use() {
  case $1 in
    X) command=(xmr-index -q -x "$2" -y Y.npz -o out) ;;
    Y) command=(xmr-index -q -x X.npz -y "$2" -o out) ;;
    Z) command=(xmr-index -q -x X.npz -y Y.npz --label-features "$2" -o out) ;;
    vec) command=(xmr-featurize apply -q -f "$2" --columns text -x out texts.txt) ;;
    tree) command=(xmr-train -q -x X.npz -y Y.npz -t "$2" -o out) ;;
    model) command=(xmr-predict -q -m "$2" texts.txt -o out) ;;
    P) command=(xmr-eval -q -y Y.npz "$2" --format tsv) ;;
  esac
}

# refuses KIND CHANGE MESSAGE: what forge.py makes of KIND.npz is refused.
refuses() {
  forge "$1.npz" bad.npz "$2"
  use "$1" bad.npz
  expect_exit 1 "${command[0]}: error: bad.npz: $3" "${command[@]}"
  rm -f bad.npz
}

it "tells what is not there or no archive"
: > empty
printf 'PK\3\4 and no more' > cut
for kind in X Y Z vec tree model P; do
  for input in missing . empty cut; do
    case $input in
      missing) message='cannot open: No such file or directory' ;;
      .) message='cannot read: Is a directory' ;;
      empty) if [ $kind = P ]; then message=$'holds no predictions\nhint: xmr-predict -m model.npz -x X.npz -o P.npz writes them'; else message='is empty; an npz archive is expected'; fi ;;
      cut) message='the directory of the archive is missing or damaged; the file may be cut off' ;;
    esac
    use $kind $input
    expect_exit 1 "${command[0]}: error: $input: $message" "${command[@]}"
  done
done
rm empty cut
expect_files $files

it "tells that it may not read a file"
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$scratch"
  mkdir closed && chmod 700 closed && cp X.npz closed
  mkdir -m 777 "$scratch/counters"  # of make coverage: the usual ones are not that user's
  expect_exit 1 'xmr-inspect: error: closed/X.npz: cannot open: Permission denied' \
    env GCOV_PREFIX="$scratch/counters" setpriv --reuid 65534 --clear-groups xmr-inspect show closed/X.npz
  rm -r closed
else
  cp X.npz closed.npz && chmod 0 closed.npz
  expect_exit 1 'xmr-inspect: error: closed.npz: cannot open: Permission denied' xmr-inspect show closed.npz
  rm -f closed.npz
fi

it "refuses another kind of file and a newer version of its own"
for kind in X vec tree model P; do
  case $kind in
    X) what=matrix hint='xmr-featurize apply makes matrices' ;;
    vec) what=vectorizer hint='xmr-featurize fit makes a vectorizer' ;;
    tree) what=label-tree hint='xmr-index makes a label tree' ;;
    model) what=model hint='xmr-train makes a model' ;;
    P) what=predictions hint='xmr-predict -o P.npz makes predictions' ;;
  esac
  forge $kind.npz bad.npz meta.json:/format_version=99
  use $kind bad.npz
  run "${command[@]}"
  [ $status -eq 1 ] && grep -q "error: bad.npz: format version 99 of $what is outside 1\.\.[0-9]*$" "$scratch/err" &&
    grep -q '^hint: it was written by version .*; this is version ' "$scratch/err" || fail "version: $(cat "$scratch/err")"
  if [ $what = predictions ]; then article=; else article='a '; fi
  refuses $kind 'meta.json:/kind="plan"' "is a plan, not $article$what
hint: $hint"
  refuses $kind meta.json:/content=3 'member meta.json: content is not an object'
done
for kind in vec tree model; do
  refuses $kind -meta.json 'has no meta.json: it was not written by these tools'
done

it "refuses deflated members that are not as large as the directory claims"
refuses X indptr~-8 'member indptr: does not inflate to the 208 bytes that the directory claims'
refuses X indptr~8 'member indptr: does not inflate to the 224 bytes that the directory claims'
refuses X indptr~1000000000 'member indptr: claims an impossible size'

it "refuses a matrix whose shape lies"
refuses X 'shape[0]=11' 'member indptr: must have 12 items in one dimension'
refuses X 'shape[0]=4611686018427387904' \
  'member shape: 4611686018427387904 x 16 is too large; at most 2^32 rows and 2^31 columns'
refuses X 'shape[1]=3' 'member indices: item 1: 4 is outside 0..2'
refuses X 'shape[1]=-1' 'member shape: item 1: -1 is outside 0..18446744073709551615'
refuses X 'shape[1]=2147483649' 'member shape: 10 x 2147483649 is too large; at most 2^32 rows and 2^31 columns'
refuses Y 'shape[1]=2147483649' 'member shape: 10 x 2147483649 is too large; at most 2^32 rows and 2^31 columns'

it "does not take more memory than there is, whatever a shape says"
for kind in X Y; do
  forge $kind.npz bad.npz 'shape[1]=2147483648'
  use $kind bad.npz
  if [ $kind = X ]; then needs=': about 40969 MiB are needed, 976 MiB are allowed (ulimit -v)'; else needs=': 976 MiB are allowed (ulimit -v)'; fi
  expect_exit 1 "xmr-index: error: not enough memory$needs" bash -c 'ulimit -v 1000000; exec "$@"' - "${command[@]}" -j 1
done
rm bad.npz

it "refuses a matrix whose entries are not what they must be"
refuses X 'indptr[0]=1' 'member indptr: item 0: 1 must be 0'
refuses X 'indptr[3]=1000' 'member indptr: item 4: 15 is less than the item before'
refuses X 'indptr[10]=3' 'member indptr: item 10: 3 is less than the item before'
refuses X 'indices[2]=77' 'member indices: item 2: 77 is outside 0..15'
refuses X 'indices[1]=0' 'is not a valid matrix: unsorted, or with explicit zeros'
refuses X 'data[0]=nan' 'member data: item 0: nan is not a finite number'
refuses X 'data[1]=inf' 'member data: item 1: inf is not a finite number'
refuses X -indptr 'member indptr is missing'
refuses Y 'data[0]=-1' "row 0: label 0 has the weight -1, less than 0
hint: weights are 0 or more; in Python: scipy.sparse.save_npz('Y.npz', Y.maximum(0))"

it "refuses predictions that are none"
refuses P 'indptr[3]=1000' 'member indptr: item 4: 12 is less than the item before'
refuses P 'indices[2]=77' 'member indices: item 2: 77 is outside 0..4'
refuses P 'indices[1]=0' 'row 0: label 0 appears twice'
refuses P 'data[1]=nan' 'member data: item 1: nan is not a finite number'
refuses P 'shape[0]=9' 'member indptr: must have 10 items in one dimension'
refuses P 'shape[1]=9' 'holds 10 rows x 9 labels, 10 x 5 are expected
hint: xmr-featurize apply --labels makes Y as wide as labels.txt'

it "refuses trees that are none"
refuses tree 'level0[1]=3' 'member level1: 5 offsets, but the nodes of the level above, 3, need 4'
refuses tree 'level1[1]=5' 'member level1: offset 2 is 2, less than the one before it, 5'
refuses tree 'level1[4]=4000000000' 'member labels: 5 labels, but the last level has 4000000000 nodes'
refuses tree 'labels[0]=77' 'member labels: label 77 at position 0 is outside 0..4'
refuses tree meta.json:/content/depth=1000000 'member level2 is missing'
refuses tree meta.json:/content/labels=4000000000 'meta.json tells of another tree than the one that is there'
refuses tree 'meta.json:/content/tree="00"' 'meta.json tells of another tree than the one that is there'

it "refuses vectorizers that are none"
refuses vec 'words/offsets[3]=1000' 'member words/offsets does not fit words/bytes'
refuses vec 'block0/idf[1]=nan' 'member block0/idf has items that are not weights'
refuses vec meta.json:/content/features=17 'vectorizer in meta.json: 17 features, but the tables have 16'
refuses vec meta.json:/content/blocks=[] 'vectorizer in meta.json: "blocks" is missing or has a bad value'
for change in 'words/slots[0]=5' 'words/bytes[0]=255' 'block0/slots[1]=999' 'block0/grams[1]=999'; do
  refuses vec "$change" "the vectorizer's tables are not those it was written with: the file is damaged"
done

it "refuses models that are none"
refuses model 'tree/level0[1]=3' 'member tree/level1: 5 offsets, but the nodes of the level above, 3, need 4'
refuses model meta.json:/content/levels=1000000000 'meta.json: "levels" must be a number in 0..64'
refuses model meta.json:/content/features=15 'the vectorizer has 16 features, the model 15'
refuses model meta.json:/content/predict/beam=0 'meta.json: a beam of 0 nodes'
refuses model 'meta.json:/content/predict/ties="x"' "meta.json: \"ties\": 'x' is not one of margin|position"
refuses model 'labels/keys/offsets[1]=100' 'member labels/keys/offsets does not fit labels/keys/bytes'
refuses model -level1/chunks 'member level1/chunks is missing'
expect_files $files

# The answer of a whole file, for comparison.
answer() {
  use "$1" "$2"
  run "${command[@]}"
  if [ $status -eq 0 ] && [ -e out ]; then mv out "$scratch/answer"; else cp "$scratch/out" "$scratch/answer"; fi
}

it "refuses a truncated file wherever it ends, and a changed byte, or does not read it"
for kind in X Y vec tree model P; do
  answer $kind $kind.npz
  mv "$scratch/answer" "$scratch/whole"
  size=$(stat -c %s $kind.npz)
  for length in $(seq 1 $((size / 9)) $((size - 1))) $((size - 1)); do
    head -c "$length" $kind.npz > bad.npz
    answer $kind bad.npz
    [ $status -eq 1 ] || fail "$kind of $length bytes: exit code $status"
  done
  for byte in $(seq 0 $((size / 23)) $((size - 1))); do
    was=$(od -An -tu1 -j "$byte" -N1 $kind.npz)
    cp $kind.npz bad.npz
    printf "\\x$(printf %x $((was ^ 1 << byte % 8)))" | dd of=bad.npz bs=1 seek="$byte" conv=notrunc status=none
    answer $kind bad.npz
    case $status in
      0) cmp -s "$scratch/whole" <(sed 's/^bad\.npz/'$kind.npz/ "$scratch/answer") || fail "$kind, byte $byte: another answer" ;;
      1) grep -q '^xmr-[a-z]*: error: bad.npz:' "$scratch/err" || fail "$kind, byte $byte: $(cat "$scratch/err")" ;;
      *) fail "$kind, byte $byte: exit code $status" ;;
    esac
  done
  rm -f bad.npz
done
expect_files $files
