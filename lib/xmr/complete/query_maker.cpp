#include "xmr/complete/query_maker.hpp"

#include <algorithm>
#include <numeric>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr double kOfUnknown = 1e-4;  // probability of a typed word that is no known piece

}  // namespace

void QueryMaker::operator()(std::string_view typed) {
  made_.clear();
  ended_.clear();
  if (typed.size() > kMaxTyped || count_points(typed) < kMinCharacters) return;
  typed_.assign(typed);
  cut_pieces(typed_, pieces_);
  const std::string_view last = pieces_.back();
  Beginning finished{.text = typed_.substr(0, typed_.size() - last.size()), .before = {}, .last = {}};
  if (pieces_.size() > 1) finished.last = pieces_[pieces_.size() - 2];
  if (pieces_.size() > 2) finished.before = pieces_[pieces_.size() - 3];
  beam_.clear();
  grown_.clear();
  grow(finished, last);
  // The typed word may be whole, though no query has it.
  const LabelId place = place_of(grams_.pieces(), last);
  if (place == grams_.pieces().size() || grams_.pieces()[place] != last)
    grown_.push_back({.text = typed_,
                      .before = finished.last,
                      .last = std::string(last),
                      .probability = kOfUnknown,
                      .pieces = 1,
                      .is_known = false});
  for (std::size_t step = 1; step < kMaxPieces && !grown_.empty(); ++step) {
    std::ranges::stable_sort(grown_,
                             [](const Beginning& a, const Beginning& b) { return a.probability > b.probability; });
    if (grown_.size() > kBeam) grown_.resize(kBeam);
    beam_.swap(grown_);
    grown_.clear();
    for (const Beginning& beginning : beam_)
      grow(beginning, {});
  }
  keep_ended();
}

// Finds the most likely pieces behind a beginning that begin with a text, in nexts_.
void QueryMaker::find_nexts(const Beginning& beginning, std::string_view begins_with, std::size_t most) {
  contexts_.clear();
  const auto add = [&](std::string_view context) {
    const PairCounts::Nexts nexts = grams_.contexts().nexts(context);
    if (nexts.labels.empty()) return;
    contexts_.push_back(
        {nexts, static_cast<double>(std::accumulate(nexts.counts.begin(), nexts.counts.end(), std::uint64_t{0}))});
  };
  if (!beginning.last.empty()) {
    context_ = beginning.before.empty() ? "\t" : "\t" + beginning.before;
    add(context_ + "\t" + beginning.last);
  }
  add("\t" + beginning.last);
  if (!beginning.last.empty()) add("");
  nexts_.clear();
  const LabelRange range = begins_with.empty() ? LabelRange{0, static_cast<LabelId>(grams_.pieces().size())}
                                               : prefix_range(grams_.pieces(), begins_with);
  std::vector<std::size_t> order;
  for (const Context& context : contexts_) {
    const PairCounts::Nexts inside = PairCounts::inside(context.nexts, range);
    order.resize(inside.labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (order.size() > most) {
      std::ranges::nth_element(
          order, order.begin() + static_cast<std::ptrdiff_t>(most), [&](std::size_t a, std::size_t b) {
            return inside.counts[a] != inside.counts[b] ? inside.counts[a] > inside.counts[b] : a < b;
          });
      order.resize(most);
    }
    for (const std::size_t i : order)
      nexts_.push_back({inside.labels[i], 0});
  }
  std::ranges::sort(nexts_, {}, &Next::piece);
  const auto same = std::ranges::unique(nexts_, {}, &Next::piece);
  nexts_.erase(same.begin(), same.end());
  for (Next& next : nexts_)
    next.probability = probability(next.piece);
  std::ranges::stable_sort(nexts_, [](const Next& a, const Next& b) { return a.probability > b.probability; });
  if (nexts_.size() > most) nexts_.resize(most);
}

double QueryMaker::probability(PieceId piece) const {
  double probability = 0;
  for (std::size_t i = contexts_.size(); i-- > 0;) {
    const auto& [nexts, total] = contexts_[i];
    const auto found = std::ranges::lower_bound(nexts.labels, piece);
    const bool is_found = found != nexts.labels.end() && *found == piece;
    const double count = is_found ? nexts.counts[static_cast<std::size_t>(found - nexts.labels.begin())] : 0;
    const auto different = static_cast<double>(nexts.labels.size());
    probability = (count + different * probability) / (total + different);
  }
  return probability;
}

void QueryMaker::grow(const Beginning& beginning, std::string_view begins_with) {
  find_nexts(beginning, begins_with, begins_with.empty() ? kBranches : kBeam);
  for (const auto& [piece, probability] : nexts_) {
    const double grown = beginning.probability * probability;
    const std::string_view text = grams_.pieces()[piece];
    if (text.empty()) {
      ended_.push_back({.text = beginning.text,
                        .probability = grown,
                        .pieces = beginning.pieces,
                        .is_begun_known = beginning.is_known});
      continue;
    }
    grown_.push_back({.text = beginning.text + std::string(text),
                      .before = beginning.last,
                      .last = std::string(text),
                      .probability = grown,
                      .pieces = beginning.pieces + 1,
                      .is_known = beginning.is_known});
  }
}

// Makes made_ of ended_.
void QueryMaker::keep_ended() {
  double sum = 0;
  for (const MadeQuery& query : ended_)
    sum += query.probability;
  std::ranges::stable_sort(ended_, [](const MadeQuery& a, const MadeQuery& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.text < b.text;
  });
  for (MadeQuery& query : ended_) {
    query.share = query.probability / sum;
    if (query.share < kMinShare || made_.size() == kMade) break;
    const LabelId place = place_of(keys_, query.text);
    if (query.text == typed_ || (place < keys_.size() && keys_[place] == query.text)) continue;
    made_.push_back(std::move(query));
  }
}

}  // namespace xmr
