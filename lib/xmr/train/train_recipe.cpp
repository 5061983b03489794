#include "xmr/train/train_recipe.hpp"

#include <fmt/format.h>

#include "xmr/io/json.hpp"

namespace xmr {
namespace {

std::string find_difference(const Json& there, const Json& here, const std::string& place) {
  const auto name_of = [&](const std::string& key) { return place.empty() ? key : fmt::format("{}.{}", place, key); };
  for (const auto& [key, value] : here.items()) {
    const std::string name = name_of(key);
    const Json* const found = there.find(key);
    if (found == nullptr) return fmt::format("{} is {} here, not there", name, value.dump());
    if (value.is_object() && found->is_object()) {
      if (std::string inner = find_difference(*found, value, name); !inner.empty()) return inner;
    } else if (*found != value) {
      return fmt::format("{} is {} there, {} here", name, found->dump(), value.dump());
    }
  }
  for (const auto& [key, value] : there.items())
    if (!here.contains(key)) return fmt::format("{} is {} there, not here", name_of(key), value.dump());
  return {};
}

}  // namespace

Json TrainRecipe::content() const {
  return {{"type", XrLinearModel::kType},
          {"features", features},
          {"labels", labels},
          {"levels", levels},
          {"weight_type", name_of(train.of(0).keep.type)},
          {"fingerprints", {{"x", x}, {"y", y}, {"tree", tree}, {"vectorizer", vectorizer}}},
          {"predict", describe(predict)},
          {"options", options}};
}

std::string difference(const TrainRecipe& there, const TrainRecipe& here) {
  return find_difference(there.content(), here.content(), "");
}

}  // namespace xmr
