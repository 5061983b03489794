#include "xmr/distributed/fit_merge.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "xmr/distributed/fit_part.hpp"
#include "xmr/distributed/part_list.hpp"
#include "xmr/featurize/merge.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/merge_sorted.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBeforeFirst = std::numeric_limits<std::size_t>::max();

std::vector<FitPart> read_parts(std::span<const std::string> paths) {
  std::vector<FitPart> parts;
  std::optional<PartList> list;
  for (const std::string& path : paths) {
    const FitPart& part = parts.emplace_back(path);
    part.require_this_version();
    require_same_origin(part.origin(), parts.front().origin());
    if (!list) list.emplace(part.origin().part.parts);
    list->add(path, part.origin().part.part);
  }
  list->require_all("the fit of " + paths.front());
  return parts;
}

// A word of a part, and the positions of its words among the words of all parts.
class WordCursor {
 public:
  WordCursor(const StringTable& words, std::vector<std::uint32_t>& positions) : words_(words), positions_(&positions) {
    positions.resize(words.size());
  }
  bool next() { return ++at_ < words_.size(); }
  std::string_view word() const { return words_[at_]; }
  void set_position(std::uint32_t position) const { (*positions_)[at_] = position; }
  friend bool operator<(const WordCursor& a, const WordCursor& b) { return a.word() < b.word(); }

 private:
  StringTable words_;
  std::vector<std::uint32_t>* positions_;
  std::size_t at_ = kBeforeFirst;
};

MergedWords merge_words(std::span<const FitPart> parts) {
  MergedWords merged;
  merged.positions.resize(parts.size());
  std::vector<WordCursor> cursors;
  for (std::size_t p = 0; p < parts.size(); ++p)
    cursors.emplace_back(parts[p].words(), merged.positions[p]);
  merge_sorted<WordCursor>(cursors, [&](std::span<WordCursor* const> same) {
    if (merged.words.size() == kNoEntry) throw DataError("more than 4294967295 different words");
    for (const WordCursor* cursor : same)
      cursor->set_position(static_cast<std::uint32_t>(merged.words.size()));
    merged.words.push_back(same.front()->word());
  });
  return merged;
}

// An n-gram of a part in the symbols of all parts. Words keep their order, so n-grams keep theirs.
class GramCursor {
 public:
  // positions: of the words of the part; empty if symbols are the same in all parts.
  GramCursor(const FitPart::Block& block, std::span<const std::uint32_t> positions)
      : block_(block), positions_(positions) {}
  bool next() {
    if (++at_ >= block_.rows.size()) return false;
    const std::size_t width = block_.grams.width;
    for (std::size_t k = 0; k < width; ++k) {
      const std::uint32_t symbol = block_.grams.symbols[at_ * width + k];
      symbols_[k] = positions_.empty() || symbol == kNoEntry ? symbol : positions_[symbol];
    }
    return true;
  }
  std::span<const std::uint32_t> symbols() const { return std::span(symbols_).first(block_.grams.width); }
  std::uint32_t rows() const { return block_.rows[at_]; }
  friend bool operator<(const GramCursor& a, const GramCursor& b) { return gram_less(a.symbols(), b.symbols()); }

 private:
  FitPart::Block block_;
  std::span<const std::uint32_t> positions_;
  std::size_t at_ = kBeforeFirst;
  std::array<std::uint32_t, kMaxN> symbols_{};
};

CountedGrams merge_buckets(std::span<const FitPart> parts, std::size_t block) {
  CountedGrams counted;
  for (const FitPart& part : parts) {
    const auto rows = part.blocks()[block].rows;
    counted.rows.resize(rows.size());
    std::ranges::transform(counted.rows, rows, counted.rows.begin(), std::plus());
  }
  return counted;
}

CountedGrams merge_grams(std::span<const FitPart> parts, const MergedWords& words, std::size_t block,
                         const RowBounds& bounds, const Observer& observer) {
  const bool of_words = has_words(parts.front().options().blocks[block]);
  std::vector<GramCursor> cursors;
  for (std::size_t p = 0; p < parts.size(); ++p)
    cursors.emplace_back(parts[p].blocks()[block], of_words ? std::span<const std::uint32_t>(words.positions[p])
                                                            : std::span<const std::uint32_t>());
  CountedGrams counted;
  merge_sorted<GramCursor>(cursors, [&](std::span<GramCursor* const> same) {
    if (observer.cancelled()) throw Interrupted();
    std::uint32_t rows = 0;
    for (const GramCursor* cursor : same)
      rows += cursor->rows();
    if (!bounds.allow(rows)) return;
    const auto symbols = same.front()->symbols();
    counted.symbols.insert(counted.symbols.end(), symbols.begin(), symbols.end());
    counted.rows.push_back(rows);
  });
  return counted;
}

}  // namespace

Vectorizer merge_fit_parts(std::span<const std::string> paths, Parallel& parallel) {
  const std::vector<FitPart> parts = read_parts(paths);
  const VectorizerOptions& options = parts.front().options();
  TextCounts counts;
  for (const FitPart& part : parts)
    counts.rows += part.rows();
  MergedWords words = merge_words(parts);
  counts.words = std::move(words.words);
  counts.take = [&](std::size_t block, const RowBounds& bounds) {
    return has_vocabulary(options.blocks[block]) ? merge_grams(parts, words, block, bounds, parallel.observer())
                                                 : merge_buckets(parts, block);
  };
  return learn(options, counts, parallel);
}

}  // namespace xmr
