#pragma once
// Text → sparse features: any number of TF-IDF blocks side by side, learnt from a corpus (fit) and applied to texts.
//
// An n-gram is a sequence of symbols: word ids (word blocks) or code points (char and char-wb blocks). The vocabulary
// of a block is a table from symbol sequences to feature ids, exact (no hash collision can merge two n-grams) and
// stored ready to be mapped. Features of a block are ordered by document frequency, largest first, ties by text.
// Formulae: docs/methods.md, "Features".

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/options.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct VectorizerState;  // vectorizer_state.hpp

class Vectorizer {
 public:
  explicit Vectorizer(std::unique_ptr<const VectorizerState> state);
  Vectorizer(Vectorizer&&) noexcept;
  Vectorizer& operator=(Vectorizer&&) noexcept;
  ~Vectorizer();

  const VectorizerOptions& options() const;
  std::uint64_t features() const;
  // The columns that the blocks read, each once, in order of first use; apply() takes the texts in this order.
  const std::vector<std::string>& columns() const;
  // The n-gram of a feature as people read it; a char-wb boundary is "#". "hash:<n>" in hashed blocks.
  std::string feature_text(FeatureId feature) const;
  std::string fingerprint() const;

  // One instance. `scratch` is reused from call to call (one a thread); the row is valid until the next call with it.
  // Allocates nothing once scratch has grown.
  class Scratch {
   public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;

   private:
    friend class Vectorizer;
    struct State;
    std::unique_ptr<State> state_;
  };
  SparseRow apply(std::span<const std::string_view> texts, Scratch& scratch) const;
  // The features of the first `blocks` blocks alone (at least one).
  SparseRow apply(std::span<const std::string_view> texts, Scratch& scratch, std::size_t blocks) const;

  // The first feature of each block, and behind them the number of features.
  std::vector<FeatureId> block_offsets() const;
  // The weight of each feature in its block: 1 where the block learnt none.
  std::vector<float> idf() const;
  // The words that blocks of words know, by number; numbers are below words().
  std::size_t words() const;
  std::string_view word(std::uint32_t number) const;
  // The numbers of the words of the last column that was read into `scratch`, in the order of the text; kUnknownWord
  // stands for a word that no feature contains. Needs a block of words with a vocabulary.
  static constexpr std::uint32_t kUnknownWord = 0xffffffffU;
  static std::span<const std::uint32_t> read_words(const Scratch& scratch);
  // The normal form of one of these words.
  static std::string_view read_word(const Scratch& scratch, std::size_t position);

  // Returns a vectorizer that counts the n-grams of both, without weights: the blocks of `first`, then those of
  // `second`. Both read one column with the same tokenizer, and no block of `second` has words.
  static Vectorizer counting(const Vectorizer& first, const Vectorizer& second, Parallel& parallel);

  // A component of an archive. describe() returns the description for read() besides the members, for meta.json.
  Json describe() const;
  void write(NpzWriter& out, const std::string& prefix) const;
  // Tables are used in place: `file` must outlive the vectorizer.
  static Vectorizer read(const NpzFile& file, const std::string& prefix, const Json& description);

 private:
  std::unique_ptr<const VectorizerState> state_;
};

}  // namespace xmr
