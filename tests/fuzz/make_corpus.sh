#!/bin/bash
# Writes the first inputs of the fuzzers into tests/fuzz/corpus/: small files of every kind that the tools read. What
# fuzzing found later lies beside them. make_corpus.sh [FOLDER OF THE TOOLS]
set -eu
cd "$(dirname "$0")/../.."
PATH=$(cd "${1:-build/release/bin}" && pwd):$PATH
corpus=$PWD/tests/fuzz/corpus
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT

put() {  # put READER FILE...
  reader=$1
  shift
  mkdir -p "$corpus/$reader"
  for file in "$@"; do cp "$file" "$corpus/$reader/$(basename "$file" | tr . _)"; done
}

put_folder() {  # put_folder READER NAME FILE...: in one input, as MemoryFolder takes them
  mkdir -p "$corpus/$1"
  local to=$corpus/$1/$2 letter=97
  shift 2
  : > "$to"
  for file in "$@"; do
    printf "==>\\x$(printf %x $letter)" >> "$to"
    cat "$file" >> "$to"
    letter=$((letter + 1))
  done
}

printf '0\telectric kettle\n1\tdesk lamp\n2\tsteam iron\n0,1:0.5\tkettle lamp\n' > train.tsv
printf 'kettle\nlamp\tdesk lamp\t3\niron\n' > labels.txt
printf 'kettle\ta b\na\\,b=2,7\tc d\n' > keys.tsv
xmr-featurize fit -q --word 1-2 --char-wb 3:min-df=2 -o vectorizer.npz train.tsv
xmr-featurize fit -q --word 1:hash=6 -o hashed.npz train.tsv
xmr-featurize apply -q -f vectorizer.npz -x X.npz -y Y.npz --labels labels.txt train.tsv
xmr-index -q -x X.npz -y Y.npz --branching 2 --max-leaf 2 -o tree.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vectorizer.npz --labels labels.txt -o linear.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz --weight-type f4 -o bare.npz
xmr-train -q -x X.npz -y Y.npz -t tree.npz --weight-type i1 -o steps.npz
xmr-featurize fit -q --word 1 --idf none --norm none --row-norm none -o counts.npz train.tsv
xmr-featurize apply -q -f counts.npz -x C.npz -y Y.npz train.tsv
xmr-train bm25 -q -x C.npz -y Y.npz -f counts.npz --labels labels.txt -o bm25.npz
xmr-train retrieval -q --labels labels.txt --trees 1 -o retrieval.npz train.tsv

printf '%s\n' $'1\t10\tkettle' $'1\t20\tkettle red' $'1\t30\tlamp' $'2\t1000\tkettle' $'2\t2026-01-02T03:04:05Z\tlamp' > log.tsv
head -4 log.tsv > even.tsv
xmr-featurize sessions -q -o pairs.tsv --labels queries.txt even.tsv
cut -f 1-2 pairs.tsv > requests.tsv
xmr-featurize fit -q --columns previous,prefix,- --word 1:column=previous --char 1-2:column=prefix -o session.npz pairs.tsv
xmr-featurize apply -q -f session.npz --columns previous,prefix,labels --label-keys --labels queries.txt -x SX.npz -y SY.npz pairs.tsv
xmr-index -q -x SX.npz -y SY.npz --method hybrid --labels queries.txt -o hybrid.npz
xmr-train -q -x SX.npz -y SY.npz -t hybrid.npz -f session.npz --labels queries.txt -o ranker.npz
sed "s/$/\tred,hot\t2/" queries.txt > catalog.txt
head -1 queries.txt > gone.txt
# A month lies between the two rows, so that counts fade.
awk '{ print $0 "\t" 3000000 * NR }' pairs.tsv > timed.tsv
tail -1 pairs.tsv > later.tsv
xmr-train completion -q -m ranker.npz --labels catalog.txt --pairs timed.tsv --valid later.tsv -o trained.npz
xmr-train update -q -m trained.npz --remove gone.txt -o completion.npz

xmr-predict -q -m linear.npz -k 2 -o P.npz <(cut -f 2 train.tsv)
xmr-predict -q -m linear.npz -k 2 -o P.tsv <(cut -f 2 train.tsv)
xmr-predict -q -m linear.npz -k 2 -o P.jsonl <(cut -f 2 train.tsv)
xmr-predict -q -m bare.npz -k 2 -o ids.tsv -x X.npz
xmr-inspect convert -q --label-weights X.npz Y.npz -o rows.xmc
printf '1,2:0.5 1:1 3:2 # note\n\n 2:1e-3\n' > rows.svm
xmr-eval fit-fusion -q -y Y.npz -o weights.json P.npz P.npz
/usr/bin/python3 - << 'END'
import numpy, scipy.sparse
matrix = scipy.sparse.random(4, 5, 0.5, format="csc", random_state=1)
scipy.sparse.save_npz("scipy.npz", matrix)
numpy.save("dense.npy", numpy.eye(3, dtype="float32"))
END

xmr-inspect export-pecos -q linear.npz -o pecos
for base in 0 1; do mkdir -p tfidf/$base.base/tokenizer tfidf/$base.base/vectorizer; done
echo '{"type": "tfidf", "kwargs": {"num_base_vect": 2, "norm_p": 2}}' > tfidf/meta.json
config='{"type": "tfidf", "kwargs": {"binary": false, "use_idf": true, "sublinear_tf": false, "max_length": -1, "norm_p": "l2"'
echo '{"token_type": 10}' > tfidf/0.base/tokenizer/config.json
printf '3\n2\tdot\n0\techo\n1\tred\n' > tfidf/0.base/tokenizer/vocab.txt
echo "$config, \"ngram_range\": [1, 2]}}" > tfidf/0.base/vectorizer/config.json
printf '3\n1\t3.0\t1\t1\n0\t2.0\t1\t0\n2\t0.5\t2\t1 0\n' > tfidf/0.base/vectorizer/tfidf-model.txt
echo '{"token_type": 30}' > tfidf/1.base/tokenizer/config.json
printf '5\n0\t \n1\tc\n2\td\n3\te\n4\tr\n' > tfidf/1.base/tokenizer/vocab.txt
echo "$config, \"ngram_range\": [3, 3]}}" > tfidf/1.base/vectorizer/config.json
printf '3\n0\t1.0\t3\t3 2 0\n1\t1.0\t3\t0 3 1\n2\t1.0\t3\t0 4 3\n' > tfidf/1.base/vectorizer/tfidf-model.txt

/usr/bin/python3 - << 'END'
import zipfile
zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 10, 1  # ZIP64 as in an archive of many GB
with open("wide.zip", "wb") as file:
    file.write(b"#!/bin/sh\n")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", b"stored member")
        archive.writestr("b", b"deflated " * 9, zipfile.ZIP_DEFLATED)
        archive.comment = b"a comment"
END
zip -q - train.tsv labels.txt | cat > pipe.zip
jar --create --no-manifest --file java.zip train.tsv labels.txt

mkdir requests
printf 'GET /v1/rank?q=kettle+lamp&k=2&explain=2&texts=true&min_score=0.1&beam=2&allow=kettle&deny=lamp' > requests/rank
printf 'GET /v1/complete?previous=a&prefix=%%6b&typos=1&source=pairs&model=c' > requests/complete
printf 'POST /v1/rank\n{"queries":["kettle",{"features":[[0,1],[2,0.5]]}],"k":3,"allow":["iron"],"explain":true}' > requests/many
printf 'POST /v1/rank\n{"model":"c","queries":[{"previous":"a","prefix":"k\\u00e4"}],"typos":0}' > requests/pairs
printf 'POST /v1/rank\n{"model":"b","queries":[{"features":[[1,2]]},"desk"],"deny":["iron"]}' > requests/counts
for path in v1/models healthz readyz metrics openapi.json nothing; do
  printf "HEAD /$path" > "requests/get_$(echo $path | tr -d /.)"
done
printf 'PUT /v1/rank' > requests/put

put archive X.npz scipy.npz tree.npz
put zip_directory wide.zip pipe.zip java.zip
put matrix X.npz Y.npz scipy.npz dense.npy
put vectorizer vectorizer.npz hashed.npz
put tree tree.npz hybrid.npz
put model linear.npz bare.npz steps.npz bm25.npz completion.npz retrieval.npz
put predictions P.npz P.tsv P.jsonl ids.tsv
put text_matrix rows.xmc rows.svm
put corpus train.tsv keys.tsv
put sessions log.tsv even.tsv
put names labels.txt queries.txt
put fusion_weights weights.json
put request requests/*
put tokenizer train.tsv log.tsv
put_folder pecos_model exported pecos/ranker/{param.json,{0,1}.model/{param.json,C.npz,W.npz}}
put_folder pecos_vectorizer words_and_characters tfidf/{meta.json,{0,1}.base/{tokenizer/{config.json,vocab.txt},vectorizer/{config.json,tfidf-model.txt}}}
