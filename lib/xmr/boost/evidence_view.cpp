#include "xmr/boost/evidence_view.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

void check_sizes(const LabelledEvidence& data) {
  const std::size_t columns = data.evidence.columns, candidates = data.targets.size();
  if (columns == 0 || columns > kMaxEvidenceColumns)
    throw ConfigError(fmt::format("evidence: {} columns, 1..{} are allowed", columns, kMaxEvidenceColumns));
  if (candidates > kMaxCandidates)
    throw ConfigError(fmt::format("evidence: {} candidates, at most {} are allowed", candidates, kMaxCandidates));
  if (data.evidence.values.size() != candidates * columns)
    throw ConfigError(fmt::format("evidence: {} numbers, {} candidates of {} columns need {}",
                                  data.evidence.values.size(), candidates, columns, candidates * columns));
  if (!data.weights.empty() && data.weights.size() != candidates)
    throw ConfigError(fmt::format("evidence: {} weights for {} candidates", data.weights.size(), candidates));
  if (!data.starts.empty() && data.starts.size() != candidates)
    throw ConfigError(fmt::format("evidence: {} starts for {} candidates", data.starts.size(), candidates));
  if (data.queries.empty() || data.queries.front() != 0 || data.queries.back() != candidates ||
      !std::ranges::is_sorted(data.queries))
    throw ConfigError(fmt::format("evidence: the offsets of queries do not cover 0..{} in order", candidates));
}

}  // namespace

void check(const LabelledEvidence& data) {
  check_sizes(data);
  const auto fail = [](std::size_t candidate, const std::string& fault) {
    throw DataError(fmt::format("evidence: candidate {}: {}", candidate, fault));
  };
  for (std::size_t candidate = 0; candidate < data.candidates(); ++candidate) {
    if (data.targets[candidate] > 1) fail(candidate, fmt::format("target {}, not 0 or 1", data.targets[candidate]));
    if (!(data.weight(candidate) >= 0 && std::isfinite(data.weight(candidate))))
      fail(candidate, fmt::format("weight {}, not a finite number ≥ 0", data.weight(candidate)));
    if (!std::isfinite(data.start(candidate)))
      fail(candidate, fmt::format("start {}, not a finite number", data.start(candidate)));
    const auto row = data.evidence.row(candidate);
    for (std::size_t column = 0; column < row.size(); ++column)
      if (std::isinf(row[column])) fail(candidate, fmt::format("column {}: infinity", column));
  }
}

}  // namespace xmr
