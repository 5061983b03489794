#include "xmr/retrieve/word_links.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockWords = 256;

void require_links(const NpzFile& file, bool is_right, const char* fault) {
  if (!is_right) throw FormatError(file.name(), fmt::format("links of words: {}", fault));
}

// rows × words: the words of the texts of each row's labels.
CsrMatrix text_words_of_rows(CsrView y, const LabelTexts& texts, std::uint64_t words) {
  CsrMatrix found(words);
  std::vector<std::uint32_t> of_row;
  for (Row row = 0; row < y.rows; ++row) {
    of_row.clear();
    for (const LabelId label : y.row(row).indices)
      for (const std::uint32_t word : texts.words(label))
        if (word != Vectorizer::kUnknownWord && of_row.size() < WordLinks::kMaxTextWords) of_row.push_back(word);
    std::ranges::sort(of_row);
    of_row.erase(std::unique(of_row.begin(), of_row.end()), of_row.end());
    for (const std::uint32_t word : of_row)
      found.push(word, 1);
    found.end_row();
  }
  return found;
}

struct WordLink {
  std::uint32_t word;
  float strength;
};

// Finds the links of one word at a time.
class LinkFinder {
 public:
  LinkFinder(CsrView of_rows, std::span<const std::uint32_t> rows_of) : of_rows_(of_rows), rows_of_(rows_of) {
    together_.resize(rows_of.size());
  }

  void find(std::span<const std::uint32_t> rows, std::vector<WordLink>& links) {
    for (const std::uint32_t row : rows)
      for (const std::uint32_t word : of_rows_.row(row).indices)
        if (together_[word]++ == 0) met_.push_back(word);
    found_.clear();
    const auto with = static_cast<double>(rows.size()), all = static_cast<double>(of_rows_.rows);
    for (const std::uint32_t word : met_) {
      const std::uint32_t together = std::exchange(together_[word], 0);
      const double gain = static_cast<double>(together) - with * static_cast<double>(rows_of_[word]) / all - 0.5;
      if (together >= WordLinks::kMinRows && gain > 0) found_.push_back({word, static_cast<float>(gain / (with + 2))});
    }
    met_.clear();
    const std::size_t kept = std::min(found_.size(), WordLinks::kMaxLinks);
    std::ranges::partial_sort(found_, found_.begin() + static_cast<std::ptrdiff_t>(kept),
                              [](const WordLink& a, const WordLink& b) {
                                return a.strength != b.strength ? a.strength > b.strength : a.word < b.word;
                              });
    links.insert(links.end(), found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(kept));
  }

 private:
  CsrView of_rows_;                         // rows × words of texts
  std::span<const std::uint32_t> rows_of_;  // by word of a text
  std::vector<std::uint32_t> together_;     // by word, 0 between calls
  std::vector<std::uint32_t> met_;
  std::vector<WordLink> found_;
};

}  // namespace

WordLinks WordLinks::read(const NpzFile& file, std::uint64_t words) {
  for (const char* member : {"links/of", "links/words", "links/strengths"})
    file.check(member);
  WordLinks links;
  links.offsets_ = file.array<std::uint64_t>("links/of");
  links.words_ = file.array<std::uint32_t>("links/words");
  links.strengths_ = file.array<float>("links/strengths");
  const std::span<const std::uint64_t> offsets = links.offsets_;
  require_links(file, offsets.size() == words + 1, "offsets of another number of words");
  require_links(file, links.words_.size() == links.strengths_.size(), "words and strengths of two numbers of links");
  require_links(file, offsets.front() == 0 && offsets.back() == links.words_.size() && std::ranges::is_sorted(offsets),
                "offsets that do not fit the links");
  require_links(file, std::ranges::all_of(links.words_, [&](std::uint32_t word) { return word < words; }),
                "a word that the vectorizer does not know");
  require_links(file,
                std::ranges::all_of(links.strengths_, [](float strength) { return strength > 0 && strength <= 1; }),
                "a strength outside 0..1");
  return links;
}

void WordLinksTable::write(NpzWriter& out) const {
  out.add("links/of", offsets);
  out.add("links/words", words);
  out.add("links/strengths", strengths);
}

WordLinks WordLinksTable::view() const {
  WordLinks view;
  view.offsets_ = offsets;
  view.words_ = words;
  view.strengths_ = strengths;
  return view;
}

WordLinksTable build_word_links(CsrView words, CsrView y, const LabelTexts& texts, Parallel& parallel) {
  const CsrMatrix of_rows = text_words_of_rows(y, texts, words.cols);
  const CsrMatrix rows = transpose(words);  // by word
  std::vector<std::uint32_t> rows_of(words.cols);
  for (const std::uint32_t word : of_rows.view().indices)
    ++rows_of[word];
  std::vector<LinkFinder> finders(parallel.threads(), LinkFinder(of_rows, rows_of));
  struct Block {
    std::vector<WordLink> links;
    std::vector<std::size_t> ends;
  };
  std::vector<Block> blocks((words.cols + kBlockWords - 1) / kBlockWords);
  parallel.for_blocks(words.cols, kBlockWords, [&](std::size_t begin, std::size_t end, unsigned worker) {
    Block& block = blocks[begin / kBlockWords];
    for (std::size_t word = begin; word < end; ++word) {
      finders[worker].find(rows.view().row(word).indices, block.links);
      block.ends.push_back(block.links.size());
    }
  });
  WordLinksTable table;
  for (const Block& block : blocks) {
    const std::size_t before = table.words.size();
    for (const std::size_t end : block.ends)
      table.offsets.push_back(before + end);
    for (const WordLink& link : block.links) {
      table.words.push_back(link.word);
      table.strengths.push_back(link.strength);
    }
  }
  return table;
}

}  // namespace xmr
