#pragma once
// Making a label tree in parts: the plan is the top of the tree, its first level, whose nodes are divided by processes
// of their own; put together, they are the tree that one process makes.
//
//   TreeTop top = tree_top(embedding, mean, recipe.tree, 0, parallel);
//   TreePlan plan = TreePlan::make(recipe, content, top, mean, 8);    plan.write(NpzWriter("plan.npz"));
//   Subtrees part = ... LabelEmbedding of plan.labels(3) ... plan.divide(vectors, 3, parallel);
//   write_tree_part(NpzWriter("part-3.npz"), plan, 3, part);
//   LabelTree tree = merge_tree_parts(plan, paths);
//
// Parts are ranges of the nodes of the first level whose costs, the entries of their labels' vectors, are about equal.
// A tree without levels between root and labels has one node, the root.
// Errors: FormatError for a damaged file; DataError for a plan by another version of the tools, whose results would
// differ, and for parts that are of another plan, there twice or missing. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_top.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// What determines a tree beside the data.
struct TreeRecipe {
  KMeansTreeOptions tree;
  EmbeddingOptions embedding;
};

class TreePlan {
 public:
  static constexpr std::uint32_t kMostParts = 1U << 16;

  // content: of the tree, which says all of the recipe, with fingerprints of the data. mean: of all labels' vectors.
  // parts: 1..kMostParts
  static TreePlan make(const TreeRecipe& recipe, nlohmann::ordered_json content, TreeTop top, std::vector<float> mean,
                       std::uint32_t parts);
  static TreePlan read(const std::string& path);
  void write(NpzWriter out) const;

  const std::string& name() const { return name_; }  // for messages
  const std::string& fingerprint() const { return fingerprint_; }
  const nlohmann::ordered_json& content() const { return content_; }
  const TreeRecipe& recipe() const { return recipe_; }
  std::uint32_t parts() const { return static_cast<std::uint32_t>(cuts_.size() - 1); }
  const LabelTree& top() const { return top_; }          // its last level are the labels
  std::span<const float> mean() const { return mean_; }  // of the labels' vectors

  LevelNodes nodes(std::uint32_t part) const;
  std::vector<LabelId> labels(std::uint32_t part) const;  // of these nodes, increasing
  // Whether dividing the nodes looks at vectors: not if they are just above the labels.
  bool needs_vectors() const;
  // `vectors`: of all labels or of those of the part.
  Subtrees divide(CsrView vectors, std::uint32_t part, Parallel& parallel) const;

 private:
  TreePlan(TreeRecipe recipe, nlohmann::ordered_json content, LabelTree top, std::vector<float> mean,
           std::vector<std::uint64_t> cuts);
  TreeShape shape() const;

  std::string name_ = "plan";
  TreeRecipe recipe_;
  JsonValue content_;
  LabelTree top_;
  std::vector<float> mean_;
  std::vector<std::uint64_t> cuts_;  // where parts begin among the nodes
  std::string fingerprint_;
};

void write_tree_part(NpzWriter out, const TreePlan& plan, std::uint32_t part, const Subtrees& subtrees);

// A part on its own, for who looks at it.
struct TreePart {
  explicit TreePart(const std::string& path);

  std::string plan;  // its fingerprint
  std::uint32_t part = 0;
  Subtrees subtrees;
};

// The parts in any order, each once.
LabelTree merge_tree_parts(const TreePlan& plan, std::span<const std::string> paths);

}  // namespace xmr
