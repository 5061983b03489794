#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

namespace xmr::test {

MemoryFile::MemoryFile() : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
  if (descriptor_ < 0) throw IoError("a file in memory", "create", errno);
  path_ = fmt::format("/proc/self/fd/{}", descriptor_);
}

MemoryFile::~MemoryFile() {
  close(descriptor_);
}

const std::string& MemoryFile::holding(std::string_view bytes) {
  if (ftruncate(descriptor_, 0) != 0 ||
      pwrite(descriptor_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw IoError("a file in memory", "write", errno);
  return path_;
}

MemoryFolder::MemoryFolder(const std::vector<std::string>& files)
    : path_((std::filesystem::temp_directory_path() / "fuzz.XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw IoError(path_, "create", errno);
  for (const std::string& file : files) {
    const std::filesystem::path link = std::filesystem::path(path_) / file;
    std::filesystem::create_directories(link.parent_path());
    std::filesystem::create_symlink(files_.emplace_back().holding({}), link);
  }
}

MemoryFolder::~MemoryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

const std::string& MemoryFolder::holding(std::string_view contents) {
  constexpr std::string_view kMark = "==>";
  for (MemoryFile& file : files_)
    file.holding({});
  for (std::size_t at = contents.find(kMark); at < contents.size();) {
    const std::string_view rest = contents.substr(at + kMark.size());
    const std::size_t end = rest.find(kMark);
    const auto number = static_cast<std::size_t>(rest.empty() ? -1 : rest.front() - 'a');
    if (number < files_.size()) files_[number].holding(with_right_checksums(rest.substr(0, end).substr(1)));
    at = end == std::string_view::npos ? end : at + kMark.size() + end;
  }
  return path_;
}

namespace {

// Reads and writes little-endian numbers of an archive; what lies outside is nothing.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::size_t size() const { return bytes_.size(); }
  bool has(std::size_t at, std::size_t length) const { return at <= size() && length <= size() - at; }
  std::uint64_t number(std::size_t at, std::size_t width) const {
    std::uint64_t value = 0;
    if (has(at, width)) std::memcpy(&value, bytes_.data() + at, width);
    return value;
  }
  template <class T>
  void set(std::size_t at, T value) {
    if (has(at, sizeof value)) std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::string_view piece(std::size_t at, std::size_t length) const {
    return std::string_view(bytes_).substr(at, length);
  }
  const std::string& all() const { return bytes_; }

 private:
  std::string bytes_;
};

struct Member {
  std::string_view name;
  std::size_t central, local, data, size;  // positions; size of the data
};

// PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (end of the directory). Sizes of ZIP64
// archives are not followed: nothing here needs 4 GB.
std::vector<Member> stored_members(const Bytes& archive) {
  std::vector<Member> members;
  const std::size_t end = archive.all().rfind("PK\x05\x06");
  if (end == std::string::npos) return members;
  std::size_t at = archive.number(end + 16, 4);
  for (std::uint64_t left = archive.number(end + 10, 2); left > 0 && archive.number(at, 4) == 0x02014b50; --left) {
    const std::size_t name = archive.number(at + 28, 2), extra = archive.number(at + 30, 2);
    const std::size_t local = archive.number(at + 42, 4), size = archive.number(at + 24, 4);
    const std::size_t data = local + 30 + archive.number(local + 26, 2) + archive.number(local + 28, 2);
    if (archive.number(at + 10, 2) == 0 && archive.has(at + 46, name) && archive.has(data, size))
      members.push_back({archive.piece(at + 46, name), at, local, data, size});
    at += 46 + name + extra + archive.number(at + 32, 2);
  }
  return members;
}

// Returns the offset of a member's array.
std::size_t array_of(const Bytes& archive, const Member& member) {
  return member.data + 10 + archive.number(member.data + 8, 2);
}

// Chunks are in "<level>/chunks", and "<level>/offsets" says where each begins (docs/formats.md).
void set_chunk_checksums(Bytes& archive, const std::vector<Member>& members) {
  constexpr std::string_view kOffsets = "offsets.npy", kChunks = "chunks.npy";
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i].name.ends_with(kOffsets)) continue;
    const std::string level(members[i].name.substr(0, members[i].name.size() - kOffsets.size()));
    for (const Member& chunks : members) {
      if (chunks.name != level + std::string(kChunks)) continue;
      const std::size_t base = array_of(archive, chunks), stop = chunks.data + chunks.size;
      for (std::size_t at = array_of(archive, members[i]); at + 16 <= members[i].data + members[i].size; at += 8) {
        const std::uint64_t begin = archive.number(at, 8), end = archive.number(at + 8, 8);
        if (begin >= end || end > stop - std::min(base, stop) || end - begin < 8) continue;
        const std::string_view covered = archive.piece(base + begin + 8, end - begin - 8);
        archive.set<std::uint64_t>(base + begin, XXH3_64bits(covered.data(), covered.size()));
      }
    }
  }
}

// "sums" has a checksum for every 16 rows of the matrix in "indptr", "indices" and "data" (docs/formats.md).
void set_row_checksums(Bytes& archive, const std::vector<Member>& members) {
  const auto find = [&](std::string_view name) -> const Member* {
    const auto found = std::ranges::find(members, name, &Member::name);
    return found == members.end() ? nullptr : &*found;
  };
  const Member *indptr = find("indptr.npy"), *indices = find("indices.npy"), *data = find("data.npy"),
               *sums = find("sums.npy");
  if (indptr == nullptr || indices == nullptr || data == nullptr || sums == nullptr) return;
  constexpr std::size_t kRows = 16;
  const auto hash = [&](const Member& member, std::uint64_t begin, std::uint64_t end, std::uint64_t seed) {
    const std::string_view piece = archive.piece(array_of(archive, member) + 4 * begin, 4 * (end - begin));
    return XXH3_64bits_withSeed(piece.data(), piece.size(), seed);
  };
  const std::size_t base = array_of(archive, *indptr), stop = indptr->data + indptr->size;
  std::uint64_t sum = 0;
  for (std::size_t row = 0; base + 8 * (row + 2) <= stop; ++row) {
    const std::uint64_t begin = archive.number(base + 8 * row, 8), end = archive.number(base + 8 * (row + 1), 8);
    if (begin > end || end > archive.size() / 4 || array_of(archive, *indices) + 4 * end > archive.size() ||
        array_of(archive, *data) + 4 * end > archive.size())
      return;
    sum = hash(*data, begin, end, hash(*indices, begin, end, sum));
    archive.set(array_of(archive, *sums) + 8 * (row / kRows), sum);
    if (row % kRows == kRows - 1) sum = 0;
  }
}

}  // namespace

std::string with_right_checksums(std::string_view original) {
  Bytes archive(original);
  std::vector<Member> members = stored_members(archive);
  set_chunk_checksums(archive, members);
  set_row_checksums(archive, members);
  for (const Member& member : members) {
    const std::string_view data = archive.piece(member.data, member.size);
    const auto crc = static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
    archive.set(member.local + 14, crc);
    archive.set(member.central + 16, crc);
  }
  return archive.all();
}

}  // namespace xmr::test
