#!/bin/bash
# Words of languages: bigrams, accents, stems, emoji; the same in fit, apply, linear models and BM25.
. "$(dirname "$0")/lib.sh"

printf '0\t苹果手机壳\n1\tラーメンを食べる\n2\tส้มตำไทย\n3\tCafé Łódź\n4\tconnected 🎂\n' > train.tsv
printf 'a\nb\nc\nd\ne\n' > labels.txt

# answers QUERY...: the best label for each query, of BM25 and of a linear model.
answers() {
  for model in bm25 model; do
    printf '%s\n' "$@" | xmr-predict -q -m $model.npz -k 1 | cut -f 4 | paste -sd ' '
  done
}
# learn OPTIONS...: the two models with words of these options.
learn() {
  xmr-featurize fit -q --word 1 "$@" -o vec.npz train.tsv
  xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none "$@" -o counts.npz train.tsv
  for name in vec counts; do
    xmr-featurize apply -q -f $name.npz --labels labels.txt -x $name.X.npz -y Y.npz train.tsv
  done
  xmr-index -q -x vec.X.npz -y Y.npz -o tree.npz
  xmr-train -q -x vec.X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
  xmr-train bm25 -q -x counts.X.npz -y Y.npz -f counts.npz --labels labels.txt -o bm25.npz
}

it "finds parts of words in scripts without blanks"
learn
expect_ok answers 手机 食べ ไทย
expect_stdout $'a b c\na b c'
learn --unspaced whole
expect_ok sh -c 'printf "手机\n" | xmr-predict -m bm25.npz -k 1'
expect_stdout ''

it "weighs a word of another script more than pairs of characters"
printf '0\t日本語の文書を編集する\n1\tlatex editor\n' > mixed.tsv
printf 'a\nb\n' > mixed.txt
xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none -o mixed.npz mixed.tsv
xmr-featurize apply -q -f mixed.npz --labels mixed.txt -x mixed.X.npz -y mixed.Y.npz mixed.tsv
xmr-train bm25 -q -x mixed.X.npz -y mixed.Y.npz -f mixed.npz --labels mixed.txt -o mixed.bm25.npz
expect_ok sh -c 'printf "LaTeXの文書\n文書\n" | xmr-predict -m mixed.bm25.npz -k 1 | cut -f 4'
expect_stdout $'b\na'

it "folds accents, takes stems and reads emoji if told to"
learn --fold-accents --stem english --emoji
expect_ok answers cafe lodz connections 🎂
expect_stdout $'d d e e\nd d e e'
expect_exit 2 "xmr-featurize: error: tokens whitespace: keeps the text as it is; --fold-accents, --emoji and --stem need unicode" \
  xmr-featurize fit --preset pecos --emoji -o no.npz train.tsv
run xmr-featurize fit --stem klingon -o no.npz train.tsv
[ $status = 2 ] && grep -q "'klingon' is not a language with stems; allowed are arabic, " "$scratch/err" || fail "$(cat "$scratch/err")"

it "keeps what a vectorizer was made with"
expect_ok xmr-inspect show --json vec.npz
grep -q '"fold_accents":true,"emoji":true,"stem":{"language":"english","version":"[0-9a-f]*"}' "$scratch/out" || fail "$(cat "$scratch/out")"
