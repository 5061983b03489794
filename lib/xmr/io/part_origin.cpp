#include "xmr/io/part_origin.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::string describe(const PartOf& part) {
  return part.is_whole() ? "no part of the rows" : fmt::format("one of {} parts", part.parts);
}

}  // namespace

void record_part(const PartOf& part, const std::string& of, nlohmann::ordered_json& content) {
  if (part.is_whole()) return;
  content["part"] = {{"part", part.part}, {"parts", part.parts}};
  if (!of.empty()) content["part"]["of"] = of;
}

PartOf take_part(nlohmann::ordered_json& content, const std::string& name) {
  PartOrigin origin(name, std::move(content));
  content = std::move(origin.content);
  return origin.part;
}

PartOrigin::PartOrigin(std::string file, nlohmann::ordered_json all) : name(std::move(file)), content(std::move(all)) {
  const auto found = content.find("part");
  if (found == content.end()) return;
  try {
    part = {found->at("part").get<std::uint32_t>(), found->at("parts").get<std::uint32_t>()};
    of = found->value("of", std::string());
  } catch (const nlohmann::json::exception&) {
    part.parts = 0;
  }
  if (part.part >= part.parts) throw FormatError(name, "meta.json: part is no part of parts");
  content.erase(found);
}

void require_same_origin(const PartOrigin& part, const PartOrigin& first) {
  const auto is_other = [&] {
    return DataError(part.name,
                     fmt::format("was not made from what {} was made from, or with other options", first.name),
                     "xmr-inspect show tells what each was made with");
  };
  if (part.content != first.content) throw is_other();
  if (part.part.parts != first.part.parts)
    throw DataError(part.name,
                    fmt::format("is {}, but {} is {}", describe(part.part), first.name, describe(first.part)));
  if (part.of != first.of) throw is_other();
}

}  // namespace xmr
