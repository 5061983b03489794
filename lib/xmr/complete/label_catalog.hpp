#pragma once
// Categories and business weights of labels, columns 4 and 5 of labels.txt:
//
//   key TAB text TAB count TAB category,category TAB weight
//
//   const LabelCatalogTable table("labels.txt", names, keys);
//   if (!table.empty()) table.write(out, "catalog/");
//   const LabelCatalog catalog = LabelCatalog::find(file, "catalog/", labels);
//
// A weight is above 0 and at most kMaxWeight; 1 if it is absent. Memory and file: 12 bytes a label, 4 for each category
// of a label. Errors: DataError with the line for a bad weight; FormatError for inconsistent arrays. Thread rule: const
// methods from any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

using CategoryId = std::uint32_t;

class LabelCatalog {
 public:
  static constexpr float kMaxWeight = 1e6F;

  // Returns an empty catalog if the file has no such members.
  static LabelCatalog find(const NpzFile& file, const std::string& prefix, std::uint64_t labels);

  bool empty() const { return weights_.empty(); }
  // Increasing names.
  const StringTable& categories() const { return categories_; }
  std::optional<CategoryId> category(std::string_view name) const;
  // Increasing.
  std::span<const CategoryId> categories_of(LabelId label) const {
    return of_labels_.subspan(offsets_[label], offsets_[label + 1] - offsets_[label]);
  }
  float weight(LabelId label) const { return weights_[label]; }

 private:
  friend class LabelCatalogTable;
  StringTable categories_;
  std::span<const std::uint64_t> offsets_;  // labels+1; into of_labels_
  std::span<const CategoryId> of_labels_;
  std::span<const float> weights_;
};

// The arrays of LabelCatalog as they are built.
class LabelCatalogTable {
 public:
  LabelCatalogTable() = default;
  // `named`: the content of `file`, a labels.txt. `keys`: of the labels, increasing; others are left out.
  LabelCatalogTable(const std::string& file, const LabelNames& named, const StringTable& keys);

  // The same with other numbers: label l is `number_of`[l], below `labels`. Labels without one have no category and
  // weight 1.
  LabelCatalogTable(const LabelCatalog& catalog, std::span<const LabelId> number_of, std::uint64_t labels);

  // Returns true if no label has a category or a weight.
  bool empty() const { return weights_.empty(); }
  // Writes the members `prefix`names/offsets, `prefix`names/bytes, `prefix`offsets, `prefix`categories and
  // `prefix`weights.
  void write(NpzWriter& out, const std::string& prefix) const;
  // Valid as long as the table.
  LabelCatalog view() const;

 private:
  StringTableBuilder categories_;
  std::vector<std::uint64_t> offsets_;
  std::vector<CategoryId> of_labels_;
  std::vector<float> weights_;
};

}  // namespace xmr
