#pragma once
// Values of a file's meta.json, each checked before it is used: FormatError with the file and the key for one that is
// missing, of another type or out of range. Thread rule: pure functions.

#include <cstdint>
#include <string>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"

namespace xmr {

// T: bool, float, std::string or nlohmann::ordered_json.
template <class T>
T meta_value(const NpzFile& file, const nlohmann::ordered_json& object, const char* key);

// A count in 0..largest: nlohmann would turn a negative number into a huge one.
std::uint64_t meta_count(const NpzFile& file, const nlohmann::ordered_json& object, const char* key,
                         std::uint64_t largest);

// For what is made of several files, whose bytes another version might make otherwise.
void require_this_version(const NpzFile& file);

// The type of a model: "xr-linear", "bm25", ... FormatError for a file that is no model.
std::string model_type(const NpzFile& file);

}  // namespace xmr
