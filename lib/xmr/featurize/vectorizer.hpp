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

#include <nlohmann/json.hpp>

#include "xmr/featurize/normalization.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

enum class GramKind { word, char_, char_wb };
enum class TermFrequency { count, binary, log };
enum class InverseDocumentFrequency { none, sklearn, pecos };

// A bound on document frequencies: a count (≥ 1) or a share of the documents (ratio).
struct FrequencyBound {
  double value = 1;
  bool is_ratio = false;
};

struct BlockOptions {
  GramKind kind = GramKind::word;
  std::uint32_t min_n = 1, max_n = 1;
  std::string column = "text";
  FrequencyBound min_df{1, false}, max_df{1, true};
  std::uint64_t max_features = 0;  // 0: no bound
  TermFrequency tf = TermFrequency::count;
  InverseDocumentFrequency idf = InverseDocumentFrequency::sklearn;
  Norm norm = Norm::l2;
  std::uint32_t max_tokens = 0;  // texts are cut after so many words (word) or characters; 0: never
  std::uint32_t hash_bits = 0;   // 0: exact vocabulary; else feature = hash mod 2^bits, nothing learnt but the idf
};

struct VectorizerOptions {
  std::vector<BlockOptions> blocks;
  Tokens tokens = Tokens::unicode;
  bool fold_case = true;  // full Unicode case folding; NFKC goes with Tokens::unicode
  Norm row_norm = Norm::l2;
};

class Vectorizer {
 public:
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

  // As a component of an archive; describe() is what read() needs besides the members (goes into meta.json).
  nlohmann::ordered_json describe() const;
  void write(NpzWriter& out, const std::string& prefix) const;
  // Tables are used in place: `file` must live as long.
  static Vectorizer read(const NpzFile& file, const std::string& prefix, const nlohmann::ordered_json& description);

 private:
  friend class VectorizerFit;
  struct State;
  explicit Vectorizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xmr
