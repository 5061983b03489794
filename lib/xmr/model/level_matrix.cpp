#include "xmr/model/level_matrix.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

// Calls visit(node, column, value) for all nonzero weights, by increasing column within a node.
template <class Visit>
void for_weights(const XrLinearModel& model, std::size_t level, const Visit& visit) {
  const auto bias_column = static_cast<std::uint32_t>(model.features());
  for (NodeId parent = 0; parent < model.tree().parents(level); ++parent) {
    const ChunkView chunk = model.chunk(level, parent);
    const ChunkRows rows = model.rows(level, parent);
    const NodeId first = model.tree().offsets(level)[parent];
    for (std::size_t n = 0; n < rows.features.size(); ++n)
      for (const ChildWeight& weight : rows.row(n))
        visit(first + weight.child, rows.features[n], weight.value);
    for (std::uint32_t child = 0; child < chunk.children(); ++child)
      if (chunk.bias()[child] != 0) visit(first + child, bias_column, chunk.bias()[child]);
  }
}

}  // namespace

CsrMatrix level_matrix(const XrLinearModel& model, std::size_t level) {
  if (model.features() > std::numeric_limits<std::uint32_t>::max())
    throw DataError(model.name(), fmt::format("{} features and a bias are more than 2^32 columns", model.features()));
  const NodeId nodes = model.tree().nodes(level);
  std::vector<Offset> indptr(std::size_t{nodes} + 1, 0);
  for_weights(model, level, [&](NodeId node, std::uint32_t, float) { ++indptr[std::size_t{node} + 1]; });
  for (std::size_t node = 0; node < nodes; ++node)
    indptr[node + 1] += indptr[node];

  std::vector<std::uint32_t> indices(indptr.back());
  std::vector<float> values(indptr.back());
  std::vector<Offset> next(indptr.begin(), indptr.end() - 1);
  for_weights(model, level, [&](NodeId node, std::uint32_t column, float value) {
    indices[next[node]] = column;
    values[next[node]++] = value;
  });
  return {model.features() + 1, std::move(indptr), std::move(indices), std::move(values)};
}

namespace {

struct NodeWeight {
  FeatureId feature;
  ChildWeight weight;
};

// `gathered` is a reused buffer.
void build_chunk(CsrView weights, std::span<const NodeId> rows, float bias, NodeRange children, WeightType type,
                 std::vector<NodeWeight>& gathered, std::string& out) {
  const std::uint64_t features = weights.cols - 1;
  ChunkBuilder builder(children.size(), features, type);
  gathered.clear();
  for (const NodeId node : children) {
    const std::uint32_t child = node - children.front();
    const SparseRow row = weights.row(rows.empty() ? node : rows[node]);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row.indices[i] == features)
        builder.set_bias(child, bias * row.values[i]);
      else
        gathered.push_back({row.indices[i], {child, row.values[i]}});
    }
  }
  std::ranges::stable_sort(gathered, {}, &NodeWeight::feature);
  std::vector<ChildWeight> same;
  for (std::size_t i = 0; i < gathered.size();) {
    const FeatureId feature = gathered[i].feature;
    same.clear();
    for (; i < gathered.size() && gathered[i].feature == feature; ++i)
      same.push_back(gathered[i].weight);
    builder.add(feature, same);
  }
  builder.finish(out);
}

}  // namespace

LevelChunks level_chunks(CsrView weights, std::span<const NodeId> rows, float bias, const LabelTree& tree,
                         std::size_t level, WeightType type, Parallel& parallel) {
  LevelChunks chunks(tree.parents(level));
  std::vector<std::vector<NodeWeight>> gathered(parallel.threads());
  parallel.for_each(chunks.size(), [&](std::size_t parent, unsigned worker) {
    build_chunk(weights, rows, bias, tree.children(level, static_cast<NodeId>(parent)), type, gathered[worker],
                chunks[parent]);
  });
  return chunks;
}

}  // namespace xmr
