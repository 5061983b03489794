#include "xmr/predict/completion_controls.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr double kScale = 64;  // of weighted counts, which are whole numbers

CategoryId category_of(const CompletionModel& model, const std::string& name) {
  const auto category = model.catalog().empty() ? std::nullopt : model.catalog().category(name);
  if (!category)
    throw ConfigError(fmt::format("category {}: no label of {} has it", quote(name), model.name()),
                      "categories are column 4 of the labels.txt of xmr-train completion --labels");
  return *category;
}

}  // namespace

std::optional<CategoryBoost> parse_boost(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  CategoryBoost boost{.category = std::string(text.substr(0, equals))};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, boost.factor);
  if (error != std::errc() || stop != end) return std::nullopt;
  return boost;
}

bool CompletionControls::are_needed(const CompletionModel& model, const std::vector<bool>* allowed,
                                    const CompletionRequest& request) {
  return allowed != nullptr || !request.categories.empty() || !request.boosts.empty() || request.blocked != nullptr ||
         !model.catalog().empty() || !model.removed().empty();
}

CompletionControls::CompletionControls(const CompletionModel& model, const std::vector<bool>* allowed,
                                       const CompletionRequest& request)
    : table_(std::vector<std::uint32_t>()) {
  restrict(model, allowed, request);
  weigh(model, request);
  std::vector<std::uint32_t> counts(model.labels());
  constexpr double kMax = std::numeric_limits<std::uint32_t>::max() - 1;
  for (LabelId label = 0; label < counts.size(); ++label) {
    if (!has(label)) continue;
    const double count = model.popular().count(label);
    const double value = weights_.empty() ? count : kScale * count * static_cast<double>(weights_[label]);
    counts[label] = 1 + static_cast<std::uint32_t>(std::min(value, kMax));
  }
  table_ = PopularTable(std::move(counts));
  popular_ = table_.view();
}

void CompletionControls::restrict(const CompletionModel& model, const std::vector<bool>* allowed,
                                  const CompletionRequest& request) {
  if (allowed == nullptr && request.categories.empty() && request.blocked == nullptr && model.removed().empty()) return;
  allowed_.assign(model.labels(), request.categories.empty());
  for (const std::string& name : request.categories) {
    const CategoryId category = category_of(model, name);
    for (LabelId label = 0; label < allowed_.size(); ++label)
      if (std::ranges::binary_search(model.catalog().categories_of(label), category)) allowed_[label] = true;
  }
  for (LabelId label = 0; label < allowed_.size(); ++label)
    if ((allowed != nullptr && !(*allowed)[label]) || (request.blocked != nullptr && request.blocked->labels[label]))
      allowed_[label] = false;
  for (const LabelId label : model.removed())
    allowed_[label] = false;
}

void CompletionControls::weigh(const CompletionModel& model, const CompletionRequest& request) {
  if (model.catalog().empty() && request.boosts.empty()) return;
  weights_.assign(model.labels(), 1);
  for (LabelId label = 0; label < weights_.size() && !model.catalog().empty(); ++label)
    weights_[label] = model.catalog().weight(label);
  for (const CategoryBoost& boost : request.boosts) {
    if (!(boost.factor > 0 && boost.factor <= LabelCatalog::kMaxWeight))
      throw ConfigError(fmt::format("boost {}: factor {} is not above 0 and at most {}", quote(boost.category),
                                    boost.factor, LabelCatalog::kMaxWeight));
    const CategoryId category = category_of(model, boost.category);
    for (LabelId label = 0; label < weights_.size(); ++label)
      if (std::ranges::binary_search(model.catalog().categories_of(label), category)) weights_[label] *= boost.factor;
  }
}

}  // namespace xmr
