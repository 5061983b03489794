#pragma once
// A completion model: the counts of a log's sessions (complete/session_counts.hpp), an XR-Linear model over previous
// query and prefix unless it is left out, and the weights of their fusion (train/completion_fit.hpp). Labels are the
// known queries; their keys increase bytewise.
//
// Queries are normalised before they are compared (featurize/query_text.hpp); labels must be in that form.
//
// The file is that of the XR-Linear model, or the names of the labels, plus the members popular/, pairs/, together/,
// words/, grams/, first/, weights (cells x evidence, complete/evidence.hpp); if counts fade with age,
// recent/; if labels have categories or business weights, catalog/; if labels are never to be answers
// (train/completion_update.hpp), removed. Opening checks the counts, 20 bytes a label and pair, and the lists of words,
// and makes LabelRanges. Errors: FormatError. Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "xmr/complete/evidence.hpp"
#include "xmr/complete/first_queries.hpp"
#include "xmr/complete/label_catalog.hpp"
#include "xmr/complete/pair_counts.hpp"
#include "xmr/complete/popular.hpp"
#include "xmr/complete/recent.hpp"
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
  // The same without a linear model. `name`: of the file of the names, which must outlive the model.
  CompletionModel(std::string name, const StoredNames& names, const SessionTables& tables, const QueryForm& form);

  const std::string& name() const { return name_; }
  std::uint64_t labels() const { return names_.keys.size(); }
  std::uint64_t features() const { return linear_ ? linear_->features() : 0; }
  // Null without a linear model.
  const Vectorizer* vectorizer() const { return linear_ ? linear_->vectorizer() : nullptr; }
  const std::string& vectorizer_fingerprint() const;
  const StoredNames& names() const { return names_; }

  // Null: the model has none. Then there are no ranges().
  const XrLinearModel* linear() const { return linear_.get(); }
  const LabelRanges& ranges() const { return *ranges_; }
  const Popular& popular() const { return counts_.popular; }
  const PairCounts& pairs() const { return counts_.pairs; }
  const PairCounts& together() const { return counts_.together; }
  const WordIndex& words() const { return counts_.words; }
  const QueryGrams& grams() const { return counts_.grams; }
  const FirstQueries& first() const { return counts_.first; }
  // Empty: the rows had no times, or fading counts predicted later rows no better.
  const Recent& recent() const { return counts_.recent; }
  // The labels that are never answers, increasing.
  std::span<const LabelId> removed() const { return removed_; }
  // Empty: labels have neither categories nor business weights.
  const LabelCatalog& catalog() const { return catalog_; }
  const QueryForm& form() const { return form_; }
  // The weights of a cell.
  std::span<const double, kCompletionEvidence> weights(std::size_t cell) const {
    return weights_.subspan(cell * kCompletionEvidence).first<kCompletionEvidence>();
  }
  // The weights of all cells.
  std::span<const double> weights() const { return weights_; }
  // The file of a model that was opened.
  const NpzFile& file() const { return linear_ ? linear_->file() : *file_; }

 private:
  struct Counts {
    Popular popular;
    PairCounts pairs, together;
    WordIndex words;
    QueryGrams grams;
    FirstQueries first;
    Recent recent;
  };
  static Counts view(const SessionTables& tables);
  CompletionModel(XrLinearModel linear, Counts counts, const QueryForm& form);
  CompletionModel(std::string name, const StoredNames& names, Counts counts, const QueryForm& form);
  void read_weights(const NpzFile& file);
  void read_controls(const NpzFile& file);
  void require_fit() const;
  void require_queries() const;

  std::string name_;
  std::shared_ptr<const NpzFile> file_;          // of a model without linear_
  std::unique_ptr<const XrLinearModel> linear_;  // at a fixed address: ranges_ refers to its tree
  std::optional<LabelRanges> ranges_;
  StoredNames names_;
  Counts counts_;
  LabelCatalog catalog_;
  std::span<const LabelId> removed_;
  QueryForm form_;
  std::span<const double> weights_;
};

// Writes the members of the counts.
void write_tables(NpzWriter& out, const SessionTables& tables);
// Writes and commits the file: the members of the linear model or the names, the tables, the weights and the catalog.
// `options`: the settings that determine the content.
void write_model(NpzWriter out, const CompletionModel& model, const SessionTables& tables,
                 const LabelCatalogTable& catalog, std::span<const double> weights, Json options);

}  // namespace xmr
