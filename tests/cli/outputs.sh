#!/bin/bash
# Where results can go: files, links, pipes, devices; and what is left when writing them fails or is stopped.
. "$(dirname "$0")/lib.sh"

head -3000 "$data/debian-search/train.tsv" > train.tsv
fit="xmr-featurize fit --word 1"
expect_ok $fit -o vec.npz train.tsv
expect_ok xmr-featurize apply -f vec.npz -x X.npz -y Y.npz train.tsv
expect_files X.npz Y.npz train.tsv vec.npz

it "writes through a symbolic link and leaves the link"
ln -s target.npz link.npz
expect_ok $fit -o link.npz train.tsv
[ -L link.npz ] || fail "link.npz is no link any more"
expect_same target.npz vec.npz
rm link.npz target.npz

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

it "says what is wrong with a target, and leaves nothing"
expect_exit 1 'xmr-featurize: error: none/vec.npz: cannot create: No such file or directory' $fit -o none/vec.npz train.tsv
mkdir folder
expect_exit 1 'xmr-featurize: error: folder: cannot write: Is a directory' $fit -o folder train.tsv
rmdir folder
expect_exit 1 'xmr-featurize: error: /dev/full: cannot write: No space left on device' $fit -o /dev/full train.tsv

it "leaves nothing on a full disk, and the old file as it was"
echo old > old.npz
# A limit on the size of files stands in for the disk; the signal that goes with it is ignored.
expect_exit 1 'xmr-featurize: error: old.npz: cannot write: File too large' \
  bash -c "trap '' XFSZ; ulimit -f 8; exec $fit -o old.npz train.tsv"
[ "$(cat old.npz)" = old ] || fail "old.npz was changed"
rm old.npz
expect_files X.npz Y.npz train.tsv vec.npz

# stop SIGNAL COMMAND...: sends the signal as soon as the command has a temporary file.
stop() {
  local signal=$1 pid code=0 tries=0
  shift
  "$@" 2> "$scratch/err" &
  pid=$!
  while [ -z "$(find . -name '.*.tmp')" ] && kill -0 $pid 2>/dev/null && [ $((tries += 1)) -lt 1000 ]; do sleep 0.01; done
  kill "-$signal" $pid || fail "ended before it could be stopped: $*"
  wait $pid || code=$?
  status=$code
}

it "removes what it wrote when it is stopped"
expect_ok xmr-index -x X.npz -y Y.npz -o tree.npz
stop TERM xmr-train -j 1 -x X.npz -y Y.npz -t tree.npz --max-iterations 1000 --eps 0.000001 --threshold 0 -o model.npz
[ $status -eq 130 ] || fail "exit code $status"
[ "$(cat "$scratch/err")" = 'xmr-train: error: interrupted' ] || fail "it says: $(cat "$scratch/err")"
expect_files X.npz Y.npz train.tsv tree.npz vec.npz

it "removes what a killed run left when the same file is written again"
stop KILL xmr-train -j 1 -x X.npz -y Y.npz -t tree.npz --max-iterations 1000 --eps 0.000001 --threshold 0 -o model.npz
[ $status -eq 137 ] || fail "exit code $status"
[ ! -e model.npz ] || fail "a model was written"
[ -n "$(find . -name '.model.npz.*.tmp')" ] || fail "nothing was left, so nothing is tested"
expect_ok xmr-train -x X.npz -y Y.npz -t tree.npz -o model.npz
expect_files X.npz Y.npz model.npz train.tsv tree.npz vec.npz
