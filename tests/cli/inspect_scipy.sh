#!/bin/bash
# Matrices of SciPy and NumPy are shown, checked and converted; SciPy reads ours.
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import scipy.sparse' 2> /dev/null || skip "no python3-scipy"
python() { /usr/bin/python3 -c "import numpy as np, scipy.sparse as sp; $1"; }

python '
x = sp.csc_matrix(np.array([[0, 1.5, 0], [2, 0, 0]]))
sp.save_npz("csc.npz", x)
sp.save_npz("stored.npz", x.tocsr().astype(np.float32), compressed=False)
np.save("dense.npy", x.toarray())'

it "makes the same matrix of whatever form it comes in"
expect_ok xmr-inspect convert stored.npz -o X.npz
for file in csc.npz dense.npy X.npz; do
  expect_ok xmr-inspect convert $file -o again.npz
  expect_same again.npz X.npz
done

it "writes what SciPy and NumPy read"
python 'x = sp.load_npz("X.npz"); assert (x.toarray() == np.load("dense.npy")).all() and x.format == "csr"'
python 'f = np.load("X.npz"); assert f["data"].tolist() == [1.5, 2.0] and f["indices"].dtype == np.int32'

it "says what it cannot check of them"
expect_ok xmr-inspect verify csc.npz stored.npz dense.npy X.npz
expect_stdout 'csc.npz: ok as far as can be told of a file of another program: CRC-32 of 5 members, 2 entries sorted and in range
stored.npz: ok as far as can be told of a file of another program: CRC-32 of 5 members, 2 entries sorted and in range
dense.npy: ok as far as can be told of an npy array: 2 rows, finite
X.npz: ok: matrix; CRC-32 of 7 members, layout, 2 entries sorted and in range'

it "shows them"
expect_ok xmr-inspect show stored.npz
sed -n '/rows /,/values/p' "$scratch/out" > got
cat > expected <<'END'
  rows                      2
  columns                   3
  entries                   2
  entries of a row          1..1, median 1, mean 1.00
  rows without entries      0
  entries of a used column  1..1, median 1, mean 1.00
  columns without entries   1
  values                    1.5..2
END
expect_same got expected
