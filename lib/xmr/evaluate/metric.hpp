#pragma once
// A metric: a measure and the number k of answers it looks at.
//
//   const std::vector<Metric> metrics = parse_metrics(words);   // "p@1,3", "ndcg@5"
//   metrics[0].name();                                          // "p@1"
//
// The measures are the entries of the tables named in measure.hpp. Thread rule: values and pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xmr {

struct Measure;

struct Metric {
  const Measure* measure;
  std::uint32_t k = 1;  // >= 1

  std::string name() const;  // "p@1"
  // Returns true if the metric is not a sum over rows. It then has no interval, and its rows cannot be split.
  bool is_pooled() const;
  bool operator==(const Metric&) const = default;
};

// Parses words like "p@1,3,5" and "p@1,r@10": a name, "@", one or more k >= 1. A repeated metric is kept once. If a
// word is anything else, throws ConfigError with the list of names.
std::vector<Metric> parse_metrics(std::span<const std::string> words);

// Parses one word with one k: "p@1". Throws ConfigError as above.
Metric parse_metric(std::string_view word);

// The names of all measures in the order of their tables: "p", "r", ...
std::vector<std::string_view> measure_names();

}  // namespace xmr
