#include "xmr/api/model.hpp"

#include <utility>

#include "xmr/api/checked_row.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/predict/query_reader.hpp"
#include "xmr/predict/rescored_ranker.hpp"

namespace xmr::api {

struct Model::State {
  explicit State(const std::vector<std::string>& paths) : models(paths) {}

  ModelSet models;
};

namespace {

RankRequest request_of(const RankOptions& options) {
  return {.k = options.k, .search = {.beam = options.beam}};
}

}  // namespace

Model::Model(const std::string& path) : Model(std::vector<std::string>{path}) {}

Model::Model(const std::vector<std::string>& paths) {
  if (paths.empty()) throw ConfigError("no model is given");
  state_ = std::make_shared<const State>(paths);
}

std::uint64_t Model::labels() const {
  return state_->models.labels();
}

std::uint64_t Model::features() const {
  return state_->models[0].features();
}

std::string_view Model::key(LabelId label) const {
  const StoredNames& names = state_->models.names();
  return names.empty() ? std::string_view() : names.key(label);
}

struct TextRanker::State {
  State(std::shared_ptr<const Model::State> of, const RankOptions& options)
      : model(std::move(of)),
        reader(model->models, CorpusColumns(model->models.text_columns()), InvalidUtf8::replace, 1),
        rank(calibrated(model->models.ranker(request_of(options), reader.spaces(), {}),
                        model->models.size() == 1 ? model->models[0].calibration() : nullptr)) {}

  std::shared_ptr<const Model::State> model;
  QueryReader reader;
  std::unique_ptr<Ranker> rank;
};

TextRanker::TextRanker(const Model& model, const RankOptions& options)
    : state_(std::make_unique<State>(model.state_, options)) {}
TextRanker::TextRanker(TextRanker&&) noexcept = default;
TextRanker& TextRanker::operator=(TextRanker&&) noexcept = default;
TextRanker::~TextRanker() = default;

SparseRow TextRanker::operator()(std::string_view text) {
  return (*state_->rank)(state_->reader.read({"text", 1}, text, 0));
}

struct RowRanker::State {
  State(std::shared_ptr<const Model::State> of, const RankOptions& options) : model(std::move(of)) {
    const RankingModel& only = model->models[0];
    if (model->models.size() != 1) throw ConfigError("rows of features are for one model, not for several");
    if (only.capabilities().completion != nullptr)
      throw ConfigError(only.name() + ": a model that completes needs texts, not rows of features");
    rank = calibrated(only.ranker(request_of(options)), only.calibration());
  }

  std::shared_ptr<const Model::State> model;
  std::unique_ptr<Ranker> rank;
};

RowRanker::RowRanker(const Model& model, const RankOptions& options)
    : state_(std::make_unique<State>(model.state_, options)) {}
RowRanker::RowRanker(RowRanker&&) noexcept = default;
RowRanker& RowRanker::operator=(RowRanker&&) noexcept = default;
RowRanker::~RowRanker() = default;

SparseRow RowRanker::operator()(SparseRow features) {
  require_valid(features, state_->model->models[0].features(), "row of features");
  return (*state_->rank)({.features = features});
}

}  // namespace xmr::api
