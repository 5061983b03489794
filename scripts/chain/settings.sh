# Settings of one job, read by bash; every other line of scripts/chain, parallel and slurm can stay as it is.
# Relative paths begin at the folder of this file. Copy it, and give each job a folder of its own.

job=../../build/chain                  # Where everything is made: on a file system that all machines see.
tools=../../build/release/bin          # Folder of the tools; empty: they are in PATH.

# Texts: lines of `labels<TAB>text`, and labels.txt. Held-out rows in `test` are answered and evaluated; empty: none.
corpus=../../data/debian-search/train.tsv
test=../../data/debian-search/test.tsv
labels=../../data/debian-search/labels.txt

# A retrieval model instead of a tree alone: queries in the form of `corpus` that are not in it, for the fit of the ranking.
valid=                                 # Lines as in corpus, e.g. of: xmr-inspect slice log.tsv --share 0.95 -o seen.tsv --rest valid.tsv
retrieval=()                           # xmr-train retrieval
# Then fit=(--word 1 --word 2 --char-wb 3) train=(--relevance induce --relevance-norm l2 --cost 2 --cost-positive 2 --threshold 0.03)

# Or matrices, where `corpus` is empty: x=X.npz y=Y.npz x_test=X-test.npz y_test=Y-test.npz

# Options of the tools, in their pages in docs/.
fit=(--word 1 --word 2)                # xmr-featurize fit
apply=()                               # xmr-featurize apply, of train and test
index=()                               # xmr-index; many labels in parts: (--sample-labels 100000)
train=()                               # xmr-train plan; no --label-rows and no file of negatives, which its parts would need, too
predict=(-k 100)                       # xmr-predict
evaluate=(--metrics p@1,3,5 r@10,100)  # xmr-eval

parts=8                                # Tasks that apply and train are cut into.
fit_parts=1                            # Those of fit: more than 1 for texts that are too many for one process.
index_parts=1                          # Those of index: more than 1 for its default method alone, without --method, label features or --x-norms.
predict_parts=                         # Those of predict; empty: as many as parts. Each one checks what it uses of the model.
stages=1                               # With matcher-aware negatives (train=(--negatives tfn+man)): levels of the tree, that of the labels too.
threads=1                              # Of one of these tasks; the other steps are one task each, which has
single_threads=                        # as many threads as this says; empty: the same.
memory=                                # --memory of a training task, as 4G; give the task a quarter more.

at_once=2                              # Tasks at a time: on each host of GNU parallel, of an array job in Slurm. Empty: one
                                       # a processor; all.
sbatch=()                              # More options of sbatch: --partition=, --account=, --mem=, --time=
single_sbatch=()                       # Still more for the steps of one task: xmr-index may need another --mem=
