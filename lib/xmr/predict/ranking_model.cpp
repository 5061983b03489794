#include "xmr/predict/ranking_model.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/opened_model.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

struct ModelKind {
  std::string_view type;  // in meta.json
  std::unique_ptr<const RankingModel> (*open)(NpzFile file);
};

constexpr ModelKind kModelKinds[] = {
    {XrLinearModel::kType, open_xr_linear},  {XrLinearModel::kShardType, open_xr_linear},  // refuses shards with a hint
    {Bm25Model::kType, open_bm25},           {CompletionModel::kType, open_completion},
    {RetrievalModel::kType, open_retrieval},
};

}  // namespace

std::unique_ptr<const RankingModel> open_ranking_model(const std::string& path) {
  NpzFile file(path);
  const std::string type = model_type(file);
  for (const ModelKind& kind : kModelKinds)
    if (kind.type == type) return kind.open(std::move(file));
  throw FormatError(file.name(), fmt::format("a model of unknown type {}", quote(type)));
}

}  // namespace xmr
