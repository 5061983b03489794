#pragma once
// The inside of a Vectorizer, for VectorizerFit and Vectorizer. Not for other modules.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/featurize/word_table.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The learned content of a block.
struct LearntBlock {
  std::vector<std::uint32_t> grams;  // by feature, max_n symbols each, the unused ones kNoEntry; empty if hashed
  std::vector<float> idf;            // by feature; empty: 1
};
struct LearntTables {
  std::uint64_t rows = 0;  // learnt from
  StringTableBuilder words;
  std::vector<LearntBlock> blocks;
};

struct VectorizerState {
  struct Block {
    BlockOptions options;
    std::size_t column = 0;      // which of columns it reads
    FeatureId first = 0;         // its first feature
    std::uint32_t features = 0;  // their number
    GramTable grams;             // feature ↔ n-gram; empty if hashed
    std::span<const float> idf;  // by feature; empty: 1
  };

  // Blocks without tables yet.
  explicit VectorizerState(VectorizerOptions options);
  // With the tables, whose look-up parts are built here. DataError if there are more features than a matrix has
  // columns.
  VectorizerState(VectorizerOptions options, LearntTables tables, Parallel& parallel);

  bool looks_words_up() const;
  // Once the blocks have their tables: numbers the features. False if they are more than kMaxColumns.
  bool number_features();
  // Over options and tables.
  std::string compute_fingerprint() const;

  // A number unique in the process, by which scratch memory of another vectorizer is noticed.
  const std::uint64_t identity;
  VectorizerOptions options;
  std::vector<std::string> columns;
  std::uint64_t rows = 0;
  std::uint64_t features = 0;
  std::string unicode;  // version of the Unicode tables that it was learnt with
  WordTable words;
  std::vector<Block> blocks;
  std::string fingerprint;

 private:
  LearntTables learnt_;  // empty in a vectorizer that was read: it uses the file's memory
  SlotTable word_slots_;
  std::vector<SlotTable> gram_slots_;
};

}  // namespace xmr
