#include "xmr/distributed/part_origin.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::string describe(const PartOf& part) {
  return part.is_whole() ? "not a part of the rows" : fmt::format("one of {} parts", part.parts);
}
std::string name_of(const PartOf& part) {
  return part.is_whole() ? "not a part of the rows" : fmt::format("part {} of {} of the rows", part.part, part.parts);
}

}  // namespace

void record_part(const PartOf& part, const std::string& of, Json& content) {
  if (part.is_whole()) return;
  content["part"] = {{"part", part.part}, {"parts", part.parts}};
  if (!of.empty()) content["part"]["of"] = of;
}

PartOrigin::PartOrigin(std::string file, Json all) : name(std::move(file)), content(std::move(all)) {
  const Json* const found = content.find("part");
  if (found == nullptr) return;
  try {
    part = {found->at("part").get<std::uint32_t>(), found->at("parts").get<std::uint32_t>()};
    of = found->value("of", std::string());
  } catch (const JsonError&) {
    part.parts = 0;
  }
  if (part.part >= part.parts) throw FormatError(name, "meta.json: part is not a part of parts");
  content.erase("part");
}

void require_numbered_rows(const PartOrigin& rows) {
  if (!rows.part.is_whole())
    throw DataError(rows.name, fmt::format("holds {}", name_of(rows.part)),
                    "take -o P.npz, and xmr-inspect concat joins the parts");
}

void require_same_part(const PartOrigin& part, const PartOrigin& first) {
  if (part.part.part != first.part.part || part.part.parts != first.part.parts)
    throw DataError(part.name, fmt::format("is {}, but {} is {}", name_of(part.part), first.name, name_of(first.part)));
}

void require_same_origin(const PartOrigin& part, const PartOrigin& first) {
  const auto is_other = [&] {
    return DataError(part.name,
                     fmt::format("was not made from what {} was made from, or with other options", first.name),
                     "xmr-inspect show prints how each was made");
  };
  if (part.content != first.content) throw is_other();
  if (part.part.parts != first.part.parts)
    throw DataError(part.name,
                    fmt::format("is {}, but {} is {}", describe(part.part), first.name, describe(first.part)));
  if (part.of != first.of) throw is_other();
}

}  // namespace xmr
