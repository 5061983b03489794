#include "xmr-index/parts.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "xmr/distributed/tree_plan.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/part_number.hpp"

namespace xmr::tools {

void report_vectors(std::span<const std::uint32_t> entries, Run& run) {
  const auto empty = static_cast<std::size_t>(std::ranges::count(entries, 0U));
  if (empty == entries.size() && empty > 1)
    run.observer().warn("all label vectors are empty: the tree follows label ids");
  run.record("embedding_nnz", std::accumulate(entries.begin(), entries.end(), std::uint64_t{0}));
  run.record("labels_without_embedding", empty);
}

void record_nodes(const LabelTree& tree, Run& run) {
  std::vector<NodeId> nodes;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    nodes.push_back(tree.nodes(level));
  run.record("nodes", nodes);
}

void PlanOptions::add_to(CLI::App& app) {
  instances.add_to(app);
  app.add_option("--parts", parts, "Number of parts of the tree below its first level")
      ->transform(range(1U, TreePlan::kMaxParts))
      ->type_name("N")
      ->required();
  app.add_option("-o,--output", output, "Plan to write")->type_name("FILE")->required();
  clustering.add_to(app);
}

namespace {

void check_dashes(const InstanceOptions& in, const std::string& plan, const std::string& output, const Run& run) {
  check_dash_once("stdin", {in.x.paths, {in.y, in.label_features, in.label_rows, plan}});
  check_dash_once("stdout", {{output, run.common().stats}});
}

}  // namespace

void run_plan(const PlanOptions& options, Run& run) {
  options.instances.check();
  check_dashes(options.instances, "", options.output, run);
  const std::uint64_t seed = run.common().seed;
  const TreeRecipe recipe{.tree = options.clustering.tree(seed), .embedding = options.clustering.embedding()};
  const Instances in(options.instances, run.observer());
  NpzWriter out(options.output);
  const LabelEmbedding embedding(in.x(), in.y(), in.label_features(), recipe.embedding, run.parallel());
  std::vector<float> mean = embedding.mean();
  const LabelId sample = options.clustering.sample_of(embedding.labels());
  TreeTop top = tree_top(embedding, mean, recipe.tree, sample, run.parallel());
  in.report(run);
  report_vectors(top.entries, run);
  Json content = {{"method", "kmeans"}};
  content.update(options.clustering.form(seed));
  content.update(options.clustering.clustering(recipe.tree.kmeans.rounds, recipe.embedding.size, sample));
  in.add_fingerprints(content);
  const TreePlan plan = TreePlan::make(recipe, std::move(content), std::move(top), std::move(mean), options.parts);
  plan.write(std::move(out));
  run.record("parts", plan.parts());
}

namespace {

// Throws FormatError for a forged plan, whose fingerprints fit but whose sizes do not.
void check_plan(const TreePlan& plan, const Instances& in) {
  if (plan.top().label_count() != in.y().cols)
    throw FormatError(plan.name(), fmt::format("member labels: {} labels, but {} has {}", plan.top().label_count(),
                                               in.y_file().name(), in.y().cols));
  const std::uint64_t features = plan.recipe().embedding.size == 0 ? 0 : in.x().cols + in.label_features().cols;
  if (plan.mean().size() != features)
    throw FormatError(plan.name(), fmt::format("member mean: {} items, {} are needed", plan.mean().size(), features));
}

}  // namespace

void PartOptions::add_to(CLI::App& app) {
  app.add_option("--plan", plan, "Plan of xmr-index plan")->type_name("FILE")->required();
  instances.add_to(app);
  app.add_option("--part", part, kPartHelp)->transform(range(0U))->type_name("N");
  app.add_option("-o,--output", output, "Part to write")->type_name("FILE")->required();
}

void run_part(const PartOptions& options, Run& run) {
  options.instances.check();
  check_dashes(options.instances, options.plan, options.output, run);
  const TreePlan plan = TreePlan::read(options.plan);
  const std::uint32_t part = part_number(options.part, plan.parts());
  const Instances in(options.instances, run.observer(), MatrixFile::Check::rows);
  in.check_fingerprints(plan.content(), plan.name());
  check_plan(plan, in);
  NpzWriter out(options.output);
  const std::vector<LabelId> labels = plan.labels(part);
  std::optional<LabelEmbedding> embedding;
  if (plan.needs_vectors()) {
    in.check_rows_with(labels);
    embedding.emplace(in.x(), in.y(), in.label_features(), plan.recipe().embedding, run.parallel(), labels);
  }
  std::uint64_t entries = 0;
  const auto make = [&](std::span<const LabelId> of) {
    CsrMatrix vectors = embedding->vectors_of(of, plan.mean());
    entries += vectors.view().nnz();
    return vectors;
  };
  write_tree_part(std::move(out), plan, part, plan.divide(make, part, run.parallel()));
  run.record("part", part);
  run.record("labels", labels.size());
  run.record("embedding_nnz", entries);
}

void MergeOptions::add_to(CLI::App& app) {
  app.add_option("--plan", plan, "Plan of xmr-index plan")->type_name("FILE")->required();
  app.add_option("-o,--output", output, "Tree to write")->type_name("FILE")->required();
  app.add_option("PART", parts, "Files of xmr-index part, in any order")->type_name("FILE")->required();
}

void run_merge(const MergeOptions& options, Run& run) {
  check_dash_once("stdin", {options.parts, {options.plan}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const TreePlan plan = TreePlan::read(options.plan);
  NpzWriter out(options.output);
  const LabelTree tree = merge_tree_parts(plan, options.parts);
  write_tree(std::move(out), tree, plan.content());
  record_nodes(tree, run);
}

}  // namespace xmr::tools
