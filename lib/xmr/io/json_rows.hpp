#pragma once
// Rows of JSON lines, for make_row_converter() only.

#include <memory>
#include <string>

#include "xmr/io/row_converter.hpp"

namespace xmr {

std::unique_ptr<RowConverter> make_json_rows(const std::string& file, const CorpusColumns& columns,
                                             std::string_view start);

}  // namespace xmr
