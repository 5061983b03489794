#pragma once
// The options of training as JSON, in the meta.json of a model and of a plan.
//
//   Json options = describe(train);        read_train_options(file, options, depth)
//
// Floats read back equal. Errors: FormatError if a value is missing or not allowed. Thread rule: pure functions.

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/train/trainer.hpp"

namespace xmr {

// Describes all options except the type of weights and the matcher, which a model records elsewhere.
Json describe(const TrainOptions& options);

// Reads all options except TrainOptions::given. `content`: of a plan, with "options", "weight_type" and "predict".
TrainOptions read_train_options(const NpzFile& file, const Json& content, std::uint64_t depth);

}  // namespace xmr
