#include "xmr/model/pecos_export.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/io/output_folder.hpp"
#include "xmr/model/level_matrix.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/operations.hpp"

namespace xmr {
namespace {

Json meta(const char* class_name) {
  return {{"class_fullname", class_name}};
}

// Returns a node's number in PECOS: its number in the tree, or the label.
std::uint32_t number_of(const LabelTree& tree, std::size_t level, NodeId node) {
  return level + 1 == tree.depth() ? tree.labels()[node] : node;
}

std::uint64_t numbers_of(const LabelTree& tree, std::size_t level) {
  return level + 1 == tree.depth() ? tree.label_count() : tree.nodes(level);
}

// Returns the matrix of children × parents.
CsrMatrix children_of(const LabelTree& tree, std::size_t level) {
  CsrMatrix children(numbers_of(tree, level));
  for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
    for (const NodeId child : tree.children(level, parent))
      children.push(number_of(tree, level, child), 1);
    children.end_row();
  }
  return children;
}

// Returns a row for each node number.
CsrMatrix weights_of(const XrLinearModel& model, std::size_t level) {
  CsrMatrix by_node = level_matrix(model, level);
  if (level + 1 != model.tree().depth()) return by_node;
  const std::vector<NodeId> node_of = model.tree().nodes_of_labels();
  CsrMatrix by_label(by_node.cols());
  by_label.reserve(node_of.size(), by_node.view().nnz());
  for (const NodeId node : node_of)
    by_label.append_row(node == LabelTree::kNoPlace ? SparseRow{} : by_node.view().row(node));
  return by_label;
}

void write_level(const XrLinearModel& model, std::size_t level, std::uint32_t only_topk, const std::string& folder) {
  const LabelTree& tree = model.tree();
  const Json prediction = {{"__meta__", meta("pecos.xmc.base###MLModel.PredParams")},
                           {"only_topk", only_topk},
                           {"post_processor", model.defaults().post_processor}};
  write_json(folder + "/param.json", {{"__meta__", meta("pecos.xmc.base###MLModel")},
                                      {"model", "MLModel"},
                                      {"nr_labels", numbers_of(tree, level)},
                                      {"nr_features", model.features()},
                                      {"nr_codes", tree.parents(level)},
                                      {"bias", 1.0},
                                      {"pred_kwargs", prediction}});
  write_matrix_by_column(folder + "/W.npz", weights_of(model, level), Json::object());
  write_matrix_by_column(folder + "/C.npz", children_of(tree, level), Json::object());
}

}  // namespace

void write_pecos_model(const XrLinearModel& model, const std::string& folder, std::uint32_t answers) {
  const LabelTree& tree = model.tree();
  const PredictDefaults& defaults = model.defaults();
  OutputFolder out(folder);
  const std::string ranker = out.folder("ranker");
  write_json(out.path() + "/param.json",
             {{"__meta__", meta("pecos.xmc.xlinear.model###XLinearModel")}, {"model", "XLinearModel"}});
  write_json(ranker + "/param.json", {{"__meta__", meta("pecos.xmc.base###HierarchicalMLModel")},
                                      {"model", "HierarchicalMLModel"},
                                      {"depth", tree.depth()},
                                      {"nr_features", model.features()},
                                      {"nr_codes", tree.parents(tree.depth() - 1)},
                                      {"nr_labels", tree.label_count()}});
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    const bool is_last = level + 1 == tree.depth();
    const std::uint32_t beam = defaults.level_beams.empty() || is_last ? defaults.beam : defaults.level_beams[level];
    write_level(model, level, is_last ? answers : beam, out.folder(fmt::format("ranker/{}.model", level)));
  }
  out.commit();
}

}  // namespace xmr
