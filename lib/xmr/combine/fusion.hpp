#pragma once
// One ranked list of several for the same row: from forests of trees, from models with different features,
// from anybody's program.
//
//   average   mean of the scores
//   rank      mean of (n - rank + 1) / n, n the length of the list (Borda)
//   softmax   mean of exp(s) / Σ exp(s) of the list
//   rrf       Σ 1 / (60 + rank), reciprocal rank fusion (Cormack et al., SIGIR 2009)
//   weighted  1 / (1 + exp(-z)), z linear in what the lists say (evidence.hpp), with weights that were fitted on rows
//             whose labels are known (fusion_fit.hpp)
//
// A list without the label adds nothing. Means are over all lists. Labels with equal sums are ranked by their ids.
//
//   Fusion fuse(FusionMethod::rrf, 2, 10);
//   const SparseRow ranked = fuse(std::array{a, b});
//
// Cost: the answers sorted by label and by score. Errors: ConfigError for k 0 or no list. Thread rule: one object a
// thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/combine/evidence.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

enum class FusionMethod : std::uint8_t { average, rank, softmax, rrf, weighted };
template <>
struct EnumNames<FusionMethod> {
  static constexpr EnumName<FusionMethod> kTable[] = {
      {FusionMethod::average, "average", "mean of scores"},
      {FusionMethod::rank, "rank", "ranks"},
      {FusionMethod::softmax, "softmax", "softmax of scores"},
      {FusionMethod::rrf, "rrf", "reciprocal ranks"},
      {FusionMethod::weighted, "weighted", "weights of xmr-eval fit-fusion"},
  };
};

// The weights of the evidence.
struct FusionWeights {
  std::size_t lists = 0;
  std::vector<double> values;  // in the order of evidence.hpp

  // A small JSON file (docs/formats.md, "Fusion weights"). read(): IoError; FormatError for anything else.
  static FusionWeights read(const std::string& path);
  void write(const std::string& path) const;
};

class Fusion {
 public:
  // Any method but weighted.
  Fusion(FusionMethod method, std::size_t lists, std::uint32_t k);
  Fusion(FusionWeights weights, std::uint32_t k);

  std::size_t lists() const { return lists_; }
  std::uint32_t k() const { return k_; }

  // The best k labels of as many lists (each in rank order, no label twice), best first; valid until the next call.
  SparseRow operator()(std::span<const SparseRow> lists);

 private:
  struct Candidate {
    double sum;
    LabelId label;
  };

  void prepare(std::span<const SparseRow> lists);
  double sum_of(std::span<const ListedAnswer> answers);
  double share(const ListedAnswer& answer) const;
  float printed(double sum) const;

  FusionMethod method_;
  FusionWeights weights_;
  std::size_t lists_;
  std::uint32_t k_;
  MergedLists merged_;
  struct List {
    double size = 0;
    float best = 0;
    double exponentials = 0;  // Σ exp(s - best)
  };
  std::vector<List> list_;
  std::vector<Candidate> candidates_;
  std::vector<LabelId> labels_;  // the answer
  std::vector<float> scores_;
};

}  // namespace xmr
