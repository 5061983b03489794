#!/bin/bash
# xmr-predict type: over pipes, and as somebody at a terminal sees it.
. "$(dirname "$0")/lib.sh"

printf '%s\n' $'1\t1\tred apple' $'1\t2\tred ärmel' $'1\t3\tgreen apple' $'1\t4\tgreen tea' \
  $'2\t1\tred apple' $'2\t2\tred ärmel' $'2\t3\tgreen tea' $'3\t1\tred apple' $'3\t2\tgreen apple' > log.tsv
xmr-featurize sessions -q -o train.tsv --labels labels.txt log.tsv
xmr-featurize fit -q --word 1:column=previous --char 1-3:column=prefix --columns previous,prefix,- -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz --columns previous,prefix,labels --labels labels.txt --label-keys -x X.npz -y Y.npz train.tsv
xmr-index -q -x X.npz -y Y.npz --labels labels.txt --method hybrid -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o linear.npz
xmr-train completion -q -m linear.npz --pairs train.tsv --valid train.tsv -o model.npz
keys() { printf "$1" | xmr-predict type -m model.npz --source popular; }

it "completes after each key, in a line each"
expect_ok keys 'g\x7f'
expect_stdout $'\t\tgreen apple\tgreen tea\tred ärmel
\tg\tgreen apple\tgreen tea
\t\tgreen apple\tgreen tea\tred ärmel'

it "takes the completion that is marked as the previous query"
expect_ok keys 'r\t'
[ "$(tail -1 "$scratch/out" | cut -f 1,2)" = $'red ärmel\t' ] || fail "Tab: $(tail -1 "$scratch/out")"
expect_ok keys 'g\x1b[B\x1b[B\x1b[A\x1b[B\t'
[ "$(tail -1 "$scratch/out" | cut -f 1,2)" = $'green tea\t' ] || fail "arrows: $(tail -1 "$scratch/out")"

it "asks what is typed, forgets it, removes whole characters"
expect_ok keys 'new\r'
[ "$(tail -1 "$scratch/out" | cut -f 1,2)" = $'new\t' ] || fail "Enter: $(tail -1 "$scratch/out")"
expect_ok keys 'new\r\x7f'
[ "$(tail -1 "$scratch/out" | cut -f 1,2)" = $'\t' ] || fail "Backspace: $(tail -1 "$scratch/out")"
expect_ok keys 'red ä\x7f'
[ "$(tail -1 "$scratch/out" | cut -f 2)" = 'red ' ] || fail "half a character is left: $(tail -1 "$scratch/out")"
expect_ok keys 'red\x15g'
[ "$(tail -1 "$scratch/out" | cut -f 2)" = g ] || fail "Ctrl-U: $(tail -1 "$scratch/out")"

it "leaves out what a model's own thresholds leave out"
cut -f 1,2 train.tsv | xmr-predict -q -m model.npz -o P.npz
xmr-eval fit-calibration -q -y Y.npz P.npz --score-thresholds micro-f1 -m model.npz -o calibrated.npz
/usr/bin/python3 -S "$root/tests/cli/forge.py" calibrated.npz forged.npz 'calibration/thresholds[0]=1'
for source in fused:green\ tea pairs:green\ apple$'\t'green\ tea; do
  expect_ok sh -c "printf g | xmr-predict type -m forged.npz --source ${source%%:*} | tail -1"
  expect_stdout $'\tg\t'"${source#*:}"
done

it "mends a typo if that is wanted"
expect_ok sh -c "printf erd | xmr-predict type -m model.npz --source popular --typos 1 | tail -1"
expect_stdout $'\terd\tred ärmel'

it "ends at Ctrl-D and at the end of the pipe; Ctrl-C is an interruption"
expect_ok keys 'r\x04g'
[ "$(wc -l < "$scratch/out")" = 2 ] || fail "went on after Ctrl-D"
expect_exit 130 'xmr-predict: error: interrupted' keys 'r\x03g'

it "says what it needs"
expect_exit 2 'xmr-predict: error: linear.npz is not a completion model
hint: xmr-train completion makes one' xmr-predict type -m linear.npz

it "draws in place on a terminal, and leaves it as it was, however it ends"
expect_ok /usr/bin/python3 - <<'PYTHON'
import os, pty, signal, subprocess, termios, time

class Person:
    """Somebody at a terminal: presses keys and reads what is drawn."""
    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.program = subprocess.Popen(["xmr-predict", "type", "-m", "model.npz"], stdin=self.slave, stdout=self.slave,
                                        stderr=subprocess.DEVNULL)
        self.read_until("Ctrl-D ends\x1b[0m\x1b8")
    def read_until(self, text):
        seen = b""
        while text.encode() not in seen:
            piece = os.read(self.master, 65536)
            assert piece, seen
            seen += piece
        return seen.decode()
    def press(self, keys):
        os.write(self.master, keys.encode())
        return self.read_until("Ctrl-D ends\x1b[0m\x1b8")
    def leaves(self, code, keys="", number=None):
        if keys: os.write(self.master, keys.encode())
        if number: self.program.send_signal(number)
        self.read_until("\r\x1b[J\x1b[?7h")
        assert self.program.wait(10) == code, self.program.returncode
        assert termios.tcgetattr(self.slave) == self.before, "the terminal is not as it was"
        os.close(self.master); os.close(self.slave)

person = Person()
drawn = person.press("g")
assert "\x1b[2m\x1b[0m > g\x1b7" in drawn and "\x1b[7m green" in drawn and " red" not in drawn, drawn
drawn = person.press("x")
assert 'no such query: completing "g"' in drawn, drawn
drawn = person.press("\x7f")
first = drawn.split("\x1b[7m ")[1].split(" \x1b[0m")[0]
drawn = person.press("\t")
assert f"\x1b[2m{first}\x1b[0m > \x1b7" in drawn, drawn
person.leaves(0, "\x04")
Person().leaves(130, "\x03")
Person().leaves(130, number=signal.SIGTERM)
PYTHON

