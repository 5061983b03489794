#pragma once
// Parsers of the two text forms of predictions; PredictionFile is what others use.

#include <optional>
#include <string>
#include <string_view>

#include "xmr/io/names.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr {

struct PredictionText {
  const std::string& file;  // for messages
  std::string_view bytes;
  const LabelNames* names;
  std::optional<PredictionShape> expected;
};

// Rows up to the last one that appears; DataError with the line for whatever does not fit.
CsrMatrix parse_predictions_tsv(const PredictionText& text);
CsrMatrix parse_predictions_json(const PredictionText& text);

}  // namespace xmr
