#pragma once
// How probable it is that an answer is relevant, by its score; and from which probability on a label is an answer.
//
//   const Calibration calibration = Calibration::read(NpzFile("calibration.npz"));
//   calibration(0.83F)            // 0.41: of a hundred answers with this score 41 are relevant
//   calibration.thresholds()      // by label; none if they were not asked for
//
// A piecewise linear function that never falls (fitted by calibration_fit.hpp), constant beyond its first and last
// knot: ranks stay, equal probabilities keep the order that the scores had. In a file of its own, kind "calibration",
// or among the arrays of a model (docs/formats.md, "Calibration"). Cost: a binary search among at most kMostKnots.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

class Calibration {
 public:
  static constexpr std::string_view kKind = "calibration";
  static constexpr std::size_t kMostKnots = 1 << 20;

  // At least one knot; `scores` increase, `probabilities` do not fall and lie in 0..1 (asserted).
  Calibration(std::vector<float> scores, std::vector<float> probabilities);
  // Of all labels, in 0..1.
  void set_thresholds(std::vector<float> thresholds);

  static bool is_in(const NpzFile& file);
  // The one in a file, if there is one.
  static std::optional<Calibration> find(const NpzFile& file) {
    return is_in(file) ? std::optional(read(file)) : std::nullopt;
  }
  // FormatError for what is none.
  static Calibration read(const NpzFile& file);
  void write(const std::string& path) const;
  // A copy of a model with this calibration in it. DataError if it holds one already.
  void write_into(const NpzFile& model, const std::string& path) const;

  // Of a finite score.
  float operator()(float score) const;
  std::size_t knots() const { return scores_.size(); }
  // Of the knots.
  std::span<const float> scores() const { return scores_; }
  std::span<const float> probabilities() const { return probabilities_; }
  std::span<const float> thresholds() const { return thresholds_; }
  // DataError with the file's name if there are thresholds of another number of labels.
  void require_labels(std::uint64_t labels, const std::string& name) const;
  std::string fingerprint() const;

 private:
  void add_to(NpzWriter& writer) const;

  std::vector<float> scores_, probabilities_;
  std::vector<float> thresholds_;  // of all labels, or none
};

}  // namespace xmr
