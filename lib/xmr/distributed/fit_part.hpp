#pragma once
// The file of one part of a fit (kind "fit-part", docs/formats.md): the counts of the words and n-grams of a part of
// the rows. fit_merge.hpp makes a vectorizer of all parts.
//
//   const auto origin = fit_origin(input, options);                             // input.part = {3, 8}
//   VectorizerFit fit(options, threads);   count_corpus(input, fit, parallel);
//   write_fit_part(out, origin, options, fit.counts(parallel));
//
// Words and n-grams are sorted: the bytes do not depend on the number of threads, and a merge reads the mapped parts
// once. Thread rule: const methods from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/distributed/part_origin.hpp"
#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/options.hpp"
#include "xmr/featurize/text_counts.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

// Returns the record of a part: its number, and the options, columns and corpus sizes that all parts share. If a corpus
// is no regular file, throws DataError. If there are more than FitPart::kMaxParts parts, throws ConfigError.
Json fit_origin(const CorpusInput& input, const VectorizerOptions& options);

// Writes the counts and commits the file.
void write_fit_part(NpzWriter& out, Json origin, const VectorizerOptions& options, const TextCounts& counts);

class FitPart {
 public:
  static constexpr std::uint32_t kMaxParts = 1U << 16;

  // Reads every byte. If the file is damaged or of another kind, throws FormatError.
  explicit FitPart(const std::string& path);

  const PartOrigin& origin() const { return origin_; }  // with the name of the file
  const VectorizerOptions& options() const { return options_; }
  std::uint64_t rows() const { return rows_; }
  // If another version of the tools or of their Unicode tables wrote the part, throws DataError: words may differ.
  void require_this_version() const;

  // As in TextCounts. The symbol of a word is its place in words().
  struct Block {
    GramArray grams;                      // empty if hashed
    std::span<const std::uint32_t> rows;  // empty if hashed without idf
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
