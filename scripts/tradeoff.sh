#!/bin/bash
# The trade between accuracy, time and size: thresholds × widths of the beam, and what kinds of features are worth.
#   scripts/tradeoff.sh SET FOLDER
# SET holds train.tsv and test.tsv (`ids<TAB>text`) and labels.txt. FOLDER gets tradeoff.tsv, features.tsv and, if there is
# gnuplot, a plot of each as SVG and PNG; what is made on the way is in FOLDER/work. The tools are taken from PATH. Times are
# those of single queries on one thread, from features, the median of 2,000 test rows.
set -euo pipefail
set=$(realpath "$1")
mkdir -p "$2/work"
folder=$(realpath "$2")
cd "$folder/work"
ln -sf "$set"/{train.tsv,test.tsv,labels.txt} .

# featurize BLOCK...: vec.npz, X.npz, Y.npz, and those of the test rows.
featurize() {
  xmr-featurize fit -q "$@" -o vec.npz train.tsv
  xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
  xmr-featurize apply -q -f vec.npz --labels labels.txt -x X-test.npz -y Y-test.npz test.tsv
  xmr-inspect slice -q X-test.npz --rows :2000 -o X-timed.npz
}

# measure MODEL BEAM: bytes, µs at the median, P@1, R@10, R@100.
measure() {
  local us
  us=$(xmr-predict -m "$1" --beam "$2" -x X-timed.npz --latency | sed -n 's/^p50_us\t//p')
  xmr-predict -q -m "$1" --beam "$2" -x X-test.npz -k 100 -o P.npz
  printf '%s\t%s\t%s\n' "$(stat -c %s "$1")" "$us" \
    "$(xmr-eval -q -y Y-test.npz P.npz --metrics p@1 r@10,100 --format tsv | tail -n 1 | cut -f 2-)"
}

featurize --word 1 --word 2 --char-wb 3
xmr-index -q -x X.npz -y Y.npz -o tree.npz
thresholds="0.01 0.03 0.1 0.2 0.3"
xmr-train -q -x X.npz -y Y.npz -t tree.npz --threshold 0.01 -o model-0.01.npz
printf 'threshold\tbeam\tbytes\tus\tp@1\tr@10\tr@100\n' > ../tradeoff.tsv
for threshold in $thresholds; do
  # Pruning is what training with this threshold would do.
  [ "$threshold" = 0.01 ] || xmr-inspect prune -q model-0.01.npz --threshold "$threshold" -o "model-$threshold.npz"
  for beam in 1 2 5 10 20 50; do
    printf '%s\t%s\t%s\n' "$threshold" "$beam" "$(measure "model-$threshold.npz" $beam)" >> ../tradeoff.tsv
  done
done

printf 'features\tbytes\tus\tp@1\tr@10\tr@100\n' > ../features.tsv
ablate() {
  local name=$1
  shift
  featurize "$@"
  xmr-index -q -x X.npz -y Y.npz -o tree.npz
  xmr-train -q -x X.npz -y Y.npz -t tree.npz -o model.npz
  printf '%s\t%s\n' "$name" "$(measure model.npz 10)" >> ../features.tsv
}
ablate "words" --word 1
ablate "+ bigrams" --word 1 --word 2
ablate "+ trigrams" --word 1 --word 2 --char-wb 3
ablate "no TF-IDF" --word 1 --word 2 --char-wb 3 --tf binary --idf none

if ! command -v gnuplot > /dev/null; then
  echo "no plots: gnuplot is not installed" >&2
  exit 0
fi
cd "$folder"
for terminal in svg pngcairo; do
  gnuplot <<PLOT
set terminal $terminal size 1000,420
set output "tradeoff.${terminal/pngcairo/png}"
set datafile separator "\t"
set grid
set multiplot layout 1,2
set logscale x
set key bottom right
set xrange [4:500]
set ylabel "R\\\\@10, percent"
set offsets graph 0, 0, 0, 0.25
set xlabel "µs a query, one thread (points: beam 1, 2, 5, 10, 20, 50)"
plot for [t in "$thresholds"] sprintf("< awk '\$1 == %s' tradeoff.tsv", t) using 4:(100*\$6) with linespoints pt 7 ps 0.5 title "threshold ".t
set xrange [10:500]
set xlabel "size of the model, MB"
plot for [b in "1 2 5 10 20 50"] sprintf("< awk '\$2 == %s' tradeoff.tsv", b) using (\$3/1e6):(100*\$6) with linespoints pt 7 ps 0.5 title "beam ".b
unset multiplot
set output "features.${terminal/pngcairo/png}"
unset logscale
unset offsets
unset xlabel
set autoscale x
set style data histograms
set style fill solid 0.6
set yrange [0:100]
set ylabel "percent"
set key top left
plot "features.tsv" using (100*\$4):xtic(1) skip 1 title "P\\\\@1", "" using (100*\$5) skip 1 title "R\\\\@10", "" using (100*\$6) skip 1 title "R\\\\@100"
PLOT
done
