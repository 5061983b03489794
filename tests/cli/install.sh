#!/bin/bash
# The files of `make install`, used as a stranger would: programs against the library, manual, completion.
. "$(dirname "$0")/lib.sh"

build=$(dirname "$(dirname "$(command -v xmr-index)")")
[ -f "$build/lib/libxmr.so" ] || skip "only part of the project is built"
cmake --install "$build" --prefix "$PWD/usr" > /dev/null
export PATH=$PWD/usr/bin:$PATH

printf '0\telectric kettle\n1\tdesk lamp\n2\tsteam iron\n' > train.tsv
printf 'kettle\nlamp\niron\n' > labels.txt
xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
xmr-train bm25 -q -x X.npz -y Y.npz -f vec.npz --labels labels.txt -o model.npz
printf 'electric kettle\niron\n' > queries.txt
xmr-predict -m model.npz queries.txt | awk -F '\t' '{ print $4 }' > expected

it "lets a CMake project find the library"
expect_ok cmake -S "$root/tests/package" -B ask -DCMAKE_PREFIX_PATH="$PWD/usr" -DCMAKE_CXX_FLAGS=-O0
expect_ok cmake --build ask
expect_ok sh -c './ask/ask model.npz < queries.txt'
cut -f 2 "$scratch/out" > keys
expect_same expected keys
expect_exit 1 'ask: missing.npz: cannot open: No such file or directory' ./ask/ask missing.npz

it "does not load Highway, which takes 3 ms of each start"
expect_ok ldd usr/bin/xmr-predict usr/lib/libxmr.so
! grep hwy "$scratch/out" || fail "a program loads libhwy"

it "installs the public headers and no others, whose examples are compiled"
(cd usr/include && find xmr -name '*.hpp' | sort) > headers
printf 'xmr/%s\n' api/matrix.hpp api/model.hpp api/vectorizer.hpp sparse/csr.hpp util/error.hpp util/types.hpp > public
expect_same public headers
{
  echo '#include <cstddef>'
  echo '#include <iostream>'
  sed 's/.*/#include <&>/' headers
  number=0
  while read -r header; do
    echo "void example_$((number++))() {"
    grep '^//   ' "usr/include/$header" | sed 's/^..//'
    echo "}"
  done < <(grep '^xmr/api/' headers)
} > examples.cpp
expect_ok g++ -std=c++20 -fsyntax-only -Wall -Wextra -Wno-unused-variable -Iusr/include examples.cpp
for name in TextRanker TextVectorizer write_matrix; do
  grep -q "$name" examples.cpp || fail "no example of $name"
done

it "answers programs in C and what calls C"
cat > ask.c <<'END'
#include <stdio.h>
#include <string.h>
#include <xmr.h>
int main(int argc, char** argv) {
  uint32_t labels[2];
  float scores[2];
  xmr_ranker* ranker = xmr_open(argv[1], 2);
  if (ranker == NULL || argc < 3) return fprintf(stderr, "%s\n", xmr_error()), 1;
  xmr_ranker* other = xmr_share(ranker);
  xmr_close(ranker);
  const int found = xmr_rank(other, argv[2], strlen(argv[2]), labels, scores);
  size_t size = 0;
  for (int i = 0; i < found; ++i) {
    const char* key = xmr_key(other, labels[i], &size);
    printf("%.*s\n", (int)size, key);
  }
  if (xmr_key(other, 3, &size) != NULL || xmr_labels(other) != 3) return 2;
  xmr_close(other);
}
END
expect_ok cc ask.c -o ask_c $(PKG_CONFIG_PATH=usr/lib/pkgconfig pkg-config --cflags xmr) -Lusr/lib -lxmr -Wl,-rpath,"$PWD/usr/lib"
expect_ok ./ask_c model.npz 'electric kettle'
expect_same <(head -1 expected) "$scratch/out"
expect_exit 1 'missing.npz: cannot open: No such file or directory' ./ask_c missing.npz kettle
expect_ok python3 "$root/tests/package/ask.py" usr/lib/libxmr.so model.npz 'electric kettle'
expect_same <(head -1 expected) <(cut -f 1 "$scratch/out")

it "gives the probabilities of a model that holds a calibration"
xmr-predict -q -m model.npz -x X.npz -o P.npz
xmr-eval fit-calibration -q -y Y.npz P.npz -m model.npz -o calibrated.npz
expect_ok python3 "$root/tests/package/ask.py" usr/lib/libxmr.so calibrated.npz 'electric kettle'
expect_stdout 'kettle	0.875'

it "names what a program must be linked with"
expect_ok g++ ask/CMakeFiles/ask.dir/ask.cpp.o $(PKG_CONFIG_PATH=usr/lib/pkgconfig pkg-config --libs xmr) -o ask_linked
expect_ok sh -c './ask_linked model.npz < queries.txt'
cut -f 2 "$scratch/out" > keys
expect_same expected keys

it "has a page of the manual for each tool and command"
for page in xmr-index xmr-featurize-fit xmr-predict-fuse; do
  [ -s "usr/share/man/man1/$page.1" ] || fail "no $page.1"
done
grep -q "^xmr-featurize-fit .- learns a vectorizer" usr/share/man/man1/xmr-featurize-fit.1 || fail "the name of the page"
! grep -l '??' usr/share/man/man1/*.1 || fail "characters that help2man does not know"

it "completes commands, options and values in bash"
complete() {
  bash -c '
    . "$0/usr/share/bash-completion/completions/xmr-index"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _xmr "$1" "${@: -1}" "${@: -2:1}"
    echo "${COMPREPLY[@]}"' "$PWD" "$@"
}
expect_words() {
  local words=$1
  shift
  expect_equal "after $*" <(echo "$words") <(complete "$@")
}
expect_words "fit" xmr-featurize fi
expect_words "--trie-depth" xmr-index --tr
expect_words "--min-df" xmr-featurize fit --mi
expect_words "hybrid" xmr-index --method h
expect_words "count binary log position word-position" xmr-featurize fit --tf ''

# The arguments of _arguments and _describe stand for the completions that zsh shows.
it "completes commands, options and values in zsh"
zsh_completes() {
  zsh -fc '
    _arguments() { print -l -- $@ }
    _describe() { print -l -- ${(P)2} }
    completion=$1
    shift
    words=("$@") CURRENT=$# PREFIX=$@[-1]
    . $completion' zsh "$PWD/usr/share/zsh/site-functions/_xmr" "$@"
}
if command -v zsh > /dev/null; then
  expect_ok zsh_completes xmr-featurize ''
  grep -qx 'fit:Learns a vectorizer.*' "$scratch/out" || fail "no command fit"
  expect_ok zsh_completes xmr-featurize fit --t
  grep -q '^\*--tf\[.*:(count binary log position word-position)$' "$scratch/out" || fail "no words of --tf"
  expect_ok zsh_completes xmr-index --m
  grep -q '^\*--method\[.*:(kmeans balanced trie hybrid must-link random)$' "$scratch/out" || fail "no methods of xmr-index"
else
  echo "install: no zsh, whose completion was not tried"
fi
