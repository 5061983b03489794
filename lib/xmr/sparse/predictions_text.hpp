#pragma once
// Parsers of the two text forms of predictions, used by PredictionFile.

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

// Returns the rows up to the last one in the text. If a line does not fit, throws DataError with its number.
CsrMatrix parse_predictions_tsv(const PredictionText& text);
CsrMatrix parse_predictions_json(const PredictionText& text);

}  // namespace xmr
