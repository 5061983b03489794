#include "xmr/io/npz_file.hpp"

#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "xmr/io/foreign_file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/zip_directory.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kCheckedAtOpen = std::uint64_t{1} << 20;
constexpr std::string_view kMetaName = "meta.json";

// Returns the hint for a file of another kind than is needed.
std::string maker_of(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kMakers = {{
      {"matrix", "xmr-featurize apply makes matrices"},
      {"vectorizer", "xmr-featurize fit makes a vectorizer"},
      {"label-tree", "xmr-index makes a label tree"},
      {"model", "xmr-train makes a model"},
      {"predictions", "xmr-predict -o P.npz makes predictions"},
  }};
  for (const auto& [made, hint] : kMakers)
    if (made == kind) return hint;
  return {};
}

struct Member {
  std::string name;  // without ".npy"
  bool is_array = false;
  std::string_view bytes;  // of the mapped file, or of `inflated`
  std::uint32_t crc = 0;
  std::string inflated;
};

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void check_crc(const std::string& file_name, const Member& member) {
  if (crc_of(member.bytes) != member.crc)
    throw FormatError(file_name, fmt::format("member {}: CRC-32 does not match: the file is damaged", member.name));
}

std::unique_ptr<Member> open_member(const std::string& file_name, const ZipMember& packed) {
  auto member = std::make_unique<Member>();
  member->name = without_npy(packed.name);
  member->is_array = member->name.size() < packed.name.size();
  member->crc = packed.crc;
  if (packed.deflated) member->inflated = inflate(file_name, packed);
  member->bytes = packed.deflated ? member->inflated : packed.packed;
  if (packed.deflated || member->bytes.size() <= kCheckedAtOpen) check_crc(file_name, *member);
  return member;
}

Meta parse_meta(const std::string& file_name, std::string_view text) {
  Meta meta;
  try {
    const auto json = Json::parse(text);
    meta.kind = json.at("kind").get<std::string>();
    meta.format_version = json.at("format_version").get<int>();
    meta.tool_version = json.at("tool_version").get<std::string>();
    meta.content = json.at("content");
  } catch (const JsonError& error) {
    throw FormatError(file_name, fmt::format("member meta.json: {}", error.what()));
  }
  if (!meta.content.is_object()) throw FormatError(file_name, "member meta.json: content is not an object");
  return meta;
}

}  // namespace

struct NpzFile::State {
  MappedFile file;
  std::vector<std::unique_ptr<Member>> members;
  std::map<std::string, const Member*, std::less<>> by_name;
  std::optional<Meta> meta;

  explicit State(MappedFile mapped) : file(std::move(mapped)) {
    const FileKind kind = recognize(file.bytes());
    if (kind == FileKind::empty) throw FormatError(file.name(), "is empty; an npz archive is expected");
    if (kind != FileKind::npz) {
      const std::string_view foreign = name_of_foreign(file.bytes());
      throw FormatError(file.name(), foreign.empty() ? "is not an npz archive"
                                                     : fmt::format("{}; an npz archive is needed", foreign));
    }
    for (const ZipMember& packed : read_zip_directory(file.name(), file.bytes())) {
      const Member& member = *members.emplace_back(open_member(file.name(), packed));
      if (!by_name.emplace(member.name, &member).second)
        throw FormatError(file.name(), fmt::format("member {} is there twice", member.name));
    }
    if (const auto found = by_name.find(kMetaName); found != by_name.end())
      meta = parse_meta(file.name(), found->second->bytes);
  }

  const Member& find(std::string_view name) const {
    const auto found = by_name.find(name);
    if (found == by_name.end()) throw FormatError(file.name(), fmt::format("member {} is missing", name));
    return *found->second;
  }
};

NpzFile::NpzFile(const std::string& path) : NpzFile(MappedFile(path)) {}
NpzFile::NpzFile(MappedFile file) : state_(std::make_unique<State>(std::move(file))) {}
NpzFile NpzFile::nested(std::string_view member) const {
  const NpyArray array = get(member);
  if (array.dtype != DType::u1 || array.shape.size() != 1)
    throw FormatError(array.name, "is no array of bytes (u1) with one dimension");
  return NpzFile(MappedFile::of(array.bytes, array.name));
}
NpzFile::~NpzFile() = default;
NpzFile::NpzFile(NpzFile&&) noexcept = default;
NpzFile& NpzFile::operator=(NpzFile&&) noexcept = default;

const std::string& NpzFile::name() const noexcept {
  return state_->file.name();
}
void NpzFile::expect_random_reads() const noexcept {
  state_->file.expect_random_reads();
}

void NpzFile::drop_pages() const noexcept {
  state_->file.drop_pages();
}

std::string_view NpzFile::bytes() const noexcept {
  return state_->file.bytes();
}

std::vector<std::string> NpzFile::members() const {
  std::vector<std::string> names;
  for (const auto& member : state_->members)
    names.push_back(member->name);
  return names;
}

bool NpzFile::has(std::string_view member) const {
  return state_->by_name.contains(member);
}

NpyArray NpzFile::get(std::string_view member) const {
  const Member& found = state_->find(member);
  if (!found.is_array) throw FormatError(name(), fmt::format("member {} is not an array", member));
  return parse_npy(fmt::format("{}: member {}", name(), member), found.bytes);
}

std::string_view NpzFile::raw(std::string_view member) const {
  return state_->find(member).bytes;
}

std::uint32_t NpzFile::crc(std::string_view member) const {
  return state_->find(member).crc;
}

void NpzFile::check(std::string_view member) const {
  check_crc(name(), state_->find(member));
}

void NpzFile::check_all() const {
  for (const auto& member : state_->members)
    check_crc(name(), *member);
}

std::string NpzFile::fingerprint() const {
  Fingerprint print;
  for (const auto& member : state_->members)
    print.add(member->name).add(std::uint64_t{member->bytes.size()}).add(std::uint64_t{member->crc});
  return print.hex();
}

bool NpzFile::has_meta() const {
  return state_->meta.has_value();
}

const Meta& NpzFile::meta() const {
  if (!state_->meta) throw FormatError(name(), "has no meta.json: it was not written by these tools");
  return *state_->meta;
}

void NpzFile::require_kind(std::string_view kind, int newest) const {
  const Meta& found = meta();
  const auto one = [](std::string_view what) { return fmt::format("{}{}", what.ends_with('s') ? "" : "a ", what); };
  if (found.kind != kind)
    throw FormatError(name(), fmt::format("is {}, not {}", one(found.kind), one(kind)), maker_of(kind));
  if (found.format_version < 1 || found.format_version > newest)
    throw FormatError(name(),
                      fmt::format("format version {} of {} is outside 1..{}", found.format_version, kind, newest),
                      fmt::format("it was written by version {}; this is version {}", found.tool_version, version()));
}

void NpzFile::require_vector(const NpyArray& array) {
  if (array.shape.size() != 1)
    throw FormatError(array.name, fmt::format("has {} dimensions, must have 1", array.shape.size()));
}

}  // namespace xmr
