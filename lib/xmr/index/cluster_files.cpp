#include "xmr/index/cluster_files.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/plus_sign.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxLevels = 64;

std::vector<ChainLevel> read_folder(const std::string& folder) {
  const std::uint64_t depth = JsonObject(folder + "/config.json").count("len", 1, kMaxLevels);
  std::vector<ChainLevel> chain;
  for (std::uint64_t level = 0; level < depth; ++level)
    chain.push_back(read_chain_level(fmt::format("{}/C{}.npz", folder, level)));
  return chain;
}

bool is_text(const std::string& path) {
  return std::filesystem::is_regular_file(path) && recognize(MappedFile(path).bytes()) == FileKind::text;
}

// Clusters of a text, level by level.
class TextClusters {
 public:
  TextClusters(const std::string& path, const LabelNames* names) : path_(path), names_(names) {}

  std::vector<ChainLevel> read() {
    LineBlocks lines{InputFile(path_)};
    for (LineBlock block; lines.next(block);)
      for (const Line line : block)
        add(line);
    if (labels_.empty()) throw DataError(path_, "holds no label");
    return chain();
  }

 private:
  struct Placed {
    LabelId label;
    std::uint64_t line;
    NodeId cluster;
  };
  struct Level {
    std::unordered_map<std::string, NodeId> nodes;  // by the path to them
    std::vector<NodeId> parents;                    // of each node
  };

  [[noreturn]] void fail(const Line& line, const std::string& what) const { throw DataError(path_, line.number, what); }

  LabelId label_of(const Line& line, std::string_view key) const {
    if (names_ != nullptr) {
      if (const std::optional<LabelId> label = names_->find(key)) return *label;
      fail(line, fmt::format("no label has the key {}", quote(key)));
    }
    LabelId id = 0;
    key = without_plus(key);
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size())
      fail(line, fmt::format("{} is not a label id; keys need --labels", quote(key)));
    return id;
  }

  void add(const Line& line) {
    const std::size_t tab = line.text.find('\t');
    if (tab == std::string_view::npos || tab + 1 == line.text.size())
      fail(line, "no TAB and path of clusters behind the label");
    const std::string_view path = line.text.substr(tab + 1);
    const auto depth = static_cast<std::size_t>(std::ranges::count(path, '/')) + 1;
    if (levels_.empty()) levels_.resize(std::min<std::size_t>(depth, kMaxLevels));
    if (depth != levels_.size())
      fail(line, fmt::format("a path of {} clusters, allowed are {}", depth, levels_.size()));
    NodeId above = 0;
    std::size_t end = 0;
    for (Level& level : levels_) {
      end = std::min(path.size(), path.find('/', end));
      const auto [found, is_new] =
          level.nodes.try_emplace(std::string(path.substr(0, end)), static_cast<NodeId>(level.parents.size()));
      if (is_new) level.parents.push_back(above);
      above = found->second;
      ++end;
    }
    labels_.push_back({label_of(line, line.text.substr(0, tab)), line.number, above});
  }

  std::string name_of(LabelId label) const {
    return names_ == nullptr ? fmt::format("{}", label) : quote(names_->key(label));
  }

  void require_each_once(std::uint64_t count) const {
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (labels_[i].label >= count)
        throw DataError(
            path_, labels_[i].line,
            fmt::format("label {} is outside 0..{}, as there are {} lines", labels_[i].label, count - 1, count));
      if (i > 0 && labels_[i].label == labels_[i - 1].label)
        throw DataError(path_, labels_[i].line,
                        fmt::format("label {} is in a cluster already, by line {}", name_of(labels_[i].label),
                                    labels_[i - 1].line));
    }
    for (std::uint64_t label = 0; label < count; ++label)
      if (label >= labels_.size() || labels_[label].label != label)
        throw DataError(path_, fmt::format("label {} is in no cluster", name_of(static_cast<LabelId>(label))));
  }

  std::vector<ChainLevel> chain() {
    std::ranges::sort(labels_, {}, [](const Placed& p) { return std::uint64_t{p.label} << 32 | p.line; });
    const std::uint64_t count = names_ != nullptr ? names_->size() : labels_.size();
    require_each_once(count);
    std::vector<ChainLevel> chain;
    std::uint64_t parents = 1;
    for (const Level& level : levels_) {
      chain.push_back(level_of(level.parents, parents));
      parents = level.parents.size();
    }
    std::vector<NodeId> clusters;
    for (const Placed& placed : labels_)
      clusters.push_back(placed.cluster);
    chain.push_back(level_of(clusters, parents));
    return chain;
  }

  // Returns the level of a chain, given the parent of each node.
  ChainLevel level_of(const std::vector<NodeId>& parent_of, std::uint64_t parents) const {
    std::vector<std::vector<NodeId>> children(parents);
    for (NodeId node = 0; node < parent_of.size(); ++node)
      children[parent_of[node]].push_back(node);
    ChainLevel level{path_, CsrMatrix(parent_of.size())};
    for (const std::vector<NodeId>& of_parent : children) {
      for (const NodeId child : of_parent)
        level.children.push(child, 1);
      level.children.end_row();
    }
    return level;
  }

  std::string path_;
  const LabelNames* names_;
  std::vector<Level> levels_;
  std::vector<Placed> labels_;
};

}  // namespace

std::vector<ChainLevel> read_clusters(const std::vector<std::string>& paths, const LabelNames* names) {
  if (paths.size() == 1 && std::filesystem::is_directory(paths.front())) return read_folder(paths.front());
  if (paths.size() == 1 && is_text(paths.front())) return TextClusters(paths.front(), names).read();
  std::vector<ChainLevel> chain;
  chain.reserve(paths.size());
  for (const std::string& path : paths)
    chain.push_back(read_chain_level(path));
  return chain;
}

std::size_t add_upper_levels(std::vector<ChainLevel>& chain, std::uint32_t branching) {
  if (branching < 2) throw ConfigError(fmt::format("branching: {} is less than 2", branching));
  std::size_t added = 0;
  for (std::uint64_t nodes = chain.front().children.rows(); nodes > 1; ++added) {
    const std::uint64_t children = nodes <= branching ? nodes : branching;
    ChainLevel above{chain.front().name, CsrMatrix(nodes)};
    for (std::uint64_t node = 0; node < nodes; ++node) {
      above.children.push(static_cast<NodeId>(node), 1);
      if ((node + 1) % children == 0 || node + 1 == nodes) above.children.end_row();
    }
    nodes = above.children.rows();
    chain.insert(chain.begin(), std::move(above));
  }
  return added;
}

}  // namespace xmr
