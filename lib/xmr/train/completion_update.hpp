#pragma once
// Adds a new log to a completion model, and removes labels from it, without training.
//
//   CompletionUpdate update(model, rows, removed);
//   update.write(NpzWriter("new.npz"), model);
//
// Counts of labels, pairs, sessions and pieces grow by the rows, which are in the order of their log. A next query that
// is no label becomes one: counts and the search by words know it, the tree does not. Removed labels are never answers
// again, also as made queries. Weights, tree and vectorizer stay. Of labels that occur together a text keeps the most
// frequent ones, so their counts are lower bounds. Memory: that of SessionCounter for both logs. Thread rule: one
// thread.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "xmr/complete/label_catalog.hpp"
#include "xmr/complete/session_counts.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/train/completion_fit.hpp"

namespace xmr {

class CompletionUpdate {
 public:
  // `removed`: by label of the model; empty: none. `kept`: the share of the model's counts that is kept, 0..1. If a
  // row's next query is not in the form of the model's queries, or a row has no time while the model's counts fade with
  // age, throws DataError.
  CompletionUpdate(const CompletionModel& model, std::span<const CompletionRow> rows, const std::vector<bool>& removed,
                   double kept = 1);

  std::uint64_t labels() const { return keys_.size(); }
  std::uint64_t new_labels() const { return new_labels_; }
  void write(NpzWriter out, const CompletionModel& model) const;

 private:
  void number_labels(const CompletionModel& model, std::span<const CompletionRow> rows);
  void mark_removed(const CompletionModel& model, const std::vector<bool>& removed);
  void count(const CompletionModel& model, std::span<const CompletionRow> rows, double kept);

  StringTableBuilder keys_, texts_;
  std::vector<LabelId> number_of_;  // of each label of the model
  std::vector<LabelId> removed_;    // increasing
  std::uint64_t new_labels_ = 0;
  std::optional<SessionTables> tables_;
};

}  // namespace xmr
