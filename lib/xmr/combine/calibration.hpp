#pragma once
// Maps the score of an answer to the probability that the answer is relevant, and holds a threshold for each label.
//
//   const Calibration calibration = Calibration::read(NpzFile("calibration.npz"));
//   calibration(0.83F)            // 0.41: of 100 answers with this score 41 are relevant
//   calibration.thresholds()      // by label; empty if none were fitted
//
// The function is piecewise linear, never falls, and is constant beyond its first and last knot (fitted by
// calibration_fit.hpp). So ranks stay, and answers with equal probabilities keep their order. A file of kind
// "calibration" or a model holds it (docs/formats.md, "Calibration"). Cost: a binary search among at most kMaxKnots
// knots. Thread rule: const methods from any thread.

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
  static constexpr std::size_t kMaxKnots = 1 << 20;

  // At least one knot. `scores` increase; `probabilities` do not fall and lie in 0..1 (asserted).
  Calibration(std::vector<float> scores, std::vector<float> probabilities);
  // One threshold for each label, in 0..1.
  void set_thresholds(std::vector<float> thresholds);

  static bool is_in(const NpzFile& file);
  // Reads the calibration of a file, if it has one.
  static std::optional<Calibration> find(const NpzFile& file) {
    return is_in(file) ? std::optional(read(file)) : std::nullopt;
  }
  // If the file has no calibration, throws FormatError.
  static Calibration read(const NpzFile& file);
  void write(const std::string& path) const;
  // Writes a copy of a model with this calibration. If the model has one already, throws DataError.
  void write_into(const NpzFile& model, const std::string& path) const;

  float operator()(float score) const;
  std::size_t knots() const { return scores_.size(); }
  std::span<const float> scores() const { return scores_; }
  std::span<const float> probabilities() const { return probabilities_; }
  std::span<const float> thresholds() const { return thresholds_; }
  // If the number of thresholds is not `labels`, throws DataError with the file's name.
  void require_labels(std::uint64_t labels, const std::string& name) const;
  std::string fingerprint() const;

 private:
  void add_to(NpzWriter& writer) const;

  std::vector<float> scores_, probabilities_;
  std::vector<float> thresholds_;  // one for each label, or empty
};

}  // namespace xmr
