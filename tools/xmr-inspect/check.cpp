#include "xmr-inspect/check.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "xmr/combine/calibration.hpp"
#include "xmr/distributed/fit_part.hpp"
#include "xmr/distributed/train_part.hpp"
#include "xmr/distributed/train_plan.hpp"
#include "xmr/distributed/tree_plan.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/verify.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"

#include "xmr-inspect/input.hpp"

namespace xmr::tools {
namespace {

std::string check_chunks(const XrLinearModel& model) {
  static_cast<void>(model.tree().labels());  // checks all of them
  std::uint64_t weights = 0;
  for (std::size_t level = 0; level < model.tree().depth(); ++level) {
    for (NodeId parent = 0; parent < model.tree().parents(level); ++parent)
      weights += model.rows(level, parent).weights.size();
    model.check_sums(level);  // after the chunks: their errors name the parent
  }
  return fmt::format("checksums of all chunks, {} weights in range", weights);
}

std::string check_parts(const RetrievalModel& model) {
  std::uint64_t postings = 0;
  for (const XrLinearModel& tree : model.trees())
    static_cast<void>(check_chunks(tree));
  for (const Bm25Model* lexical : {model.words(), model.grams()})
    if (lexical != nullptr) postings += lexical->postings().verify();
  if (model.neighbours() != nullptr) postings += model.neighbours()->verify();
  return fmt::format("{} trees, checksums of all chunks and postings, {} in range", model.trees().size(), postings);
}

std::string check_model(NpzFile file) {
  const std::string type = model_type(file), name = file.name();
  const std::optional<Calibration> calibration = Calibration::find(file);
  const auto with_calibration = [&](std::string weights, std::uint64_t labels) {
    if (!calibration) return weights;
    calibration->require_labels(labels, name);
    return fmt::format("{}, {} knots that never fall", weights, calibration->knots());
  };
  if (type == Bm25Model::kType) {
    const Bm25Model model = Bm25Model::open(std::move(file));
    return with_calibration(fmt::format("checksums of all postings, {} in range", model.postings().verify()),
                            model.labels());
  }
  if (type == CompletionModel::kType) {
    const CompletionModel model = CompletionModel::open(std::move(file));
    return with_calibration(
        model.linear() != nullptr ? check_chunks(*model.linear()) : "counts and lists of words in range",
        model.labels());
  }
  if (type == RetrievalModel::kType) return check_parts(RetrievalModel::open(std::move(file)));
  if (type == XrLinearModel::kShardType) return check_chunks(ShardModel::open(std::move(file)).linear());
  if (type != XrLinearModel::kType) return "";
  const XrLinearModel model = XrLinearModel::open(std::move(file));
  return with_calibration(check_chunks(model), model.labels());
}

// Checks the content by its kind. Returns the checks made; empty for an unknown kind.
std::string check_content(const std::string& path, const std::string& kind) {
  if (kind == "matrix") {
    const MatrixFile file(path);
    return fmt::format("{} entries sorted and in range", file.view().nnz());
  }
  if (kind == "predictions") {
    const PredictionFile file(path);
    return fmt::format("{} answers in range", file.view().nnz());
  }
  if (kind == "vectorizer") {
    const VectorizerFile file(path);
    return fmt::format("{} features", file.vectorizer().features());
  }
  if (kind == "label-tree") {
    const LabelTree tree = read_tree(path);
    return fmt::format("{} labels, each once", tree.label_count());
  }
  if (kind == Calibration::kKind)
    return fmt::format("{} knots that never fall", Calibration::read(NpzFile(path)).knots());
  if (kind == "model") return check_model(NpzFile(path));
  if (kind == "plan") {
    const TrainPlan plan = TrainPlan::read(path);
    return fmt::format("{} parts in order", std::uint64_t{plan.parts()} * plan.stages());
  }
  if (kind == "fit-part") return fmt::format("{} rows, words and n-grams in order", FitPart(path).rows());
  if (kind == "tree-plan") return fmt::format("{} parts in order", TreePlan::read(path).parts());
  if (kind == "tree-part") return fmt::format("{} labels below their nodes", TreePart(path).subtrees.labels.size());
  if (kind == "part") {
    const TrainedPart part(path);
    for (std::size_t piece = 0; piece < part.pieces().size(); ++piece)
      static_cast<void>(part.chunk(piece));
    return fmt::format("checksums of {} chunks", part.pieces().size());
  }
  return {};
}

}  // namespace

std::string check_file(const std::string& path) {
  if (kind_of(path) == FileKind::npy) {
    const MatrixFile file(path);
    return fmt::format("ok as far as can be told of an npy array: {} rows, finite", file.view().rows);
  }
  const NpzFile file(path);
  // The content is checked first: its error names the damaged chunk, that of the archive only the member.
  const std::string content = file.has_meta() ? check_content(path, file.meta().kind) : "";
  if (verify_archive(file) == Origin::another_program) {
    const std::string entries = file.has("indptr") ? ", " + check_content(path, "matrix") : "";
    return fmt::format("ok as far as can be told of a file of another program: CRC-32 of {} members{}",
                       file.members().size(), entries);
  }
  return fmt::format("ok: {}; CRC-32 of {} members, layout, {}", file.meta().kind, file.members().size(),
                     content.empty() ? "but not the content, whose kind this version does not know" : content);
}

}  // namespace xmr::tools
