#include "xmr-train/linear_inputs.hpp"

#include <utility>

#include <fmt/format.h>
#include <malloc.h>

#include "xmr/io/json.hpp"
#include "xmr/sparse/joined_features.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/train/train_record.hpp"
#include "xmr/util/error.hpp"

#include "common/matrix_or_predictions.hpp"

namespace xmr::tools {

namespace {

std::uint64_t size(CsrView a) {
  return 8 * (a.nnz() + a.rows);
}

}  // namespace

void keep_no_freed_memory() {
#ifdef M_MMAP_THRESHOLD
  // By default glibc takes blocks of up to 32 MiB from heaps, and keeps up to 64 MiB of free memory in each heap: 20
  // MiB of 106 on the synthetic set M with --memory 250M. Smaller blocks come and go with each parent.
  constexpr int kLarge = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, kLarge);
#endif
}

LinearInputs::LinearInputs(MatrixFile features_file, const LinearPaths& paths)
    : x(std::move(features_file)), y(paths.y), tree_file(paths.tree), tree(read_tree(tree_file)) {
  check_instances(x.view(), x.name(), y.view(), y.name());
  if (tree.label_count() != y.view().cols)
    throw DataError(paths.tree, fmt::format("{} labels, but {} has {}", tree.label_count(), y.name(), y.view().cols),
                    tree.label_count() == x.view().cols ? "-x takes the features, -y the labels" : "");
  if (y.view().nnz() == 0) throw DataError(y.name(), "no row has a label");
  vectorizer = read_vectorizer(paths.vectorizer, x);
  if (!paths.label_rows.empty()) {
    label_rows.emplace(paths.label_rows, vectorizer ? &*vectorizer : nullptr, x, y);
    x.check_rows(0, x.view().rows);
    stacked = with_label_rows(x.view(), y.view(), label_rows->view());
  }
  if (!paths.given_negatives.empty()) {
    given.emplace(read_matrix_or_predictions(paths.given_negatives));
    if (given->view().rows != x.view().rows)
      throw DataError(given->name(),
                      fmt::format("{} rows, but {} has {}", given->view().rows, x.name(), x.view().rows));
    if (stacked) padded = pad_rows(given->view(), stacked->x.rows());
  }
}

void LinearInputs::check_rows(const std::vector<bool>& rows) const {
  if (stacked) return;
  x.check_rows(rows);
  x.expect_random_reads();
}

void LinearInputs::complete(TrainOptions& train) const {
  if (padded)
    train.given = padded->view();
  else if (given)
    train.given = given->view();
  train.x_name = x.name();
  train.y_name = y.name();
  if (!stacked && x.is_mapped()) train.drop_x = [this] { x.drop_pages(); };
}

void LinearInputs::start_from(const std::string& init, std::size_t kept_levels, WeightType type) {
  if (init.empty()) return;
  XrLinearModel model = XrLinearModel::open(init);
  if (model.features() != x.view().cols)
    throw DataError(model.name(), fmt::format("{} features, but {} has {}", model.features(), x.name(), x.view().cols));
  const std::string made_by = x.vectorizer();
  if (!made_by.empty() && !model.vectorizer_fingerprint().empty() && made_by != model.vectorizer_fingerprint())
    throw DataError(x.name(), fmt::format("was not made with the vectorizer of {}", model.name()),
                    "--init needs the features of its model");
  if (kept_levels > 0) {
    if (kept_levels >= tree.depth())
      throw ConfigError(fmt::format("--keep-levels: {} is outside 0..{}", kept_levels, tree.depth() - 1));
    const Json* const grown_from = tree_file.meta().content.find("init");
    const std::string old_tree = model.tree().fingerprint();
    if (tree.fingerprint() != old_tree && (grown_from == nullptr || *grown_from != old_tree))
      throw DataError(tree_file.name(), fmt::format("has not grown from the tree of {}", model.name()),
                      "xmr-index --init grows a tree");
    if (model.weight_type() != type)
      throw DataError(model.name(), fmt::format("the weights have type {}, but --keep-levels needs {}",
                                                name_of(model.weight_type()), name_of(type)));
  }
  solved.emplace(std::move(model), kept_levels);
}

Json LinearInputs::record(const TrainOptions& train) const {
  Json record = describe(train);
  if (const Json* const parts = x.content().find(kFeatureParts)) record[kFeatureParts] = *parts;
  if (label_rows) record["label_rows"] = fingerprint(label_rows->view());
  if (given) record["given_negatives"] = given->fingerprint();
  if (solved && solved->kept_levels() > 0)
    record["kept"] = {{"levels", solved->kept_levels()}, {"problems", solved->kept_fingerprint()}};
  return record;
}

TrainRecipe LinearInputs::recipe(TrainOptions train, const PredictDefaults& predict) const {
  train.given.reset();
  train.drop_x = {};
  return {.features = x.view().cols,
          .labels = tree.label_count(),
          .levels = tree.depth(),
          .x = x.fingerprint(),
          .y = y.fingerprint(),
          .tree = tree.fingerprint(),
          .vectorizer = x.vectorizer(),
          .predict = predict,
          .train = train,
          .options = record(train)};
}

std::uint64_t LinearInputs::mapped_bytes() const {
  return (x.is_mapped() ? size(x.view()) : 0) + (y.is_mapped() ? size(y.view()) : 0);
}

MemoryLimit LinearInputs::limit(std::uint64_t bytes) const {
  constexpr std::uint64_t kProgram = std::uint64_t{16} << 20;  // with what heaps keep
  MemoryLimit limit{.bytes = bytes, .elsewhere = kProgram + 8 * std::uint64_t{tree.label_count()}};
  for (const MatrixFile* file : {&x, &y, given ? &*given : nullptr})
    if (file != nullptr && !file->is_mapped()) limit.elsewhere += size(file->view());
  if (stacked) limit.elsewhere += size(stacked->x) + size(stacked->y) + size(label_rows->view());
  if (padded) limit.elsewhere += size(*padded);
  return limit;
}

void LinearInputs::report(Run& run) const {
  run.record("rows", x.view().rows);
  run.record("features", x.view().cols);
  run.record("labels", y.view().cols);
  run.record("nnz", x.view().nnz());
  if (stacked) run.record("label_rows", stacked->x.rows() - x.view().rows);
}

}  // namespace xmr::tools
