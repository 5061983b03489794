#include "xmr/evaluate/metric.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

struct MeasureName {
  std::string_view name;
  Measure measure;
};
constexpr std::array<MeasureName, 18> kMeasures{{{"p", Measure::precision},
                                                 {"r", Measure::recall},
                                                 {"ndcg", Measure::ndcg},
                                                 {"mrr", Measure::mrr},
                                                 {"success", Measure::success},
                                                 {"answered", Measure::answered},
                                                 {"psp", Measure::psp},
                                                 {"coverage", Measure::coverage},
                                                 {"keystrokes", Measure::keystrokes},
                                                 {"bleu", Measure::bleu},
                                                 {"micro-p", Measure::micro_precision},
                                                 {"micro-r", Measure::micro_recall},
                                                 {"micro-f1", Measure::micro_f1},
                                                 {"macro-p", Measure::macro_precision},
                                                 {"macro-r", Measure::macro_recall},
                                                 {"macro-f1", Measure::macro_f1},
                                                 {"logloss", Measure::log_loss},
                                                 {"ece", Measure::ece}}};

[[noreturn]] void refuse(std::string_view word) {
  std::string names;
  for (const MeasureName& known : kMeasures)
    names += fmt::format("{}{}@k", names.empty() ? "" : ", ", known.name);
  throw ConfigError(fmt::format("{} is not a metric; allowed are {} with k from 1 on", quote(word), names),
                    "several k of one metric: p@1,3,5");
}

std::uint32_t parse_k(std::string_view word, std::string_view text) {
  std::uint32_t k = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), k);
  if (error != std::errc{} || end != text.data() + text.size() || k == 0) refuse(word);
  return k;
}

}  // namespace

std::string Metric::name() const {
  const auto known = std::ranges::find(kMeasures, measure, &MeasureName::measure);
  return fmt::format("{}@{}", known->name, k);
}

std::vector<Metric> parse_metrics(std::span<const std::string> words) {
  std::vector<Metric> metrics;
  for (const std::string_view word : words) {
    const std::size_t at = word.find('@');
    const auto known = std::ranges::find(kMeasures, word.substr(0, at), &MeasureName::name);
    if (at == std::string_view::npos || known == kMeasures.end()) refuse(word);
    for (std::size_t begin = at + 1; begin <= word.size();) {
      const std::size_t end = std::min(word.find(',', begin), word.size());
      const Metric metric{known->measure, parse_k(word, word.substr(begin, end - begin))};
      if (std::ranges::find(metrics, metric) == metrics.end()) metrics.push_back(metric);
      begin = end + 1;
    }
  }
  return metrics;
}

}  // namespace xmr
