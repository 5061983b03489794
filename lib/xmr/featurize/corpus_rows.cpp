#include "xmr/featurize/corpus_rows.hpp"

#include <utility>

#include <fmt/format.h>

namespace xmr {
namespace {

// Small, so that all threads end a batch at about the same time.
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

}  // namespace

LineBlocks open_corpus(const std::string& path, const PartOf& part) {
  return {path, part, kBlockBytes};
}

RowReader::RowReader(CorpusColumns columns, InvalidUtf8 invalid_utf8, const std::vector<std::string>& wanted)
    : columns_(std::move(columns)),
      refuse_(invalid_utf8 == InvalidUtf8::refuse),
      fields_(columns_.size()),
      wanted_(wanted.size()) {
  for (const std::string& name : wanted)
    positions_.push_back(columns_.find(name));
}

std::span<const std::string_view> RowReader::read(LinePlace place, std::string_view line) {
  columns_.split(place, line, fields_);
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    wanted_[i] = fields_[positions_[i]];
    if (refuse_) require_utf8(place, wanted_[i]);
  }
  return wanted_;
}

void CorpusTotals::add(const BlockCounts& counts) {
  if (counts_.skipped_rows == 0) first_bad_row_ = counts.first_bad_row;
  counts_.rows += counts.rows;
  counts_.skipped_rows += counts.bad_rows;
  counts_.bytes += counts.bytes;
  observer_.advance(counts.rows);
}

CorpusCounts CorpusTotals::finish(const CorpusInput& input) const {
  if (counts_.skipped_rows > 0)
    observer_.warn(fmt::format("{} bad rows left out, the first: {}", counts_.skipped_rows, first_bad_row_));
  const std::string& file = input.paths.front() == "-" ? "<stdin>" : input.paths.front();
  if (counts_.rows == 0 && input.part.is_whole()) throw DataError(file, "has no row, at least one is needed");
  return counts_;
}

}  // namespace xmr
