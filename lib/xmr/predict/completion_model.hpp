#pragma once
// A completion model: an XR-Linear model over previous query and prefix, the counts of a log's sessions
// (complete/session_counts.hpp), and the weights of their fusion (train/completion_fit.hpp). Labels are the known
// queries; their keys increase bytewise.
//
// Queries are normalised before they are compared (featurize/query_text.hpp); labels must be in that form.
//
// The file is that of the XR-Linear model plus the members popular/, pairs/, together/, words/ and weights (cells x
// evidence, complete/evidence.hpp). Opening checks the counts, 20 bytes a label and pair, and the lists of words, and
// makes LabelRanges. Errors: FormatError. Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "xmr/complete/evidence.hpp"
#include "xmr/complete/pair_counts.hpp"
#include "xmr/complete/popular.hpp"
#include "xmr/complete/session_counts.hpp"
#include "xmr/complete/word_index.hpp"
#include "xmr/featurize/query_text.hpp"
#include "xmr/index/label_ranges.hpp"
#include "xmr/io/json.hpp"
#include "xmr/model/xr_linear.hpp"

namespace xmr {

class CompletionModel {
 public:
  static constexpr std::string_view kType = "completion";  // in meta.json

  static CompletionModel open(NpzFile file);
  static CompletionModel open(const std::string& path) { return open(NpzFile(path)); }
  // Makes a model without weights. The tables must outlive it. If the linear model holds no vectorizer of the columns
  // previous and prefix or no names, or if its names do not increase or are not in this form, throws DataError.
  CompletionModel(XrLinearModel linear, const SessionTables& tables, const QueryForm& form);

  const std::string& name() const { return linear_->name(); }
  std::uint64_t labels() const { return linear_->labels(); }
  std::uint64_t features() const { return linear_->features(); }
  const Vectorizer* vectorizer() const { return linear_->vectorizer(); }
  const std::string& vectorizer_fingerprint() const { return linear_->vectorizer_fingerprint(); }
  const StoredNames& names() const { return linear_->names(); }

  const XrLinearModel& linear() const { return *linear_; }
  const LabelRanges& ranges() const { return ranges_; }
  const Popular& popular() const { return popular_; }
  const PairCounts& pairs() const { return pairs_; }
  const PairCounts& together() const { return together_; }
  const WordIndex& words() const { return words_; }
  const QueryForm& form() const { return form_; }
  // The weights of a cell.
  std::span<const double, kCompletionEvidence> weights(std::size_t cell) const {
    return weights_.subspan(cell * kCompletionEvidence).first<kCompletionEvidence>();
  }

 private:
  CompletionModel(XrLinearModel linear, Popular popular, PairCounts pairs, PairCounts together, WordIndex words,
                  const QueryForm& form);
  void require_fit() const;
  void require_queries() const;

  std::unique_ptr<const XrLinearModel> linear_;  // at a fixed address: ranges_ refers to its tree
  LabelRanges ranges_;
  Popular popular_;
  PairCounts pairs_, together_;
  WordIndex words_;
  QueryForm form_;
  std::span<const double> weights_;
};

// Writes and commits the file: the members of the linear model, the tables and the weights. `options`: the settings
// that determine the content.
void write_model(NpzWriter out, const CompletionModel& model, const SessionTables& tables,
                 std::span<const double> weights, nlohmann::ordered_json options);

}  // namespace xmr
