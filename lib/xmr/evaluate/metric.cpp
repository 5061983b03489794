#include "xmr/evaluate/metric.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "xmr/evaluate/measure.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

[[noreturn]] void refuse(std::string_view word) {
  throw ConfigError(fmt::format("{} is not a metric; allowed are {}@k with k from 1 on", quote(word),
                                fmt::join(measure_names(), "@k, ")),
                    "several k of one metric: p@1,3,5");
}

const Measure& find_measure(std::string_view name, std::string_view word) {
  for (const std::span<const Measure> table : measure_tables())
    for (const Measure& measure : table)
      if (measure.name == name) return measure;
  refuse(word);
}

std::uint32_t parse_k(std::string_view text, std::string_view word) {
  std::uint32_t k = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), k);
  if (error != std::errc{} || end != text.data() + text.size() || k == 0) refuse(word);
  return k;
}

}  // namespace

std::string Metric::name() const {
  return fmt::format("{}@{}", measure->name, k);
}

bool Metric::is_pooled() const {
  return measure->gained == nullptr;
}

std::vector<Metric> parse_metrics(std::span<const std::string> words) {
  std::vector<Metric> metrics;
  for (const std::string_view word : words) {
    const Measure* measure = nullptr;
    for (std::size_t begin = 0; begin <= word.size();) {
      const std::size_t end = std::min(word.find(',', begin), word.size());
      std::string_view depth = word.substr(begin, end - begin);
      if (const std::size_t at = depth.find('@'); at != std::string_view::npos) {
        measure = &find_measure(depth.substr(0, at), word);
        depth.remove_prefix(at + 1);
      }
      if (measure == nullptr) refuse(word);
      const Metric metric{measure, parse_k(depth, word)};
      if (std::ranges::find(metrics, metric) == metrics.end()) metrics.push_back(metric);
      begin = end + 1;
    }
  }
  return metrics;
}

Metric parse_metric(std::string_view word) {
  const std::size_t at = word.find('@');
  if (at == std::string_view::npos) refuse(word);
  return {&find_measure(word.substr(0, at), word), parse_k(word.substr(at + 1), word)};
}

std::vector<std::string_view> measure_names() {
  std::vector<std::string_view> names;
  for (const std::span<const Measure> table : measure_tables())
    for (const Measure& measure : table)
      names.push_back(measure.name);
  return names;
}

}  // namespace xmr
