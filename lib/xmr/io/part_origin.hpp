#pragma once
// What the file of a part says of itself in the content of its meta.json: which part of the rows it holds, and what it
// was made from and how, which all parts of a job have in common. Whoever puts parts together compares that.
// Thread rule: pure functions.

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "xmr/util/part_of.hpp"

namespace xmr {

void record_part(const PartOf& part, nlohmann::ordered_json& content);  // nothing of a whole
// Takes it out of there; whole if there is none. FormatError, of the file `name`, if it is damaged.
PartOf take_part(nlohmann::ordered_json& content, const std::string& name);

struct PartOrigin {
  std::string name;  // of the file
  nlohmann::ordered_json content;
  PartOf part;

  PartOrigin() = default;
  PartOrigin(std::string file, nlohmann::ordered_json all)
      : name(std::move(file)), content(std::move(all)), part(take_part(content, name)) {}
};
// DataError unless both are parts of as many, made from the same and in the same way.
void require_same_origin(const PartOrigin& part, const PartOrigin& first);

}  // namespace xmr
