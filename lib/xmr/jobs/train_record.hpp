#pragma once
// The options of training as JSON: what a model's meta.json records, and what a plan passes on to its parts.
//
//   nlohmann::ordered_json options = describe(train);        read_train_options(file, options, depth)
//
// Floats survive the way there and back. Errors: FormatError for a value that is missing, or none.
// Thread rule: pure functions.

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/train/trainer.hpp"

namespace xmr {

// All but the type of weights and how rows are matched, which a model records elsewhere.
nlohmann::ordered_json describe(const TrainOptions& options);

// Without TrainOptions::given. `content`: of a plan, with "options", "weight_type" and "predict".
TrainOptions read_train_options(const NpzFile& file, const nlohmann::ordered_json& content, std::uint64_t depth);

}  // namespace xmr
