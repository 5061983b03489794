// An XR-Linear model as a RankingModel.

#include <mutex>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/linear_search.hpp"
#include "xmr/predict/opened_model.hpp"

namespace xmr {
namespace {

class OpenedXrLinear final : public OpenedModel<XrLinearModel> {
 public:
  using OpenedModel::OpenedModel;

  std::span<const FeaturePart> feature_parts() const override { return model().feature_parts(); }
  ModelCapabilities capabilities() const override {
    ModelCapabilities capabilities{.searches_tree = true, .linear = &model()};
    for (std::size_t level = 0; level < model().tree().depth(); ++level)
      capabilities.level_sizes.push_back(model().tree().nodes(level));
    return capabilities;
  }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    SearchOptions search = search_of(model(), request);
    if (request.search.among) search.paths = &paths();
    search.tells_keys = is_top();
    return std::make_unique<BeamSearch>(model(), search);
  }
  Json describe(const RankRequest& request) const override {
    const SearchOptions search = search_of(model(), request);
    // As recorded: to compute it would read all labels.
    const auto fingerprints = meta_value<Json>(model().file(), model().content(), "fingerprints");
    Json content = {{"tree", meta_value<std::string>(model().file(), fingerprints, "tree")}, {"k", search.k}};
    if (request.search.exact) {
      content["exact"] = true;
      content["post_processor"] = search.post_processor.name();
      return content;
    }
    content["beam"] = describe_beams(search);
    content["post_processor"] = search.post_processor.name();
    content["ties"] = name_of(search.ties);
    if (is_top()) content[kTopOf] = model().content().at(kTopOf);
    return content;
  }

 private:
  // Returns true if the model is the top of a model in shards. Its answers are then the nodes that shards start from.
  bool is_top() const { return model().content().contains(kTopOf); }

  // Computed once, for the first ranker that needs them.
  const TreePaths& paths() const {
    std::call_once(paths_made_, [this] { paths_.emplace(model().tree()); });
    return *paths_;
  }

  mutable std::once_flag paths_made_;
  mutable std::optional<TreePaths> paths_;
};

}  // namespace

std::unique_ptr<const RankingModel> open_xr_linear(NpzFile file) {
  return std::make_unique<OpenedXrLinear>(std::move(file));
}

}  // namespace xmr
