#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <minizip/unzip.h>
#include <zlib.h>

#include "xmr/io/npz.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kCheckedAtOpen = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxMembers = 1U << 16;
// Deflate cannot compress better than 1032:1 (zlib's technical notes), so a member that claims more is a lie.
constexpr std::uint64_t kMaxInflation = 1032;
constexpr std::string_view kArraySuffix = ".npy";
constexpr std::string_view kMetaName = "meta.json";

// minizip's file functions over bytes in memory.
struct Reader {
  std::string_view bytes;
  std::uint64_t position = 0;

  static Reader& of(voidpf opaque) { return *static_cast<Reader*>(opaque); }
  static uLong read(voidpf opaque, voidpf, void* buffer, uLong size) {
    Reader& r = of(opaque);
    const std::uint64_t n =
        r.position >= r.bytes.size() ? 0 : std::min<std::uint64_t>(size, r.bytes.size() - r.position);
    if (n > 0) std::memcpy(buffer, r.bytes.data() + r.position, n);
    r.position += n;
    return n;
  }
  static long seek(voidpf opaque, voidpf, ZPOS64_T offset, int origin) {
    Reader& r = of(opaque);
    r.position = origin == SEEK_SET ? offset : (origin == SEEK_CUR ? r.position : r.bytes.size()) + offset;
    return 0;
  }
  zlib_filefunc64_def functions() {
    return {.zopen64_file = [](voidpf opaque, const void*, int) { return opaque; },
            .zread_file = read,
            .zwrite_file = [](voidpf, voidpf, const void*, uLong) -> uLong { return 0; },
            .ztell64_file = [](voidpf opaque, voidpf) -> ZPOS64_T { return of(opaque).position; },
            .zseek64_file = seek,
            .zclose_file = [](voidpf, voidpf) { return 0; },
            .zerror_file = [](voidpf, voidpf) { return 0; },
            .opaque = this};
  }
};

struct Member {
  std::string name;  // without ".npy"
  bool is_array = false;
  std::string_view bytes;  // in the mapped file, or in `inflated`
  std::uint32_t crc = 0;
  std::string inflated;
};

// Of what stands behind bytes whose sum is `before`.
std::uint32_t crc_of(std::string_view bytes, std::uint32_t before = 0) {
  return static_cast<std::uint32_t>(::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// minizip forgives an archive that lacks the last bytes of its last record; we do not.
bool ends_with_end_record(std::string_view bytes) {
  constexpr std::size_t kEndRecord = 22;  // ZIP APPNOTE 4.3.16, without the comment
  const std::size_t start = bytes.rfind("PK\x05\x06");
  if (start == std::string_view::npos || bytes.size() - start < kEndRecord) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[start + i]); };
  const std::size_t comment = byte(20) | static_cast<std::size_t>(byte(21)) << 8;
  return bytes.size() - start == kEndRecord + comment;
}

// Reads the directory of an archive, member by member.
class DirectoryReader {
 public:
  DirectoryReader(const std::string& file_name, std::string_view bytes) : file_name_(file_name), reader_{bytes} {
    zlib_filefunc64_def functions = reader_.functions();
    if (ends_with_end_record(bytes)) zip_.reset(::unzOpen2_64(nullptr, &functions));
    if (!zip_)
      throw FormatError(file_name, "the directory of the archive is missing or damaged; the file may be cut off");
  }

  std::vector<std::unique_ptr<Member>> read() {
    unz_global_info64 info{};
    require(::unzGetGlobalInfo64(zip_.get(), &info) == UNZ_OK, "directory is damaged");
    require(info.number_entry > 0 && info.number_entry <= kMaxMembers,
            fmt::format("{} members are outside 1..{}", info.number_entry, kMaxMembers));
    std::vector<std::unique_ptr<Member>> members;
    for (int result = ::unzGoToFirstFile(zip_.get()); result == UNZ_OK; result = ::unzGoToNextFile(zip_.get()))
      members.push_back(read_member());
    require(members.size() == info.number_entry,
            fmt::format("directory lists {} members, {} are there", info.number_entry, members.size()));
    return members;
  }

 private:
  struct Close {
    void operator()(void* zip) const { ::unzClose(zip); }
  };

  void require(bool condition, const std::string& what) const {
    if (!condition) throw FormatError(file_name_, what);
  }

  std::unique_ptr<Member> read_member() {
    unz_file_info64 info{};
    char name[512];
    require(::unzGetCurrentFileInfo64(zip_.get(), &info, name, sizeof name, nullptr, 0, nullptr, 0) == UNZ_OK,
            "directory is damaged");
    require(info.size_filename > 0 && info.size_filename < sizeof name, "a member's name is empty or too long");
    auto member = std::make_unique<Member>();
    const std::string_view full(name, info.size_filename);
    member->is_array = full.ends_with(kArraySuffix);
    member->name = member->is_array ? full.substr(0, full.size() - kArraySuffix.size()) : full;
    const auto fails = [&](std::string_view what) { return fmt::format("member {}: {}", member->name, what); };
    require((info.flag & 1U) == 0, fails("is encrypted"));
    require(info.compression_method == 0 || info.compression_method == Z_DEFLATED,
            fails(fmt::format("compression method {} is neither stored (0) nor deflate (8)", info.compression_method)));

    require(::unzOpenCurrentFile2(zip_.get(), nullptr, nullptr, /*raw=*/1) == UNZ_OK, fails("its header is damaged"));
    const std::uint64_t start = ::unzGetCurrentFileZStreamPos64(zip_.get());
    ::unzCloseCurrentFile(zip_.get());
    const std::uint64_t size = reader_.bytes.size();
    require(start <= size && info.compressed_size <= size - start, fails("goes beyond the end of the file"));
    member->crc = static_cast<std::uint32_t>(info.crc);
    if (info.compression_method == 0) {
      require(info.compressed_size == info.uncompressed_size, fails("is stored, yet its two sizes differ"));
      member->bytes = reader_.bytes.substr(start, info.compressed_size);
    } else {
      require(info.uncompressed_size <= kMaxInflation * (info.compressed_size + 1), fails("claims an impossible size"));
      inflate(*member, info.uncompressed_size);
      member->bytes = member->inflated;
    }
    require(
        (info.compression_method == 0 && member->bytes.size() > kCheckedAtOpen) || crc_of(member->bytes) == member->crc,
        fails("CRC-32 does not match: the file is damaged"));
    return member;
  }

  void inflate(Member& member, std::uint64_t claimed) {
    const auto fails = [&](std::string_view what) { return fmt::format("member {}: {}", member.name, what); };
    require(::unzOpenCurrentFile(zip_.get()) == UNZ_OK, fails("cannot be inflated"));
    member.inflated.resize(claimed);
    std::uint64_t filled = 0;
    int n = 1;
    while (filled < claimed && n > 0) {
      const auto room = static_cast<unsigned>(std::min<std::uint64_t>(claimed - filled, 1U << 30));
      n = ::unzReadCurrentFile(zip_.get(), member.inflated.data() + filled, room);
      if (n > 0) filled += static_cast<std::uint64_t>(n);
    }
    char more = 0;
    const bool goes_on = n >= 0 && ::unzReadCurrentFile(zip_.get(), &more, 1) > 0;
    const int closed = ::unzCloseCurrentFile(zip_.get());
    require(n >= 0 && filled == claimed && !goes_on && closed == UNZ_OK,
            fails(fmt::format("does not inflate to the {} bytes that the directory claims", claimed)));
  }

  const std::string& file_name_;
  Reader reader_;
  std::unique_ptr<void, Close> zip_;
};

Meta parse_meta(const std::string& file_name, std::string_view text) {
  Meta meta;
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    meta.kind = json.at("kind").get<std::string>();
    meta.format_version = json.at("format_version").get<int>();
    meta.tool_version = json.at("tool_version").get<std::string>();
    meta.content = json.at("content");
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(file_name, fmt::format("member meta.json: {}", error.what()));
  }
  if (!meta.content.is_object()) throw FormatError(file_name, "member meta.json: content is no object");
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
    if (kind != FileKind::npz) throw FormatError(file.name(), "is no npz archive");
    members = DirectoryReader(file.name(), file.bytes()).read();
    for (const auto& member : members) {
      if (!by_name.emplace(member->name, member.get()).second)
        throw FormatError(file.name(), fmt::format("member {} is there twice", member->name));
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
NpzFile::~NpzFile() = default;
NpzFile::NpzFile(NpzFile&&) noexcept = default;
NpzFile& NpzFile::operator=(NpzFile&&) noexcept = default;

const std::string& NpzFile::name() const noexcept {
  return state_->file.name();
}
void NpzFile::expect_random_reads() const noexcept {
  state_->file.expect_random_reads();
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
  if (!found.is_array) throw FormatError(name(), fmt::format("member {} is no array", member));
  return parse_npy(fmt::format("{}: member {}", name(), member), found.bytes);
}

std::string_view NpzFile::raw(std::string_view member) const {
  return state_->find(member).bytes;
}

void NpzFile::check(std::string_view member) const {
  const Member& found = state_->find(member);
  if (crc_of(found.bytes) != found.crc)
    throw FormatError(name(), fmt::format("member {}: CRC-32 does not match: the file is damaged", member));
}

void NpzFile::check_all() const {
  for (const auto& member : state_->members)
    check(member->name);
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
  if (found.kind != kind) throw FormatError(name(), fmt::format("is {}, not {}", one(found.kind), one(kind)));
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
