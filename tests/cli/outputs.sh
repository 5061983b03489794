#!/bin/bash
# Destinations of results: files, links, pipes, devices; and the files left when writing fails or is stopped.
. "$(dirname "$0")/lib.sh"

head -3000 "$data/debian-search/train.tsv" > train.tsv
fit="xmr-featurize fit --word 1"
expect_ok $fit -o vec.npz train.tsv
expect_ok xmr-featurize apply -f vec.npz --labels "$data/debian-search/labels.txt" -x X.npz -y Y.npz train.tsv
expect_files X.npz Y.npz train.tsv vec.npz

it "writes through a symbolic link and leaves the link"
ln -s target.npz link.npz
expect_ok $fit -o link.npz train.tsv
[ -L link.npz ] || fail "link.npz is no link any more"
expect_same target.npz vec.npz
rm link.npz target.npz

it "does not write two results to one file"
refuse() { expect_exit 2 "$1: error: both: two outputs have this name" "$@"; }
refuse xmr-inspect slice X.npz Y.npz --rows 0:9 -o both both
refuse xmr-inspect slice X.npz --rows 0:9 -o both --rest both
refuse xmr-featurize sessions --columns session,query,time -o both --labels both train.tsv
refuse xmr-featurize fit -o both --stats both train.tsv
expect_ok $fit -o /dev/null --stats /dev/null train.tsv

it "replaces a file and keeps no copy"
echo old > new.npz
expect_ok $fit -o new.npz train.tsv
expect_same new.npz vec.npz
rm new.npz

it "writes to /dev/null and leaves it there"
expect_ok $fit -o /dev/null train.tsv
[ -c /dev/null ] || fail "/dev/null is no device any more"

it "writes an npz to a FIFO, to >(...) and to stdout"
mkfifo fifo
cat fifo > copy.npz &
expect_ok $fit -o fifo train.tsv
wait
expect_same copy.npz vec.npz
rm fifo copy.npz
expect_ok bash -c "$fit -o >(cat > copy.npz; mv copy.npz copied.npz) train.tsv"
while [ ! -e copied.npz ]; do sleep 0.01; done
expect_same copied.npz vec.npz
rm copied.npz
expect_ok $fit -o - train.tsv
expect_same "$scratch/out" vec.npz

it "reads an npz from a pipe"
expect_ok bash -c 'cat vec.npz | xmr-featurize apply -f - -x piped.npz train.tsv'
expect_ok bash -c 'xmr-featurize apply -f <(cat vec.npz) -x piped.npz train.tsv'
expect_same piped.npz X.npz
rm piped.npz

it "refuses to write binary to a terminal"
expect_exit 1 'xmr-featurize: error: <stdout>: will not write binary to a terminal
hint: send it to a file with -o, or into a pipe' /usr/bin/python3 - <<'END'
import pty, subprocess, sys
sys.exit(subprocess.call("xmr-featurize fit --word 1 -o - train.tsv".split(), stdout=pty.openpty()[1]))
END

it "writes a file in a folder of /dev as any other"
shared=/dev/shm/xmr-outputs.$$
if [ -w /dev/shm ]; then
  expect_ok $fit -o $shared train.tsv
  expect_same $shared vec.npz
  rm -f $shared
fi

# Everything that writes a file, with OUT for its name.
expect_ok xmr-index -x X.npz -y Y.npz -o tree.npz
expect_ok xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz -o model.npz
expect_ok xmr-inspect convert X.npz Y.npz -o all.txt
files="X.npz Y.npz all.txt model.npz train.tsv tree.npz vec.npz"
writers='xmr-featurize fit --word 1 --char-wb 1-5 -o OUT train.tsv
xmr-featurize apply -f vec.npz -x OUT train.tsv
xmr-featurize import -x OUT -y /dev/null all.txt
xmr-index -x X.npz -y Y.npz -o OUT
xmr-train -q -x X.npz -y Y.npz -t tree.npz -o OUT
xmr-predict -m model.npz -x X.npz -o OUT
xmr-predict -m model.npz -x X.npz --format jsonl -o OUT
xmr-predict -m model.npz -x X.npz --format npz -o OUT
xmr-inspect convert X.npz Y.npz -o OUT
xmr-inspect convert model.npz -o OUT.npz
xmr-inspect slice X.npz --rows 0: -o OUT
xmr-inspect slice train.tsv --rows 0: -o OUT'

# each_writer CODE MESSAGE OUT [PREFIX...]: every writer, after PREFIX, exits with CODE and says that of OUT.
each_writer() {
  local code=$1 message=$2 out=$3 line target
  shift 3
  while read -r line; do
    target=$out
    if [[ $line == *OUT.npz ]]; then target=$out.npz; fi
    expect_exit "$code" "${line%% *}: error: $target: $message" "$@" ${line//OUT/$out}
  done <<< "$writers"
}

it "says what is wrong with a target, and leaves nothing"
each_writer 1 'cannot create: No such file or directory' none/out
mkdir folder folder.npz
each_writer 1 'cannot write: Is a directory' folder
rmdir folder folder.npz
ln -s /dev/full full
ln -s /dev/full full.npz
each_writer 1 'cannot write: No space left on device' full
rm full full.npz
expect_files $files

it "refuses an empty name before the work"
expect_exit 2 "xmr-featurize: error: a file to write has an empty name
hint: maybe of a variable that is not set" $fit -o '' none.tsv
expect_files $files

it "leaves nothing on a full disk, and the old file as it was"
# A limit on the size of files stands in for the disk.
echo old > old
echo old > old.npz
each_writer 1 'cannot write: File too large' old bash -c 'ulimit -f 1; exec "$@"' -
[ "$(cat old old.npz)" = $'old\nold' ] || fail "the old file was changed"
rm old old.npz
expect_files $files

it "refuses to use stdin or stdout twice"
while read -r stream command; do
  expect_exit 2 "${command%% *}: error: -: given 2 times, but $stream can be used once" $command
done <<'END'
stdin xmr-featurize fit -o vec.npz - -
stdin xmr-featurize apply -f - -x X.npz -
stdin xmr-featurize apply -f - -x X.npz -y Y.npz --labels - train.tsv
stdin xmr-index -x - -y - -o tree.npz
stdin xmr-train -x - -y Y.npz -t - -o model.npz
stdin xmr-train -x X.npz -y Y.npz -t tree.npz -f - --labels - -o model.npz
stdin xmr-predict -m - -x -
stdin xmr-predict -m - -
stdin xmr-eval -y - -
stdin xmr-eval -y Y.npz --labels - -
stdin xmr-inspect show - -
stdin xmr-inspect verify - -
stdin xmr-inspect convert - - -o all.txt
stdin xmr-inspect slice - - --rows 1 -o x y
stdout xmr-featurize fit -o - --stats - train.tsv
stdout xmr-featurize apply -f vec.npz -x - -y - train.tsv
stdout xmr-featurize apply -f vec.npz -x - --stats - train.tsv
stdout xmr-featurize import -x - -y - all.txt
stdout xmr-featurize sessions -o - --stats - train.tsv
stdout xmr-index -x X.npz -y Y.npz -o - --stats -
stdout xmr-train -x X.npz -y Y.npz -t tree.npz -o - --stats -
stdout xmr-predict -m model.npz -x X.npz --stats -
stdout xmr-predict fuse all.txt all.txt --stats -
stdout xmr-eval -y Y.npz --stats - all.txt
stdout xmr-eval fit-fusion -y Y.npz all.txt all.txt -o - --stats -
stdout xmr-inspect show X.npz --stats -
stdout xmr-inspect verify X.npz --stats -
stdout xmr-inspect convert X.npz Y.npz -o - --stats -
stdout xmr-inspect slice X.npz train.tsv --rows 1 -o - -
END
expect_files $files

# stop SIGNAL COMMAND...: sends the signal as soon as the command has a temporary file.
stop() {
  local signal=$1 pid code=0 tries=0
  shift
  "$@" 2> "$scratch/err" &
  pid=$!
  while [ -z "$(find . -name '.*.tmp')" ] && kill -0 $pid 2>/dev/null && [ $((tries += 1)) -lt 1000 ]; do sleep 0.01; done
  kill "-$signal" $pid || fail "ended before it could be stopped: $*"
  wait $pid 2> /dev/null || code=$?
  status=$code
}

# Large enough that all of them work for a while after they opened their output.
cat "$data"/debian-search/train.tsv{,,,} > train.tsv
expect_ok xmr-featurize apply -f vec.npz --labels "$data/debian-search/labels.txt" -x X.npz -y Y.npz train.tsv
expect_ok xmr-inspect convert X.npz Y.npz -o all.txt
slow='xmr-featurize fit --char-wb 1-5 -o OUT train.tsv
xmr-featurize apply -f vec.npz -x OUT train.tsv
xmr-featurize import -x OUT -y /dev/null all.txt
xmr-index -x X.npz -y Y.npz --embedding-size 0 -o OUT
xmr-train -x X.npz -y Y.npz -t tree.npz --max-iterations 1000 --eps 0.000001 --threshold 0 -o OUT
xmr-predict -m model.npz -x X.npz --beam 1000 -o OUT
xmr-predict -m model.npz -x X.npz --beam 1000 --format npz -o OUT'

it "removes what it wrote when it is stopped, and what a killed run left when it runs again"
while read -r line; do
  stop TERM ${line/OUT/out} -j 1
  [ $status -eq 130 ] || fail "exit code $status from: $line"
  [ "$(cat "$scratch/err")" = "${line%% *}: error: interrupted" ] || fail "it says: $(cat "$scratch/err")"
  expect_files $files
  stop KILL ${line/OUT/out} -j 1
  [ $status -eq 137 ] || fail "exit code $status from: $line"
  [ ! -e out ] || fail "something was written by: $line"
  [ -n "$(find . -name '.out.*.tmp')" ] || fail "nothing was left, so nothing is tested"
  expect_ok $fit -o out "$data/debian-tags/test.tsv"
  rm out
  expect_files $files
done <<< "$slow"
