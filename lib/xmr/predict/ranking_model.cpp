#include "xmr/predict/ranking_model.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/meta_values.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/bm25_search.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/completer.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/exact_search.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

// What the models of all kinds say in the same words.
template <class Model>
class Opened : public RankingModel {
 public:
  explicit Opened(NpzFile file) : Opened(Calibration::find(file), std::move(file)) {}

  const std::string& name() const override { return model_.name(); }
  const std::string& fingerprint() const override { return fingerprint_; }
  std::uint64_t labels() const override { return model_.labels(); }
  std::uint64_t features() const override { return model_.features(); }
  const Vectorizer* vectorizer() const override { return model_.vectorizer(); }
  const std::string& vectorizer_fingerprint() const override { return model_.vectorizer_fingerprint(); }
  const StoredNames& names() const override { return model_.names(); }
  const Calibration* calibration() const override { return calibration_ ? &*calibration_ : nullptr; }

 protected:
  const Model& model() const { return model_; }

 private:
  Opened(std::optional<Calibration> calibration, NpzFile&& file)
      : fingerprint_(file.fingerprint()), model_(Model::open(std::move(file))), calibration_(std::move(calibration)) {
    if (calibration_) calibration_->require_labels(model_.labels(), model_.name());
  }

  std::string fingerprint_;
  Model model_;
  std::optional<Calibration> calibration_;
};

class OpenedXrLinear : public Opened<XrLinearModel> {
 public:
  using Opened::Opened;

  bool is_tree() const override { return true; }
  std::span<const FeaturePart> feature_parts() const override { return model().feature_parts(); }
  const XrLinearModel* linear() const override { return &model(); }
  bool can_restrict() const override { return true; }
  bool reads_counts() const override { return false; }
  std::vector<NodeId> level_sizes() const override {
    std::vector<NodeId> sizes;
    for (std::size_t level = 0; level < model().tree().depth(); ++level)
      sizes.push_back(model().tree().nodes(level));
    return sizes;
  }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    SearchOptions search = search_of(model(), request);
    if (request.exact) return std::make_unique<ExactSearch>(model(), search);
    if (request.among) search.paths = &paths();
    search.tells_keys = is_top();
    return std::make_unique<BeamSearch>(model(), search);
  }
  nlohmann::ordered_json describe(const RankRequest& request) const override {
    const SearchOptions search = search_of(model(), request);
    if (request.exact)
      return {{"tree", model().tree().fingerprint()},
              {"k", search.k},
              {"exact", true},
              {"post_processor", search.post_processor.name()}};
    nlohmann::ordered_json content = {{"tree", model().tree().fingerprint()},
                                      {"k", search.k},
                                      {"beam", describe_beams(search)},
                                      {"post_processor", search.post_processor.name()},
                                      {"ties", tie_rule_name(search.ties)}};
    if (is_top()) content[kTopOf] = model().content().at(kTopOf);
    return content;
  }

 private:
  // Then its answers are questions to shards.
  bool is_top() const { return model().content().contains(kTopOf); }

  // Made once, when the first ranker needs them.
  const TreePaths& paths() const {
    std::call_once(paths_made_, [this] { paths_.emplace(model().tree()); });
    return *paths_;
  }

  mutable std::once_flag paths_made_;
  mutable std::optional<TreePaths> paths_;
};

class Bm25Ranker final : public Ranker {
 public:
  Bm25Ranker(const Bm25Model& model, const RankRequest& request)
      : Ranker(model.labels(), request.k), search_(model, request.k, request.allowed), answers_(model.labels()) {}

  CsrView rank(std::span<const Query> queries) override {
    answers_.clear();
    for (const Query& query : queries)
      answers_.append_row(search_(query.features));
    return answers_;
  }
  std::size_t query_memory() const override { return std::min<std::uint64_t>(k(), labels()) * sizeof(Posting) + 1; }

 private:
  Bm25Search search_;
  CsrMatrix answers_;
};

class OpenedBm25 : public Opened<Bm25Model> {
 public:
  using Opened::Opened;

  bool is_tree() const override { return false; }
  bool can_restrict() const override { return true; }
  bool reads_counts() const override { return true; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    return std::make_unique<Bm25Ranker>(model(), request);
  }
  nlohmann::ordered_json describe(const RankRequest& request) const override {
    return {{"model", Bm25Model::kType}, {"k", request.k}};
  }
};

class OpenedCompletion : public Opened<CompletionModel> {
 public:
  using Opened::Opened;

  bool is_tree() const override { return false; }
  bool can_restrict() const override { return false; }
  const CompletionModel* completion() const override { return &model(); }
  bool reads_counts() const override { return false; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    return std::make_unique<Completer>(model(), request.k, request.source, request.mends_typos);
  }
  nlohmann::ordered_json describe(const RankRequest& request) const override {
    return {{"model", CompletionModel::kType},
            {"source", name_of(request.source)},
            {"typos", request.mends_typos ? 1 : 0},
            {"k", request.k}};
  }
};

}  // namespace

nlohmann::ordered_json describe_beams(const SearchOptions& search) {
  if (search.level_beams.empty()) return search.beam;
  const std::uint32_t first = search.level_beams.front();
  if (std::ranges::count(search.level_beams, first) == std::ssize(search.level_beams)) return first;
  return search.level_beams;
}

SearchOptions search_of(const XrLinearModel& model, const RankRequest& request) {
  SearchOptions options = default_search(model);
  options.k = request.k;
  if (request.beam) {
    options.beam = *request.beam;
    options.level_beams.clear();
  }
  options.post_processor = request.post_processor.value_or(options.post_processor);
  options.ties = request.ties.value_or(options.ties);
  options.allowed = request.allowed;
  options.among_level = request.among_level.value_or(options.among_level);
  options.counts = request.counts;
  return options;
}

std::unique_ptr<const RankingModel> open_ranking_model(const std::string& path) {
  NpzFile file(path);
  const std::string type = model_type(file);
  if (type == XrLinearModel::kType || type == XrLinearModel::kShardType)  // which refuses the latter
    return std::make_unique<OpenedXrLinear>(std::move(file));
  if (type == Bm25Model::kType) return std::make_unique<OpenedBm25>(std::move(file));
  if (type == CompletionModel::kType) return std::make_unique<OpenedCompletion>(std::move(file));
  throw FormatError(file.name(), fmt::format("a model of unknown type {}", quote(type)));
}

}  // namespace xmr
