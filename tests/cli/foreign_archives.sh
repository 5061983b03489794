#!/bin/bash
# Archives as other programs write them give the same matrix: Python's zipfile and NumPy in all their ways, Info-ZIP, Java.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
printf '0\telectric kettle\n1\tdesk lamp\n0,1\tkettle lamp\n' > train.tsv
xmr-featurize fit -q --word 1 -o vec.npz train.tsv
xmr-featurize apply -q -f vec.npz -x X.npz -y Y.npz train.tsv
mkdir members again
$python -m zipfile -e X.npz members
rm members/meta.json members/sums.npy

# converts FILE: it becomes the matrix.
converts() {
  expect_ok xmr-inspect convert "$1" -o again.npz
  $python -m zipfile -e again.npz again
  for member in members/*; do expect_same again/"${member#*/}" "$member"; done
}

# same FILE: the same, and all of it is as its checksums say.
same() {
  converts "$1"
  expect_ok xmr-inspect verify "$1"
}

it "reads what Python's zipfile writes"
$python - << 'END'
import io
import zipfile

NAMES = [name + ".npy" for name in ("format", "shape", "indptr", "indices", "data")]


class Unseekable(io.RawIOBase):
    def __init__(self, name):
        self.file = open(name, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def close(self):
        self.file.close()
        super().close()


def pack(target, method, wide, comment=b""):
    with zipfile.ZipFile(target, "w", method) as archive:
        for name in NAMES:
            with archive.open(name, "w", force_zip64=wide) as member:  # as numpy.savez does
                member.write(open("members/" + name, "rb").read())
        archive.comment = comment


def pack_all(label, widths):
    for method in zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED:
        for wide in widths:
            pack(f"{label}-{method}-{wide}.npz", method, wide)
            with Unseekable(f"{label}-{method}-{wide}-stream.npz") as stream:
                pack(stream, method, wide)
        pack(f"{label}-{method}-comment.npz", method, True, b"PK\5\6 and a comment")


pack_all("small", (False, True))
zipfile.ZIP64_LIMIT = 100  # sizes and offsets in ZIP64, as from 2^31 on
pack_all("large", [True])
zipfile.ZIP_FILECOUNT_LIMIT = 1
pack_all("many", [True])
END
for file in small-* large-* many-*; do same "$file"; done

it "reads members behind 2 and 5 GiB, in a sparse file"
$python - << 'END'
import io
import zipfile
import zlib

ZEROS = bytes(1 << 26)


class Sparse(io.FileIO):
    def write(self, data):
        return super().write(data) if data is not ZEROS else self.seek(len(data), io.SEEK_CUR) and len(data)


zipfile.crc32 = lambda data, crc=0: crc if data is ZEROS else zlib.crc32(data, crc)  # nobody reads the zeros
for pieces in 32, 80:
    with Sparse(f"sparse-{pieces}.npz", "w+") as file, zipfile.ZipFile(file, "w") as archive:
        with archive.open("unread.npy", "w", force_zip64=True) as member:
            for _ in range(pieces):
                member.write(ZEROS)
        for name in "format", "shape", "indptr", "indices", "data":
            archive.write(f"members/{name}.npy", f"{name}.npy")
END
for file in sparse-*; do converts $file; done

it "reads what NumPy writes"
if $python -c 'import numpy' 2> /dev/null; then
  $python - << 'END'
import numpy
arrays = {name: numpy.load(f"members/{name}.npy") for name in ("format", "shape", "indptr", "indices", "data")}
numpy.savez("savez.npz", **arrays)
numpy.savez_compressed("compressed.npz", **arrays)
END
  same savez.npz
  same compressed.npz
fi

it "reads what Info-ZIP writes, into a file and into a pipe"
if command -v zip > "$scratch/out"; then
  (cd members && zip -q ../zip.npz *.npy && zip -q -0 ../stored.npz *.npy && zip -q - *.npy | cat > ../pipe.npz)
  for file in zip.npz stored.npz pipe.npz; do same $file; done
fi

it "reads what Java writes, with data descriptors"
if command -v jar > "$scratch/out"; then
  (cd members && jar --create --no-manifest --file ../java.npz *.npy && jar --create -0 --no-manifest --file ../java0.npz *.npy)
  same java.npz
  same java0.npz
fi
