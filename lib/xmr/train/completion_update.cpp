#include "xmr/train/completion_update.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/complete/prefix.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

CompletionUpdate::CompletionUpdate(const CompletionModel& model, std::span<const CompletionRow> rows,
                                   const std::vector<bool>& removed, double kept) {
  number_labels(model, rows);
  mark_removed(model, removed);
  count(model, rows, kept);
}

// Merges the keys of the model and the new next queries, both increasing.
void CompletionUpdate::number_labels(const CompletionModel& model, std::span<const CompletionRow> rows) {
  const StoredNames& names = model.names();
  std::set<std::string_view> added;
  QueryNormalizer normal(model.form());
  for (const CompletionRow& row : rows) {
    if (row.next.empty()) continue;
    if (find_key(names.keys, row.next) || !added.insert(row.next).second) continue;
    if (const std::string_view query = normal.query(row.next); query != row.next)
      throw DataError(model.name(),
                      fmt::format("a new next query, {}, would be asked as {}", quote(row.next), quote(query)),
                      "make the rows by xmr-featurize sessions with the options of the first log");
  }
  auto next = added.begin();
  const auto add = [&](std::string_view key, std::string_view text) {
    if (keys_.size() + 1 >= kMaxColumns) throw DataError(model.name(), "more labels than 2^31");
    keys_.add(key);
    texts_.add(text);
  };
  for (LabelId label = 0; label < names.keys.size(); ++label) {
    for (; next != added.end() && *next < names.keys[label]; ++next)
      add(*next, {});
    number_of_.push_back(static_cast<LabelId>(keys_.size()));
    add(names.keys[label], names.texts[label]);
  }
  for (; next != added.end(); ++next)
    add(*next, {});
  new_labels_ = added.size();
}

void CompletionUpdate::mark_removed(const CompletionModel& model, const std::vector<bool>& removed) {
  for (LabelId label = 0; label < number_of_.size(); ++label)
    if ((!removed.empty() && removed[label]) || std::ranges::binary_search(model.removed(), label))
      removed_.push_back(number_of_[label]);
}

void CompletionUpdate::count(const CompletionModel& model, std::span<const CompletionRow> rows, double kept) {
  // Removed labels are not counted.
  std::vector<LabelId> counted = number_of_;
  for (LabelId& number : counted)
    if (std::ranges::binary_search(removed_, number)) number = SessionCounter::kNoLabel;
  const StringTable keys = keys_.view();
  SessionCounter counter(
      keys, {model.popular(), model.pairs(), model.together(), model.grams(), model.first(), model.recent()}, counted,
      kept);
  for (const CompletionRow& row : rows) {
    if (!model.recent().empty() && !row.time)
      throw DataError(model.name(), "its counts fade with age, but the rows of the new log have no times",
                      "make the rows by xmr-featurize sessions --times");
    if (!row.next.empty()) counter.add(row.previous, row.next, row.time);
  }
  tables_.emplace(counter.tables());
}

void CompletionUpdate::write(NpzWriter out, const CompletionModel& model) const {
  Meta meta = model.file().meta();
  if (const XrLinearModel* const linear = model.linear()) {
    std::vector<std::vector<std::uint32_t>> offsets;
    for (std::size_t level = 0; level < linear->tree().depth(); ++level)
      offsets.emplace_back(linear->tree().offsets(level).begin(), linear->tree().offsets(level).end());
    std::vector<LabelId> labels(linear->tree().labels().begin(), linear->tree().labels().end());
    for (LabelId& label : labels)
      label = number_of_[label];
    const LabelTree tree(std::move(offsets), std::move(labels), keys_.size());
    tree.write(out, "tree/");
    meta.content["fingerprints"]["tree"] = tree.fingerprint();
  }
  out.add_arrays(model.file(), [](std::string_view member) {
    return member.starts_with("level") || member.starts_with("vectorizer/");
  });
  write_stored_names(out, {keys_.view(), texts_.view()}, keys_.size());
  meta.content["labels"] = keys_.size();
  write_tables(out, *tables_);
  out.add("weights", model.weights());
  if (!model.catalog().empty()) LabelCatalogTable(model.catalog(), number_of_, keys_.size()).write(out, "catalog/");
  if (!removed_.empty()) out.add("removed", removed_);
  meta.tool_version = std::string(version());
  out.commit(meta);
}

}  // namespace xmr
