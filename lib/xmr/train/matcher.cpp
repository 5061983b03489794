#include "xmr/train/matcher.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace xmr {
namespace {

// The rows searched together.
constexpr std::size_t kGroupRows = 1024;

// Levels in memory. Chunks are aligned as in a file.
class TrainedTree final : public RankerTree {
 public:
  TrainedTree(const LabelTree& tree, const ChunkTable& trained) : tree_(tree.first_levels(trained.depth())) {
    for (std::size_t n = 0; n < trained.depth(); ++n) {
      Level& level = levels_.emplace_back();
      for (const std::string_view chunk : trained.level(n)) {
        level.begin.push_back(level.lines.size());
        level.size.push_back(chunk.size());
        level.lines.resize(level.lines.size() + (chunk.size() + kChunkAlignment - 1) / kChunkAlignment);
        std::ranges::copy(chunk, level.lines[level.begin.back()].bytes);
      }
    }
  }

  const LabelTree& tree() const override { return tree_; }
  ChunkView chunk(std::size_t level, NodeId parent) const override {
    const Level& in = levels_[level];
    return ChunkView::trusted({in.lines[in.begin[parent]].bytes, in.size[parent]});
  }

 private:
  struct alignas(kChunkAlignment) Line {
    char bytes[kChunkAlignment];
  };
  struct Level {
    std::vector<Line> lines;
    std::vector<std::size_t> begin, size;  // of each chunk: its begin in lines, its size in bytes
  };

  LabelTree tree_;
  std::vector<Level> levels_;
};

}  // namespace

std::vector<CsrMatrix> matched_nodes(CsrView x, const LabelTree& tree, const ChunkTable& trained,
                                     const SearchOptions& search, Parallel& parallel) {
  const TrainedTree upper(tree, trained);
  SearchOptions options = search;
  options.k = search.beam;
  struct Worker {
    BeamSearch search;
    std::vector<Query> queries = {};
    std::vector<std::uint32_t> nodes = {};
  };
  std::vector<Worker> workers;
  for (unsigned worker = 0; worker < parallel.threads(); ++worker)
    workers.push_back({BeamSearch(upper, options)});
  std::vector<CsrMatrix> reached((x.rows + kGroupRows - 1) / kGroupRows);
  const Phase phase(parallel.observer(), "match", x.rows, "rows");
  parallel.for_blocks(x.rows, kGroupRows, [&](std::size_t begin, std::size_t end, unsigned worker) {
    auto& [beam_search, queries, sorted] = workers[worker];
    queries.clear();
    for (Row row = begin; row < end; ++row)
      queries.push_back({x.row(row)});
    const CsrView nodes = beam_search.rank(queries);
    CsrMatrix& group = reached[begin / kGroupRows];
    group.set_cols(nodes.cols);
    group.reserve(nodes.rows, nodes.nnz());
    for (Row row = 0; row < nodes.rows; ++row) {
      sorted.assign(nodes.row(row).indices.begin(), nodes.row(row).indices.end());
      std::ranges::sort(sorted);
      for (const std::uint32_t node : sorted)
        group.push(node, 1);
      group.end_row();
    }
    parallel.observer().advance(end - begin);
  });
  return reached;
}

LevelRows match_rows(CsrView x, const LabelTree& tree, const ChunkTable& trained, const SearchOptions& search,
                     Parallel& parallel) {
  const std::vector<CsrMatrix> reached = matched_nodes(x, tree, trained, search, parallel);
  const std::vector<CsrView> pieces(reached.begin(), reached.end());
  return LevelRows::of_labels(pieces, tree.first_levels(trained.depth()));
}

}  // namespace xmr
