#pragma once
// Writes XR-Linear models as model folders of PECOS (pecos_import.hpp lists the files).
//
//   write_pecos_model(model, "folder", 10);
//
// Weights are written as float32, which holds all weight types exactly. The bias value is 1. Labels without a place
// become empty rows and columns. PECOS stores neither names, vectorizer nor ties by margin. Errors: IoError, DataError
// if the folder is not empty, FormatError for a damaged chunk. Memory: the weights of a level.

#include <cstdint>
#include <string>

#include "xmr/model/xr_linear.hpp"

namespace xmr {

// `answers`: default number of answers to a row (only_topk of the labels' level).
void write_pecos_model(const XrLinearModel& model, const std::string& folder, std::uint32_t answers);

}  // namespace xmr
