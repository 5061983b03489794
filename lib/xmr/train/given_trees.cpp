#include "xmr/train/given_trees.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/retrieve/text_space.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr const char* kForm = "xmr-featurize fit --word 1 --word 2 --char-wb 3";

void require_labels(const XrLinearModel& model, const StoredNames& names) {
  if (model.labels() != names.keys.size())
    throw DataError(model.name(), fmt::format("{} labels, labels.txt has {}", model.labels(), names.keys.size()),
                    "train it with the same labels.txt");
  for (LabelId label = 0; label < model.names().keys.size(); ++label)
    if (model.names().key(label) != names.key(label))
      throw DataError(model.name(),
                      fmt::format("label {} is {}, labels.txt has {}", label, quote(model.names().key(label)),
                                  quote(names.key(label))),
                      "train it with the same labels.txt");
}

}  // namespace

GivenTrees::GivenTrees(const std::vector<std::string>& paths, const StoredNames& names) {
  for (const std::string& path : paths) {
    const XrLinearModel& model = models_.emplace_back(XrLinearModel::open(path));
    require_labels(model, names);
    if (!model.feature_parts().empty())
      throw DataError(model.name(), "its features are several matrices, or have norms or weights of their own",
                      "train it with a single -x, without --x-norms and --x-weights");
    if (model.vectorizer_fingerprint() != models_.front().vectorizer_fingerprint())
      throw DataError(model.name(), fmt::format("was trained over another vectorizer than {}", models_.front().name()));
  }
  const auto holder =
      std::ranges::find_if(models_, [](const XrLinearModel& model) { return model.vectorizer() != nullptr; });
  if (models_.empty()) return;
  if (holder == models_.end()) throw DataError(models_.front().name(), "holds no vectorizer", "train it with -f");
  vectorizer_ = holder->vectorizer();
  if (!makes_weighed_blocks(*vectorizer_))
    throw DataError(holder->name(), "its vectorizer makes other features than a retrieval model reads", kForm);
}

void GivenTrees::add_to(RetrievalParts& parts, std::uint32_t beam) const {
  for (const XrLinearModel& model : models_) {
    std::vector<std::vector<std::string_view>> levels(model.tree().depth());
    for (std::size_t level = 0; level < levels.size(); ++level)
      for (NodeId parent = 0; parent < model.tree().parents(level); ++parent)
        levels[level].push_back(model.chunk(level, parent).bytes());
    PredictDefaults defaults = model.defaults();
    defaults.beam = beam;
    defaults.level_beams.clear();
    write_model(NpzWriter(parts.trees.emplace_back()), XrLinearParts{.tree = model.tree(),
                                                                     .features = model.features(),
                                                                     .weight_type = model.weight_type(),
                                                                     .levels = ChunkTable(std::move(levels)),
                                                                     .defaults = std::move(defaults),
                                                                     .options = Json::object()});
  }
}

}  // namespace xmr
