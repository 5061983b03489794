#pragma once
// Rows of CSV and TSV, for make_row_converter() only.

#include <memory>
#include <string>
#include <string_view>

#include "xmr/io/row_converter.hpp"

namespace xmr {

// Returns the separator that the first line has most of, outside quotes: , ; TAB or |.
char separator_of(std::string_view start);

// `start`: the first bytes of the input. TSV has no line breaks in fields.
std::unique_ptr<RowConverter> make_csv_rows(const std::string& file, const CorpusColumns& columns,
                                            std::string_view start);
std::unique_ptr<RowConverter> make_tsv_rows(const std::string& file, const CorpusColumns& columns);

}  // namespace xmr
