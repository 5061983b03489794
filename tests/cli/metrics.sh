#!/bin/bash
# The metrics of xmr-eval against their definitions (tests/support/metrics_oracle.py), on random files.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import scipy.sparse' 2> /dev/null || skip "no SciPy"

it "gives the values of the definitions"
expect_ok /usr/bin/python3 "$root/tests/support/metrics_oracle.py" 10
expect_stdout ''
