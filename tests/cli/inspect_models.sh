#!/bin/bash
# xmr-inspect on a tree and a model of real data: what it shows agrees with what it converts; damage is told with its place.
. "$(dirname "$0")/lib.sh"

error() { echo "xmr-inspect: error: $1"; }
labels=$data/debian-search/labels.txt
head -8000 "$data/debian-search/train.tsv" > train.tsv
xmr-featurize fit --unspaced whole --word 1 --min-df 2 -o vec.npz train.tsv
xmr-featurize apply -f vec.npz --labels "$labels" -x X.npz -y Y.npz train.tsv
xmr-index -x X.npz -y Y.npz --max-leaf 20 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels "$labels" -o model.npz
files=$(ls)

# shown FILE PATH: a value of what xmr-inspect shows of the file.
shown() {
  xmr-inspect show --json "$1" | /usr/bin/python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)' "$2"
}

it "shows the levels of a tree"
expect_ok xmr-inspect show tree.npz
sed -n '/^  labels /,/^    *2 /p' "$scratch/out" | grep -v fingerprint > got
cat > expected <<'END'
  labels          4986
  depth           3
  levels
    level  nodes  children of a parent           labels of a node
        0     21  21..21, median 21, mean 21.00  58..574, median 168, mean 237.43
        1    428  5..51, median 14, mean 20.38   1..20, median 13, mean 11.65
        2   4986  1..20, median 13, mean 11.65   1..1, median 1, mean 1.00
END
expect_equal 'show tree.npz' expected got

it "shows some labels of some nodes, by id in a tree, by key in a model"
for node in 0 1 2 3; do
  at=some_nodes.$((4 + node))
  number=$(shown tree.npz $at.node) label=$(shown tree.npz $at.some_of_them.0)
  [ "$(shown tree.npz $at.level) $number" = "1 $((107 * node))" ] || fail "node $number"
  key=$(sed -n $((label + 1))p "$labels" | cut -f 1)
  [ "$(shown model.npz $at.some_of_them.0)" = "$key" ] || fail "label $label is not $key"
  xmr-inspect convert tree.npz -o - | grep -q "^$label	[0-9]*/$number\$" || fail "label $label is not below node $number"
done

it "writes a tree as text, every label once, with as many nodes as it shows"
expect_ok xmr-inspect convert tree.npz --labels "$labels" -o tree.tsv
cut -f 1 tree.tsv | sort > got
cut -f 1 "$labels" | sort > expected
expect_same got expected
[ "$(cut -f 2 tree.tsv | cut -d / -f 1 | sort -u | wc -l)" = "$(shown tree.npz levels.0.nodes)" ] || fail "nodes of level 0"
[ "$(cut -f 2 tree.tsv | sort -u | wc -l)" = "$(shown tree.npz levels.1.nodes)" ] || fail "nodes of level 1"
expect_ok xmr-inspect convert tree.npz -o ids.tsv
[ "$(sort -n ids.tsv | cut -f 1 | tail -1)" = 4985 ] || fail "ids of labels"

it "shows of a model the tree that it was trained with"
for path in labels levels.0.nodes levels.1.nodes levels.2.labels_of_a_node content.tree; do
  tree=$(shown tree.npz $path)
  model=$(shown model.npz ${path/content.tree/content.fingerprints.tree})
  [ "$tree" = "$model" ] || fail "$path: $tree in the tree, $model in the model"
done
[ "$(shown model.npz vectorizer.features)" = "$(shown X.npz columns)" ] || fail "features"
[ "$(shown model.npz has_vectorizer) $(shown model.npz has_label_names)" = 'True True' ] || fail "vectorizer or names"

it "writes the weights of a level, as many as it shows, with a bias for each node"
for level in 0 1 2; do
  expect_ok xmr-inspect convert model.npz --level $level -o W.npz
  [ "$(shown W.npz rows)" = $(($(shown model.npz features) + 1)) ] || fail "level $level: rows"
  [ "$(shown W.npz columns)" = "$(shown model.npz levels.$level.nodes)" ] || fail "level $level: columns"
  [ "$(shown W.npz entries)" -ge "$(shown model.npz levels.$level.weights)" ] || fail "level $level: entries"
  [ "$(shown W.npz content.tree)" = "$(shown tree.npz content.tree)" ] || fail "level $level: tree"
  expect_ok xmr-inspect verify W.npz
done

it "writes trees and models anew, whoever packed them"
for file in tree.npz model.npz; do
  /usr/bin/python3 - $file <<'END'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as whole, zipfile.ZipFile("packed.npz", "w", zipfile.ZIP_DEFLATED) as packed:
    for name in whole.namelist():
        packed.writestr(name, whole.read(name))
END
  expect_ok xmr-inspect convert packed.npz -o again.npz
  expect_same again.npz $file
done

it "passes whole trees and models"
expect_ok xmr-inspect verify tree.npz model.npz
grep -qx 'tree.npz: ok: label-tree; CRC-32 of 5 members, layout, 4986 labels, each once' "$scratch/out" || fail "tree"
grep -qx 'model.npz: ok: model; CRC-32 of [0-9]* members, layout, checksums of all chunks, [0-9]* weights in range' "$scratch/out" ||
  fail "model: $(cat "$scratch/out")"

# changed FILE MEMBER: bad.npz, with the byte in the middle of the member's data changed.
changed() {
  /usr/bin/python3 - "$1" "$2.npy" <<'END'
import struct, sys, zipfile
data = bytearray(open(sys.argv[1], "rb").read())
member = zipfile.ZipFile(sys.argv[1]).getinfo(sys.argv[2])
name, extra = struct.unpack("<HH", data[member.header_offset + 26:member.header_offset + 30])
start = member.header_offset + 30 + name + extra
data[start + 128 + (member.file_size - 128) // 2] ^= 1
open("bad.npz", "wb").write(data)
END
}

it "tells where a tree or a model was changed: the member, or, of a large one, the chunk"
while read -r file member place; do
  changed $file $member
  expect_exit 1 "$(error '1 of 1 files failed the check')" xmr-inspect verify bad.npz
  grep -qE "^bad.npz: $place" "$scratch/out" || fail "$member: $(cat "$scratch/out")"
done <<'END'
tree.npz labels member labels: CRC-32 does not match: the file is damaged$
model.npz tree/labels member tree/labels: CRC-32 does not match: the file is damaged$
model.npz level0/chunks member level0/chunks: CRC-32 does not match: the file is damaged$
model.npz labels/texts/bytes member labels/texts/bytes: CRC-32 does not match: the file is damaged$
END
xmr-featurize fit -o big-vec.npz train.tsv
xmr-featurize apply -f big-vec.npz --labels "$labels" -x big-X.npz train.tsv -y big-Y.npz
xmr-train -q -x big-X.npz -y big-Y.npz -t tree.npz -o big.npz
changed big.npz level2/chunks
expect_exit 1 "$(error '1 of 1 files failed the check')" xmr-inspect verify bad.npz
grep -qE '^bad.npz: level 2, parent [0-9]+: damaged chunk' "$scratch/out" || fail "$(cat "$scratch/out")"
rm big* bad.npz packed.npz again.npz W.npz got expected tree.tsv ids.tsv

it "refuses what trees and models are not"
expect_exit 1 "$(error 'tree.npz: a label-tree has no rows that could be selected')" xmr-inspect slice tree.npz --rows 1 -o x
expect_exit 1 "$(error 'model.npz: a model has no rows that could be selected')" xmr-inspect slice model.npz --rows 1 -o x
expect_exit 1 "$(error 'model.npz: a model has no form as text')
hint: --level writes the weights of a level as a matrix" xmr-inspect convert model.npz -o model.txt
expect_exit 2 "$(error '--level: the levels of the model are 0..2')" xmr-inspect convert model.npz --level 3 -o W.npz
head -10 "$labels" > few.txt
expect_exit 1 "$(error 'few.txt: 10 labels, but tree.npz has 4986')" xmr-inspect convert tree.npz --labels few.txt -o tree.tsv
rm few.txt
expect_files $files
