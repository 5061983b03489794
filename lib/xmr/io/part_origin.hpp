#pragma once
// What the file of a part says of itself in the content of its meta.json: which part of the rows it holds, and what it
// was made from and how, which all parts of a job have in common. Whoever puts parts together compares that.
// Thread rule: pure functions.

#include <string>

#include "xmr/io/json.hpp"
#include "xmr/util/part_of.hpp"

namespace xmr {

// Nothing of a whole. `of`: fingerprint of what all parts are made of and the content does not tell; or empty.
void record_part(const PartOf& part, const std::string& of, nlohmann::ordered_json& content);

struct PartOrigin {
  std::string name;  // of the file
  JsonValue content;
  PartOf part;
  std::string of;  // as record_part() has it

  PartOrigin() = default;
  PartOrigin(std::string file, nlohmann::ordered_json all);
};
// DataError for a part whose rows are to become text, where they would be numbered from 0.
void require_numbered_rows(const PartOrigin& rows);
// DataError unless both are the same part of the rows.
void require_same_part(const PartOrigin& part, const PartOrigin& first);
// DataError unless both are parts of as many, made from the same and in the same way.
void require_same_origin(const PartOrigin& part, const PartOrigin& first);

}  // namespace xmr
