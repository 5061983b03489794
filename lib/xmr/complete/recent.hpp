#pragma once
// Counts of labels that fade with age: an occurrence that is t seconds older than the latest one of the log counts
// 2^(-t / half-life).
//
//   RecentCounter counter;
//   counter.add(label, seconds);  ...                              // each row of the log, in any order
//   if (const auto half_life = counter.half_life(labels, held_out))
//     counter.table(labels, *half_life).write(out, "recent/");
//   const Recent recent = Recent::find(file, "recent/", labels);
//   recent.count(label);
//
// Counts are stored in units of 1/kUnit, with a search for the largest ones (popular.hpp). Memory: 12 bytes a row in
// the counter; of the file: 4.3 bytes a label and 8 for sums. Errors: FormatError for inconsistent arrays. Thread rule:
// const methods from any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/complete/popular.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class Recent {
 public:
  static constexpr std::uint32_t kUnit = 256;

  // Returns an empty object if the file has no such members.
  static Recent find(const NpzFile& file, const std::string& prefix, std::uint64_t labels);

  bool empty() const { return half_life_ == 0; }
  // In occurrences; 0 without counts.
  double count(LabelId label) const { return empty() ? 0 : counts_.count(label) / static_cast<double>(kUnit); }
  double total(LabelRange range) const {
    return empty() ? 0 : static_cast<double>(counts_.total(range)) / static_cast<double>(kUnit);
  }
  // In units; not of an empty object.
  const Popular& counts() const { return counts_; }
  // Seconds.
  std::int64_t half_life() const { return half_life_; }
  // The time of the latest occurrence, seconds since 1970.
  std::int64_t latest() const { return latest_; }

 private:
  friend class RecentTable;
  Popular counts_;
  std::int64_t half_life_ = 0, latest_ = 0;
};

// The arrays of Recent during construction.
class RecentTable {
 public:
  // `counts`: by label, in occurrences.
  RecentTable(std::span<const double> counts, std::int64_t half_life, std::int64_t latest);

  void write(NpzWriter& out, const std::string& prefix) const;
  // Valid as long as the table.
  Recent view() const;

 private:
  PopularTable counts_;
  std::int64_t half_life_, latest_;
};

class RecentCounter {
 public:
  RecentCounter() = default;
  // Begins with the counts of an earlier log, if there are any: label l is `number_of`[l] now, if that is below
  // `labels`.
  RecentCounter(const Recent& before, std::span<const LabelId> number_of, std::uint64_t labels);

  void add(LabelId label, std::int64_t time);
  // The time of the latest occurrence; 0 without one.
  std::int64_t latest() const { return latest_; }

  // Returns the half-life of the earlier log. Without one, returns the half-life, from an hour to 90 days, whose counts
  // best predict the labels of held-out rows: with the largest mean of ln(w · share of the fading counts + (1 - w) ·
  // share of all counts), w from 0.1 to 0.8. Returns nullopt if the gain over the shares of all counts is below
  // kLeastGain. Held-out rows are later than the rows of the counter.
  std::optional<std::int64_t> half_life(std::uint64_t labels, std::span<const LabelId> held_out) const;
  static constexpr double kLeastGain = 0.002;

  RecentTable table(std::uint64_t labels, std::int64_t half_life) const;

 private:
  std::vector<double> counts(std::uint64_t labels, std::int64_t half_life) const;

  std::vector<double> before_;  // counts of the earlier log, by label, at its latest time
  std::int64_t before_half_life_ = 0, before_latest_ = 0;
  std::vector<LabelId> labels_;
  std::vector<std::int64_t> times_;
  std::int64_t latest_ = 0;
};

}  // namespace xmr
