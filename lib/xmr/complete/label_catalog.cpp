#include "xmr/complete/label_catalog.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

bool is_weight(float weight) {
  return weight > 0 && weight <= LabelCatalog::kMaxWeight;
}

}  // namespace

LabelCatalogTable::LabelCatalogTable(const std::string& file, const LabelNames& named, const StringTable& keys) {
  std::vector<std::set<std::string, std::less<>>> of_labels(keys.size());
  std::vector<float> weights(keys.size(), 1);
  std::map<std::string, CategoryId, std::less<>> numbers;
  bool has_weights = false;
  for (LabelId line = 0; line < named.size(); ++line) {
    const std::string_view rest = named.rest(line);
    const LabelId label = rest.empty() ? static_cast<LabelId>(keys.size()) : place_of(keys, named.key(line));
    if (label == keys.size() || keys[label] != named.key(line)) continue;
    std::string_view categories = rest.substr(0, rest.find('\t'));
    while (!categories.empty()) {
      const std::size_t comma = std::min(categories.find(','), categories.size());
      if (comma > 0) {
        of_labels[label].emplace(categories.substr(0, comma));
        numbers.emplace(categories.substr(0, comma), 0);
      }
      categories.remove_prefix(std::min(comma + 1, categories.size()));
    }
    const std::size_t tab = rest.find('\t');
    const std::string_view weight = tab == std::string_view::npos ? std::string_view() : rest.substr(tab + 1);
    if (weight.empty()) continue;
    float& number = weights[label];
    const auto [end, error] = std::from_chars(weight.data(), weight.data() + weight.size(), number);
    if (error != std::errc() || end != weight.data() + weight.size() || !is_weight(number))
      throw DataError(
          file, std::uint64_t{line} + 1,
          fmt::format("weight {} is not a number above 0 and at most {}", quote(weight), LabelCatalog::kMaxWeight),
          "a line is key, text, count, categories, weight, separated by TAB");
    has_weights = has_weights || number != 1;
  }
  if (numbers.empty() && !has_weights) return;
  for (auto& [name, number] : numbers) {
    number = static_cast<CategoryId>(categories_.size());
    categories_.add(name);
  }
  offsets_.push_back(0);
  for (const auto& names : of_labels) {
    for (const std::string& name : names)
      of_labels_.push_back(numbers.find(name)->second);
    offsets_.push_back(of_labels_.size());
  }
  weights_ = std::move(weights);
}

LabelCatalogTable::LabelCatalogTable(const LabelCatalog& catalog, std::span<const LabelId> number_of,
                                     std::uint64_t labels)
    : offsets_{0}, weights_(labels, 1) {
  for (std::size_t i = 0; i < catalog.categories().size(); ++i)
    categories_.add(catalog.categories()[i]);
  std::vector<LabelId> before(labels, static_cast<LabelId>(number_of.size()));
  for (LabelId label = 0; label < number_of.size(); ++label)
    before[number_of[label]] = label;
  for (LabelId label = 0; label < labels; ++label) {
    if (before[label] < number_of.size()) {
      const auto categories = catalog.categories_of(before[label]);
      of_labels_.insert(of_labels_.end(), categories.begin(), categories.end());
      weights_[label] = catalog.weight(before[label]);
    }
    offsets_.push_back(of_labels_.size());
  }
}

void LabelCatalogTable::write(NpzWriter& out, const std::string& prefix) const {
  categories_.write(out, prefix + "names/");
  out.add(prefix + "offsets", offsets_);
  out.add(prefix + "categories", of_labels_);
  out.add(prefix + "weights", weights_);
}

LabelCatalog LabelCatalogTable::view() const {
  LabelCatalog view;
  view.categories_ = categories_.view();
  view.offsets_ = offsets_;
  view.of_labels_ = of_labels_;
  view.weights_ = weights_;
  return view;
}

LabelCatalog LabelCatalog::find(const NpzFile& file, const std::string& prefix, std::uint64_t labels) {
  LabelCatalog catalog;
  if (!file.has(prefix + "weights")) return catalog;
  for (const char* member : {"names/offsets", "names/bytes", "offsets", "categories", "weights"})
    file.check(prefix + member);
  catalog.categories_ = read_string_table(file, prefix + "names/");
  catalog.offsets_ = file.array<std::uint64_t>(prefix + "offsets");
  catalog.of_labels_ = file.array<CategoryId>(prefix + "categories");
  catalog.weights_ = file.array<float>(prefix + "weights");
  const auto fail = [&](const char* member, std::string_view what) {
    throw FormatError(file.name(), fmt::format("member {}{}: {}", prefix, member, what));
  };
  if (catalog.offsets_.size() != labels + 1 || catalog.offsets_.front() != 0 ||
      catalog.offsets_.back() != catalog.of_labels_.size() || !std::ranges::is_sorted(catalog.offsets_))
    fail("offsets", "they do not fit the labels and categories");
  if (std::ranges::any_of(catalog.of_labels_, [&](CategoryId id) { return id >= catalog.categories_.size(); }))
    fail("categories", "a category without a name");
  for (LabelId label = 0; label < labels; ++label)
    if (!std::ranges::is_sorted(catalog.categories_of(label)))
      fail("categories", fmt::format("the categories of label {} do not increase", label));
  if (catalog.weights_.size() != labels) fail("weights", "not as many as labels");
  if (!std::ranges::all_of(catalog.weights_, is_weight)) fail("weights", "a number that is no weight");
  return catalog;
}

std::optional<CategoryId> LabelCatalog::category(std::string_view name) const {
  const LabelId place = place_of(categories_, name);
  if (place == categories_.size() || categories_[place] != name) return std::nullopt;
  return place;
}

}  // namespace xmr
