#include "xmr/io/part_origin.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::string describe(const PartOf& part) {
  return part.is_whole() ? "no part of the rows" : fmt::format("one of {} parts", part.parts);
}

}  // namespace

void record_part(const PartOf& part, nlohmann::ordered_json& content) {
  if (!part.is_whole()) content["part"] = {{"part", part.part}, {"parts", part.parts}};
}

PartOf take_part(nlohmann::ordered_json& content, const std::string& name) {
  const auto found = content.find("part");
  if (found == content.end()) return {};
  PartOf part;
  try {
    part = {found->at("part").get<std::uint32_t>(), found->at("parts").get<std::uint32_t>()};
  } catch (const nlohmann::json::exception&) {
    part.parts = 0;
  }
  if (part.part >= part.parts) throw FormatError(name, "meta.json: part is no part of parts");
  content.erase(found);
  return part;
}

void require_same_origin(const PartOrigin& part, const PartOrigin& first) {
  if (part.content != first.content)
    throw DataError(part.name,
                    fmt::format("was not made from what {} was made from, or with other options", first.name),
                    "xmr-inspect show tells what each was made with");
  if (part.part.parts != first.part.parts)
    throw DataError(part.name,
                    fmt::format("is {}, but {} is {}", describe(part.part), first.name, describe(first.part)));
}

}  // namespace xmr
