#pragma once
// A part of a fit: what some of the rows of a corpus have, counted by a process of its own and kept in a file (kind
// "fit-part", docs/formats.md) before anything is chosen from it. fit_merge.hpp makes a vectorizer of all parts.
//
//   const auto origin = fit_origin(input, options);                             // input.part = {3, 8}
//   VectorizerFit fit(options, threads);   count_corpus(input, fit, parallel);
//   write_fit_part(out, origin, options, fit.counts(parallel));
//
// Words and n-grams are sorted, so that the bytes are the same for any number of threads, and a merge goes through the
// mapped parts once. Thread rule: const methods from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/options.hpp"
#include "xmr/featurize/text_counts.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/io/part_origin.hpp"

namespace xmr {

// What all parts of a fit have in common (options, columns, sizes of the corpora), and which of them this is. DataError
// for a corpus that is no regular file, ConfigError for more than FitPart::kMostParts parts.
nlohmann::ordered_json fit_origin(const CorpusInput& input, const VectorizerOptions& options);

// Writes and commits what was counted.
void write_fit_part(NpzWriter& out, nlohmann::ordered_json origin, const VectorizerOptions& options,
                    const TextCounts& counts);

class FitPart {
 public:
  static constexpr std::uint32_t kMostParts = 1U << 16;

  // Reads every byte; FormatError for anything that is no whole part.
  explicit FitPart(const std::string& path);

  const PartOrigin& origin() const { return origin_; }  // the name of the file, too
  const VectorizerOptions& options() const { return options_; }
  std::uint64_t rows() const { return rows_; }
  // DataError if another version of the tools or of their Unicode tables made it: words may be others.
  void require_this_version() const;

  // As in TextCounts; of words, symbols are their places in words().
  struct Block {
    GramArray grams;                      // none if hashed
    std::span<const std::uint32_t> rows;  // none if hashed without idf
  };
  const StringTable& words() const { return words_; }
  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  void check_words() const;
  void check_grams(std::size_t block) const;
  void check_rows(std::size_t block) const;

  NpzFile file_;
  PartOrigin origin_;
  VectorizerOptions options_;
  std::uint64_t rows_ = 0;
  StringTable words_;
  std::vector<Block> blocks_;
};

}  // namespace xmr
