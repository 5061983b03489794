#pragma once
// Our XR-Linear models as model folders of PECOS (pecos_import.hpp says what is in them).
//
//   write_pecos_model(model, "folder", 10);
//
// Weights are written as float32, which holds both of our types; the bias has the value 1 and our bias in its row;
// labels without a place are empty rows and columns. What PECOS does not have is left out: names, vectorizer, ties by
// margin. Errors: IoError, DataError for a place that is taken, FormatError for a damaged chunk. Memory: the weights of
// a level.

#include <cstdint>
#include <string>

#include "xmr/model/xr_linear.hpp"

namespace xmr {

// `answers`: of a row by default (only_topk of the labels' level).
void write_pecos_model(const XrLinearModel& model, const std::string& folder, std::uint32_t answers);

}  // namespace xmr
