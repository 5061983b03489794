#include "support/text_matrix_oracle.hpp"

#include <algorithm>
#include <sstream>
#include <string>

namespace xmr::test {
namespace {

// "7:0.5", or "7", which stands for "7:1".
void add(const std::string& token, std::uint32_t first_id, OracleText::SparseMap& row, std::uint64_t& count) {
  std::istringstream in(token);
  std::uint64_t id = 0;
  char colon = 0;
  float value = 1;
  in >> id;
  if (in >> colon) in >> value;
  row[static_cast<std::uint32_t>(id - first_id)] += value;
  count = std::max(count, id - first_id + 1);
}

}  // namespace

OracleText read_text_plainly(std::istream& in, TextForm form, const TextDialect& dialect) {
  OracleText result;
  std::uint64_t largest_feature = 0, largest_label = 0;
  std::string line;
  if (form == TextForm::xmc) {
    std::uint64_t rows = 0;
    std::getline(in, line);
    std::istringstream(line) >> rows >> result.feature_count >> result.label_count;
  }
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (form == TextForm::svmlight) {
      if (line.empty() || line[0] == '#') continue;
      line = line.substr(0, line.find('#'));
    }
    result.features.emplace_back();
    result.labels.emplace_back();
    std::istringstream tokens(line);
    std::string token;
    bool may_be_labels = !line.empty() && line[0] != ' ' && line[0] != '\t';
    while (tokens >> token) {
      const bool plain = token.find(':') == std::string::npos || token.find(',') != std::string::npos;
      if (may_be_labels && (plain || dialect.label_weights)) {
        std::istringstream list(token);
        for (std::string label; std::getline(list, label, ',');)
          add(label, dialect.first_label, result.labels.back(), largest_label);
      } else {
        add(token, dialect.first_feature, result.features.back(), largest_feature);
      }
      may_be_labels = false;
    }
  }
  if (form == TextForm::svmlight) {
    result.feature_count = largest_feature;
    result.label_count = largest_label;
  }
  return result;
}

CsrMatrix matrix_of(const std::vector<OracleText::SparseMap>& rows, std::uint64_t cols) {
  CsrMatrix matrix(cols);
  for (const auto& row : rows) {
    for (const auto& [column, value] : row)
      if (value != 0) matrix.push(column, value);
    matrix.end_row();
  }
  return matrix;
}

}  // namespace xmr::test
