#!/bin/bash
# The frame of all tools (tools/common), through a program made for it: exit codes, messages, signals, streams, --stats.
. "$(dirname "$0")/lib.sh"

it "tells every failure in one line, a hint in a second one, and by its exit code"
expect_exit 1 'probe: error: X.npz: cannot open: No such file or directory' probe fail io
expect_exit 1 'probe: error: X.npz: is no zip archive
hint: name an npz file' probe fail format
expect_exit 1 'probe: error: a\x1b[31m\x0ab.tsv:7: label 9 is outside 0..4' probe fail data
expect_exit 1 'probe: error: not enough memory' probe fail memory
expect_exit 1 'probe: error: what should not happen' probe fail other
expect_exit 2 'probe: error: beam: 0 is outside 1..' probe fail config

it "explains wrong use"
expect_exit 2 'probe: error: no command was given
hint: probe --help lists the commands' probe
expect_exit 2 "probe: error: unknown command 'raed'
hint: did you mean read?" probe raed
expect_exit 2 "probe: error: unknown command ''
hint: probe --help lists the commands" probe ''
: > texts.tsv
expect_exit 2 "probe: error: 'texts.tsv' is a file: a command comes first
hint: probe --help lists the commands" probe texts.tsv
rm texts.tsv
expect_exit 2 "probe: error: KIND: 'memry' is not one of io|format|data|config|memory|other (did you mean memory?)
hint: probe fail --help lists the options" probe fail memry
expect_exit 2 "probe: error: unexpected argument 'more'
hint: probe fail --help lists the options" probe fail io more
expect_exit 2 'probe: error: KIND is required
hint: probe fail --help lists the options' probe fail

it "removes temporaries when it is interrupted, and exits with 130"
for signal in INT TERM; do
  # A shell starts background programs with SIGINT ignored, and what is ignored stays so: Python starts this one.
  expect_exit 130 'probe: error: interrupted' /usr/bin/python3 - $signal <<'END'
import signal, subprocess, sys
probe = subprocess.Popen(["probe", "work"], stdout=subprocess.PIPE)
probe.stdout.readline()
probe.send_signal(getattr(signal, "SIG" + sys.argv[1]))
sys.exit(probe.wait())
END
  expect_files
done

it "leaves an ignored signal ignored"
expect_exit 130 'probe: error: interrupted' bash -c 'trap "" INT; exec 3< <(exec probe work); pid=$!
  read -r <&3; kill -INT $pid; sleep 0.1; kill -0 $pid && kill -TERM $pid; wait $pid'

it "ends at once at the second signal, even if it does not look"
expect_exit 130 '' /usr/bin/python3 - <<'END'
import subprocess, sys, time
probe = subprocess.Popen(["probe", "work", "--stubborn"], stdout=subprocess.PIPE)
probe.stdout.readline()
probe.terminate()
time.sleep(0.1)
assert probe.poll() is None
probe.terminate()
sys.exit(probe.wait())
END
rm -f .out.*.tmp

it "ends a read of stdin that waits, and takes no part of the input for the whole"
expect_exit 130 'probe: error: interrupted' /usr/bin/python3 - <<'END'
import subprocess, sys, time
probe = subprocess.Popen(["probe", "read"], stdin=subprocess.PIPE)
probe.stdin.write(b"part")
probe.stdin.flush()
time.sleep(0.1)
probe.terminate()
sys.exit(probe.wait(10))
END

it "does not wait for a terminal"
expect_exit 2 'probe: error: there is no input
hint: name a file, or send text to stdin through a pipe' /usr/bin/python3 - <<'END'
import os, pty, subprocess, sys
master, slave = pty.openpty()
sys.exit(subprocess.call(["probe", "read"], stdin=slave))
END

it "ends quietly when nobody reads its output any more"
expect_exit 141 '' bash -c 'set -o pipefail; (echo text; sleep 0.2) | probe read | true'

it "fails when stdout is full or closed"
echo text > text
expect_exit 1 'probe: error: <stdout>: cannot write: No space left on device' sh -c 'probe read < text > /dev/full'
expect_exit 1 'probe: error: <stdout>: cannot write: Bad file descriptor' sh -c 'probe read < text >&-'
expect_exit 1 'probe: error: <stdin>: cannot read: Bad file descriptor' sh -c 'probe read <&-'
expect_files text

it "keeps quiet, or tells the time of each phase"
expect_exit 0 'probe: warning: nothing was read' probe read < /dev/null
expect_exit 0 '' probe read -q < /dev/null
expect_ok probe read -v < text
[ "$(sed 's/[0-9.]* s/T s/' "$scratch/err")" = 'probe: info: read: T s, 5 bytes
probe: info: write: T s' ] || fail "verbose says: $(cat "$scratch/err")"

it "writes figures of the run"
expect_ok probe read -j 3 --stats stats.json < text
expect_stdout 5
expect_ok /usr/bin/python3 - <<'END'
import json
stats = json.load(open("stats.json"))
assert list(stats) == ["tool", "version", "threads", "bytes", "seconds", "phases", "peak_memory_bytes"], list(stats)
assert stats["tool"] == "probe" and stats["threads"] == 3 and stats["bytes"] == 5
assert [p["name"] for p in stats["phases"]] == ["read", "write"]
assert 0 <= sum(p["seconds"] for p in stats["phases"]) <= stats["seconds"] < 10
assert 1e5 < stats["peak_memory_bytes"] < 1e9
END
expect_exit 1 'probe: error: none/stats.json: cannot create: No such file or directory' probe read --stats none/stats.json < text
expect_stdout ''

it "draws progress on a terminal only, and wipes it"
expect_ok /usr/bin/python3 - <<'END'
import os, pty, subprocess, time
def stderr_on_a_terminal(*arguments, **environment):
    master, slave = pty.openpty()
    probe = subprocess.Popen(["probe", "read", *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=slave,
                             env={**os.environ, "TERM": "xterm", **environment})
    os.close(slave)
    for _ in range(6):
        time.sleep(0.05)
        probe.stdin.write(b"part")
        probe.stdin.flush()
    probe.stdin.close()
    probe.wait()
    drawn = b""
    try:
        while piece := os.read(master, 10000):
            drawn += piece
    except OSError:  # the end of a terminal
        pass
    return drawn
drawn = stderr_on_a_terminal()
assert drawn.startswith(b"\r\x1b[Kread: ") and drawn.endswith(b"\r\x1b[K"), drawn
assert stderr_on_a_terminal("-q") == b""
assert stderr_on_a_terminal(TERM="dumb") == b""
END
