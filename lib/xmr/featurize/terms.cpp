// The terms of a tokenizer: its words cut into characters where no blanks part them, and their stems.

#include <cstddef>
#include <limits>

#include "xmr/featurize/scripts.hpp"
#include "xmr/featurize/tokenizer.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Returns the length of the emoji at the start of a run of emoji: with a colour of skin, joined ones, or the two
// letters of a flag.
std::size_t emoji_length(std::string_view run) {
  DecodedPoint point = decode_utf8(run);
  std::size_t length = point.length;
  const bool is_flag = is_flag_letter(static_cast<std::int32_t>(point.point));
  for (bool is_joined = false; length < run.size();) {
    point = decode_utf8(run.substr(length));
    const auto next = static_cast<std::int32_t>(point.point);
    if (is_flag) return is_flag_letter(next) ? length + point.length : length;
    if (!is_joined && !continues_emoji(next)) break;
    is_joined = next == kZeroWidthJoiner;
    length += point.length;
  }
  return length;
}

}  // namespace

void Tokenizer::add_term(std::string_view term, bool is_word) {
  if (stemmer_ == nullptr) {
    terms_.push_back(
        {static_cast<std::uint32_t>(term.data() - text_.data()), static_cast<std::uint32_t>(term.size()), is_word});
    return;
  }
  const std::size_t begin = stems_.size();
  stemmer_->append_stem(term, stems_);
  if (stems_.size() > std::numeric_limits<std::uint32_t>::max()) throw DataError("stems of 4 GiB or more");
  terms_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(stems_.size() - begin), is_word});
}

// Adds the terms of a word with a character of a script without blanks, or of emoji.
void Tokenizer::cut_word(std::string_view word) {
  const auto kind_at = [&](std::size_t at) {
    return table_.kind(static_cast<std::int32_t>(decode_utf8(word.substr(at)).point));
  };
  if (kind_at(0) == PointKind::emoji) {
    for (std::size_t at = 0, length = 0; at < word.size(); at += length) {
      length = emoji_length(word.substr(at));
      add_term(word.substr(at, length), true);
    }
    return;
  }
  for (std::size_t begin = 0, end = 0; begin < word.size(); begin = end) {
    const bool is_run = kind_at(begin) == PointKind::unspaced;
    units_.clear();
    for (end = begin; end < word.size();) {
      const DecodedPoint next = decode_utf8(word.substr(end));
      const bool is_other = (kind_at(end) == PointKind::unspaced) != is_run;
      const bool continues = end > begin && is_mark(static_cast<std::int32_t>(next.point));
      if (is_other && !continues) break;
      if (!continues) units_.push_back(static_cast<std::uint32_t>(end));
      end += next.length;
    }
    const std::string_view part = word.substr(begin, end - begin);
    units_.push_back(static_cast<std::uint32_t>(end));
    const std::size_t units = units_.size() - 1;
    for (std::size_t i = 0; is_run && units > 2 && i + 1 < units; ++i)
      add_term(word.substr(units_[i], units_[i + 2] - units_[i]), false);
    if (part.size() < word.size()) add_term(part, false);
  }
  add_term(word, true);
}

void Tokenizer::cut_terms() {
  terms_.clear();
  stems_.clear();
  for (std::size_t i = 0; i < words(); ++i) {
    const std::string_view word = this->word(i);
    bool is_cut = false;
    for (std::size_t at = 0; has_cuts_ && at < word.size() && !is_cut;) {
      const DecodedPoint point = decode_utf8(word.substr(at));
      is_cut = table_.kind(static_cast<std::int32_t>(point.point)) > PointKind::word;
      at += point.length;
    }
    if (is_cut)
      cut_word(word);
    else
      add_term(word, true);
  }
}

}  // namespace xmr
