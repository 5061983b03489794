#!/bin/bash
# Some of the failures of the system that `make torture` lets happen under every command (tests/torture/faults.py).
. "$(dirname "$0")/lib.sh"

it "gives what it gives undisturbed, or an error line and the old files, when a call fails"
tools=$(dirname "$(command -v xmr-train)")
expect_ok "$root/tests/torture/faults.py" "$tools" 0.07
