#pragma once
// Model folders of PECOS, written here without the code under test.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"

#include "support/temporary_directory.hpp"

namespace xmr::test {

struct PecosLevel {
  CsrMatrix weights;   // a row a node, a column a feature, and one more if there is a bias
  CsrMatrix children;  // a row a parent, in the order in which C.npz shall have them
  double bias = 1;
  std::uint32_t only_topk = 10;
};

inline void write_pecos_level(const std::string& folder, const PecosLevel& level, std::uint64_t features,
                              const std::string& post_processor, const std::string& more = "") {
  std::filesystem::create_directories(folder);
  write_file(folder + "/param.json",
             fmt::format(R"({{"model": "MLModel", "nr_labels": {}, "nr_features": {}, "nr_codes": {}, "bias": {},
 "pred_kwargs": {{"only_topk": {}, "post_processor": "{}"}}{}}})",
                         level.weights.rows(), features, level.children.rows(), level.bias, level.only_topk,
                         post_processor, more));
  write_matrix_by_column(folder + "/W.npz", level.weights, {});
  write_matrix_by_column(folder + "/C.npz", level.children, {});
}

inline void write_pecos_folder(const std::string& folder, const std::vector<PecosLevel>& levels, std::uint64_t features,
                               const std::string& post_processor) {
  std::filesystem::create_directories(folder + "/ranker");
  write_file(folder + "/param.json", R"({"model": "XLinearModel"})");
  write_file(folder + "/ranker/param.json",
             fmt::format(R"({{"model": "HierarchicalMLModel", "depth": {}, "nr_features": {}, "nr_codes": {},
 "nr_labels": {}}})",
                         levels.size(), features, levels.back().children.rows(), levels.back().weights.rows()));
  for (std::size_t t = 0; t < levels.size(); ++t)
    write_pecos_level(fmt::format("{}/ranker/{}.model", folder, t), levels[t], features, post_processor);
}

}  // namespace xmr::test
