#!/bin/bash
# xmr-inspect show: what files are and what they hold.
. "$(dirname "$0")/lib.sh"

printf '3 6 3\n0,2 1:0.5 5:-2\n 3:0.001\n1 \n' > all.txt
expect_ok xmr-featurize import -x X.npz -y Y.npz all.txt

# shows FILE FIRST LAST: the lines from one that begins with the word FIRST to one that begins with LAST are those of stdin.
shows() {
  cat > expected
  expect_ok xmr-inspect show "$1"
  sed -n "/^  $2 /,/^  $3/p" "$scratch/out" > got
  expect_equal "show $1" expected got
}

it "shows a matrix"
shows X.npz rows meta <<'END'
  rows                      3
  columns                   6
  entries                   3
  entries of a row          0..2, median 1, mean 1.00
  rows without entries      1
  entries of a used column  1..1, median 1, mean 1.00
  columns without entries   3
  values                    -2..0.5
  content
    imported from  xmc
  members
    member     type     shape  bytes
    format     bytes3            131
    shape      int64    2        144
    indptr     int64    4        160
    indices    int32    3        140
    data       float32  3        140
    sums       uint64   1        136
    meta.json                    113
END

it "shows predictions"
printf '0\t1\t0.75\t2\n0\t2\t-1e-07\t0\n2\t1\t0.1\t1\n' | expect_ok xmr-inspect convert - -o P.npz
shows P.npz rows members <<'END'
  rows                   3
  labels                 3
  answers                3
  answers of a row       0..2, median 1, mean 1.00
  rows without answers   1
  labels never answered  0
  scores                 -1e-07..0.75
  members
END

it "shows the blocks of a vectorizer with some of their features"
printf 'red echo\nred dot\nred echo dot\n' | expect_ok xmr-featurize fit --columns text --word 1-2 --char-wb 3 -o v.npz
shows v.npz features content <<'END'
  features        16
  columns         text
  blocks
    n-grams      column  features  some of them
    word 1-2     text           6  red, dot, echo, red echo, echo dot, red dot
    char-wb 3-3  text          10  #re, ed#, red, #do, #ec, cho, dot, ech
  content
END

it "shows text"
expect_ok xmr-inspect show all.txt
expect_stdout 'all.txt
  kind            XMC repository text
  rows            3
  features        6
  labels          3
  bytes           33
  lines           4
  empty lines     0
  longest line    14
  columns by tab  1..1
  lines not utf8  0'
printf '1\ta\n2\t\xff\tb\n\n' > corpus.tsv
expect_ok xmr-inspect show corpus.tsv
expect_stdout 'corpus.tsv
  kind            text
  bytes           11
  lines           3
  empty lines     1
  longest line    5
  columns by tab  1..3
  lines not utf8  1'

it "shows several files, also as JSON"
expect_ok xmr-inspect show all.txt X.npz --json
[ "$(wc -l < "$scratch/out")" -eq 2 ] || fail "not one line a file"
grep -q '^{"file":"X.npz","kind":"matrix","format_version":1,.*"entries_of_a_row":{"min":0,"median":1,"mean":1.0,"max":2},' \
  "$scratch/out" || fail "X.npz: $(cat "$scratch/out")"

it "shows what comes before a file that cannot be read"
expect_exit 1 'xmr-inspect: error: none: cannot open: No such file or directory' xmr-inspect show all.txt none --json
grep -q '"file":"all.txt"' "$scratch/out" || fail "all.txt is not shown"

it "lets no control character of a file through to the terminal"
printf 'a\033[31mb c\n' | expect_ok xmr-featurize fit --columns text --tokens whitespace -o v.npz
expect_ok xmr-inspect show v.npz
grep -qF 'a\x1b[31mb' "$scratch/out" || fail "$(cat "$scratch/out")"

it "refuses what cannot be read"
head -c 700 X.npz > cut.npz
expect_exit 1 'xmr-inspect: error: cut.npz: the directory of the archive is missing or damaged; the file may be cut off' \
  xmr-inspect show cut.npz
expect_exit 1 'xmr-inspect: error: none: cannot open: No such file or directory' xmr-inspect show none
expect_exit 1 'xmr-inspect: error: .: cannot read: Is a directory' xmr-inspect show .
expect_exit 1 'xmr-inspect: error: <stdout>: cannot write: No space left on device' \
  sh -c 'xmr-inspect show X.npz > /dev/full'
