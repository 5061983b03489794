#!/bin/bash
# xmr-featurize sessions: a log of queries becomes rows for autocompletion and a list of known queries.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-featurize: error: $1"; }
sessions() { xmr-featurize sessions -o pairs.tsv "$@"; }

printf '%s\t%s\t%s\n' 1 10 'New York' 1 20 'new york' 1 30 'Weather, York' 2 5 hotel 2 6 'hotel york' 2 9 hotel > log.tsv

it "makes rows and known queries"
expect_ok sessions --labels labels.txt --all-prefixes log.tsv
grep -c . pairs.tsv > lines.txt
expect_ok cat lines.txt
expect_stdout 28
expect_ok head -2 pairs.tsv
expect_stdout $'new york\tw\tweather, york
new york\twe\tweather, york'
expect_ok cat labels.txt
expect_stdout $'hotel\t\t1
hotel york\t\t1
weather, york\t\t1'

it "gives the same bytes for any number of threads, from files and pipes"
for threads in 1 2 7; do
  expect_ok sessions log.tsv -j $threads
  mv pairs.tsv pairs$threads.tsv
  expect_same pairs1.tsv pairs$threads.tsv
done
cat log.tsv | expect_ok sessions
expect_same pairs.tsv pairs1.tsv

it "takes users, dates and other orders of columns, and cleans as told"
printf '%s\t%s\t%s\t\n' 7 'C++ FAQ' '2006-03-01 07:17:12' 7 'wi-fi' '2006-03-01 07:20:00' 7 late '2006-03-01 09:00:00' > user.tsv
expect_ok xmr-featurize sessions -o - user.tsv --columns user,query,time,- --all-prefixes --punctuation drop --keep-case
expect_stdout $'C FAQ\tw\twifi
C FAQ\twi\twifi
C FAQ\twif\twifi
C FAQ\twifi\twifi'

it "writes what is held out into files of its own"
expect_ok sessions log.tsv --all-prefixes --test test.tsv --test-from 8
expect_ok cut -f1 test.tsv
expect_stdout "$(for i in $(seq 13); do echo 'new york'; done)"
expect_exit 2 "$(error '--test needs --test-share or --test-from')" sessions log.tsv --test test.tsv
expect_exit 2 "$(error '--valid-share and --valid-from need --valid FILE')" sessions log.tsv --valid-from 8
expect_exit 2 "$(error "--test-from: 'noon' is neither a number of seconds nor YYYY-MM-DD HH:MM:SS")" \
  sessions log.tsv --test test.tsv --test-from noon

it "writes times of training rows only"
expect_ok sessions log.tsv --times --valid test.tsv --valid-from 8
expect_ok cut -f3,4 pairs.tsv
expect_stdout $'hotel york\t6
hotel\t9'
expect_ok cut -f3- test.tsv
expect_stdout 'weather, york'
expect_exit 2 "$(error '--times learns from sessions that are later than the training rows')
hint: --valid-from TIME in place of --valid-share" sessions log.tsv --times --valid test.tsv --valid-share 0.5

rm -f ./*.txt pairs*.tsv test.tsv

it "refuses a log in disorder, and leaves nothing behind"
printf '%s\t%s\t%s\n' 1 10 a 2 10 b 1 20 c > mixed.tsv
expect_exit 1 "$(error "mixed.tsv:3: session '1' came before, other lines between: its lines must stand together")
hint: LC_ALL=C sort -s -t\$'\\t' -k1,1 -k2,2n mixed.tsv > sorted.tsv" sessions mixed.tsv --labels labels.txt
expect_files log.tsv user.tsv mixed.tsv

it "follows its own hint"
run xmr-featurize sessions -o - mixed.tsv
bash -c "$(sed -n 's/^hint: //p' "$scratch/err")"
expect_ok xmr-featurize sessions -o - sorted.tsv
expect_stdout $'a\tc\tc'

it "leaves bad lines out on request, and says how many"
printf '1\t1\ta\n1\tx\tb\n1\n1\t2\tc\n' > bad.tsv
expect_exit 0 "xmr-featurize: warning: 2 bad rows left out, the first: bad.tsv:2: time 'x' is neither a number of seconds nor YYYY-MM-DD HH:MM:SS" \
  xmr-featurize sessions -o - bad.tsv --skip-bad-rows
expect_stdout $'a\tc\tc'

it "says when there is nothing to learn from"
printf '1\t1\ta\n2\t2\tb\n' > single.tsv
expect_exit 1 "$(error 'single.tsv: has no two different queries that follow each other in a session to train on')" \
  sessions single.tsv
expect_exit 1 "$(error 'labels.txt: no query came 2 times or more as the next one')" \
  sessions log.tsv --labels labels.txt --min-count 2
expect_exit 2 "$(error '--min-count requires --labels')
hint: xmr-featurize sessions --help lists the options" sessions log.tsv --min-count 2
no_leftovers
