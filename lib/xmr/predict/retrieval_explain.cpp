#include "xmr/predict/retrieval_explain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "xmr/retrieve/evidence.hpp"

namespace xmr {

RetrievalExplainer::RetrievalExplainer(const RetrievalModel& model, std::uint32_t k, const std::vector<bool>* allowed)
    : candidates_(model, std::max(k, model.listed()), allowed), score_(model.margin()) {}

RetrievalReasons RetrievalExplainer::operator()(LabelId label) {
  RetrievalReasons reasons;
  const auto all = candidates_.all();
  const auto found = std::ranges::find(all, label, &RetrievalCandidate::label);
  if (found == all.end()) return reasons;
  const std::span<const EvidencePiece> pieces = retrieval_evidence();
  const std::size_t size = pieces.size();
  const std::span<const float> row =
      candidates_.evidence().subspan(static_cast<std::size_t>(found - all.begin()) * size, size);
  rows_.clear();
  for (std::size_t copy = 0; copy < 1 + kSources + size; ++copy)
    rows_.insert(rows_.end(), row.begin(), row.end());
  for (std::size_t piece = 0; piece < size; ++piece) {
    const std::size_t of = pieces[piece].source ? static_cast<std::size_t>(*pieces[piece].source) : kSources + piece;
    rows_[(1 + of) * size + piece] = std::numeric_limits<float>::quiet_NaN();
  }
  margins_.resize(1 + kSources + size);
  score_.score({rows_, size}, margins_);
  reasons.margin = margins_[0];
  for (std::size_t source = 0; source < kSources; ++source)
    reasons.by[source] = {found->by[source], margins_[0] - margins_[1 + source]};
  for (std::size_t piece = 0; piece < size; ++piece) {
    const double without = margins_[1 + kSources + piece];
    if (without != margins_[0]) reasons.effects.push_back({pieces[piece].name, row[piece], margins_[0] - without});
  }
  std::ranges::stable_sort(reasons.effects, [](const EvidenceEffect& a, const EvidenceEffect& b) {
    return std::fabs(a.effect) > std::fabs(b.effect);
  });
  return reasons;
}

}  // namespace xmr
