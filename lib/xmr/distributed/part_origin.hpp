#pragma once
// The record of a part of the rows in the meta.json of its file: its number, and the fingerprint of the inputs and
// options that all parts share. A merge compares the records. Thread rule: pure functions.

#include <string>

#include "xmr/io/json.hpp"
#include "xmr/util/part_of.hpp"

namespace xmr {

// Adds the record to `content`, unless the part is the whole. `of`: the fingerprint of the inputs that `content` does
// not name, or empty.
void record_part(const PartOf& part, const std::string& of, Json& content);

struct PartOrigin {
  std::string name;  // of the file
  Json content;
  PartOf part;
  std::string of;  // as in record_part()

  PartOrigin() = default;
  PartOrigin(std::string file, Json all);
};
// If the rows are a part, throws DataError: text would number them from 0.
void require_numbered_rows(const PartOrigin& rows);
// Unless both are the same part of the rows, throws DataError.
void require_same_part(const PartOrigin& part, const PartOrigin& first);
// Unless both have the same number of parts, inputs and options, throws DataError.
void require_same_origin(const PartOrigin& part, const PartOrigin& first);

}  // namespace xmr
