#pragma once
// Indexing in parts. The plan holds the top of the tree, its first level. Each part divides a range of its nodes. The
// merged parts are the tree of one process.
//
//   TreeTop top = tree_top(embedding, mean, recipe.tree, 0, parallel);
//   TreePlan plan = TreePlan::make(recipe, content, top, mean, 8);    plan.write(NpzWriter("plan.npz"));
//   LabelEmbedding own(x, y, label_features, recipe.embedding, parallel, plan.labels(3));
//   Subtrees part = plan.divide([&](auto labels) { return own.vectors_of(labels, plan.mean()); }, 3, parallel);
//   write_tree_part(NpzWriter("part-3.npz"), plan, 3, part);
//   LabelTree tree = merge_tree_parts(plan, paths);
//
// The cost of a node is the number of entries of its labels' vectors. The ranges have about equal costs. If a tree has
// no levels between root and labels, its one node is the root. Errors: FormatError if a file is damaged; DataError if
// another version of the tools wrote the plan, or if a part belongs to another plan, is given twice or is missing.
// Thread rule: const methods from any thread.

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

// The options that determine a tree.
struct TreeRecipe {
  KMeansTreeOptions tree;
  EmbeddingOptions embedding;
};

class TreePlan {
 public:
  static constexpr std::uint32_t kMaxParts = 1U << 16;

  // content: the record of the tree: the recipe and the fingerprints of the data. mean: the mean of all labels'
  // vectors. parts: 1..kMaxParts
  static TreePlan make(const TreeRecipe& recipe, Json content, TreeTop top, std::vector<float> mean,
                       std::uint32_t parts);
  static TreePlan read(const std::string& path);
  void write(NpzWriter out) const;

  const std::string& name() const { return name_; }  // for messages
  const std::string& fingerprint() const { return fingerprint_; }
  const Json& content() const { return content_; }
  const TreeRecipe& recipe() const { return recipe_; }
  std::uint32_t parts() const { return static_cast<std::uint32_t>(cuts_.size() - 1); }
  const LabelTree& top() const { return top_; }          // its last level is the labels
  std::span<const float> mean() const { return mean_; }  // of the labels' vectors

  LevelNodes nodes(std::uint32_t part) const;
  std::vector<LabelId> labels(std::uint32_t part) const;  // of nodes(part), increasing
  // Returns true if divide() makes vectors. Nodes just above the labels need none.
  bool needs_vectors() const;
  // Makes the vectors of one node of the part at a time.
  Subtrees divide(const MakeVectors& make, std::uint32_t part, Parallel& parallel) const;

 private:
  TreePlan(TreeRecipe recipe, Json content, LabelTree top, std::vector<float> mean, std::vector<std::uint64_t> cuts);
  TreeShape shape() const;

  std::string name_ = "plan";
  TreeRecipe recipe_;
  Json content_;
  LabelTree top_;
  std::vector<float> mean_;
  std::vector<std::uint64_t> cuts_;  // [part]: its first node
  std::string fingerprint_;
};

void write_tree_part(NpzWriter out, const TreePlan& plan, std::uint32_t part, const Subtrees& subtrees);

// A part read without its plan.
struct TreePart {
  explicit TreePart(const std::string& path);

  std::string plan;  // the fingerprint of the plan
  std::uint32_t part = 0;
  Subtrees subtrees;
};

// Merges the parts: all of them, each once, in any order.
LabelTree merge_tree_parts(const TreePlan& plan, std::span<const std::string> paths);

}  // namespace xmr
