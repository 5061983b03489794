#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xmr/io/descriptor.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/packing.hpp"
#include "xmr/io/unpacker.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::size_t kSpoolBytes = std::size_t{1} << 18;

}  // namespace

struct InputFile::State {
  std::string name;
  Descriptor fd;
  bool regular = false;
  bool terminal = false;
  bool looked = false;  // for a packing
  Packing packing = Packing::none;
  std::string ahead;                                               // not consumed; unpacked where `unpacker` is
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();  // to be read yet, at most
  std::unique_ptr<Unpacker> unpacker;

  std::size_t read_packed(std::span<char> buffer) {
    const std::size_t got =
        read_some(fd.get(), buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left))), name);
    left -= got;
    return got;
  }

  // Reads as much as tells the packing, and no more: a person may be typing.
  void look() {
    looked = true;
    std::array<char, kLongestMagic> buffer{};
    FoundPacking found{Packing::none, true};
    while (found.is_open && ahead.size() < kLongestMagic) {
      const std::size_t got = read_packed(std::span(buffer).first(kLongestMagic - ahead.size()));
      ahead.append(buffer.data(), got);
      found = find_packing(ahead, got > 0);
      if (got == 0) break;
    }
    packing = found.packing;
    if (packing == Packing::none) return;
    unpacker = std::make_unique<Unpacker>(fd.get(), name, packing, ahead);
    ahead.clear();
  }

  std::size_t read(std::span<char> buffer) {
    if (!looked) look();
    if (!ahead.empty()) {
      const std::size_t n = std::min(buffer.size(), ahead.size());
      std::memcpy(buffer.data(), ahead.data(), n);
      ahead.erase(0, n);
      return n;
    }
    return read_more(buffer);
  }

  std::size_t read_more(std::span<char> buffer) { return unpacker ? unpacker->read(buffer) : read_packed(buffer); }

  std::string_view peek(std::size_t n) {
    if (!looked) look();
    std::array<char, 4096> buffer{};
    while (ahead.size() < n) {
      const std::size_t got = read_more(std::span(buffer).first(n - ahead.size()));
      if (got == 0) break;
      ahead.append(buffer.data(), got);
    }
    return std::string_view(ahead).substr(0, n);
  }
};

InputFile::InputFile(const std::string& path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.name = path == "-" ? "<stdin>" : path;
  s.fd = Descriptor(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (s.fd.get() < 0) throw IoError(s.name, "open", errno);
  struct stat info {};
  if (::fstat(s.fd.get(), &info) != 0) throw IoError(s.name, "open", errno);
  if (S_ISDIR(info.st_mode)) throw IoError(s.name, "read", EISDIR);
  s.regular = S_ISREG(info.st_mode);
  s.terminal = ::isatty(s.fd.get()) == 1;
  s.looked = s.terminal;  // a person types text, key by key
  if (!s.regular) return;
  std::array<char, kLongestMagic> start{};
  const off_t here = ::lseek(s.fd.get(), 0, SEEK_CUR);
  const ssize_t got = here < 0 ? 0 : ::pread(s.fd.get(), start.data(), start.size(), here);
  s.packing = find_packing({start.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))}, false).packing;
}

InputFile::~InputFile() = default;
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;

std::size_t InputFile::read(std::span<char> buffer) {
  return state_->read(buffer);
}

std::string_view InputFile::peek(std::size_t n) {
  return state_->peek(n);
}

void InputFile::narrow(std::uint64_t begin, std::uint64_t end) {
  State& s = *state_;
  if (::lseek(s.fd.get(), static_cast<off_t>(begin), SEEK_SET) < 0) throw IoError(s.name, "seek", errno);
  s.ahead.clear();
  s.looked = true;
  s.left = end - begin;
}

const std::string& InputFile::name() const noexcept {
  return state_->name;
}
bool InputFile::is_regular() const noexcept {
  return state_->regular && state_->packing == Packing::none;
}
bool InputFile::is_terminal() const noexcept {
  return state_->terminal;
}
Packing InputFile::packing() const noexcept {
  return state_->packing;
}

bool is_plain_file(const std::string& path) {
  struct stat info {};
  return path != "-" && ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && InputFile(path).is_regular();
}

// ---- mapping

MappedFile::MappedFile(const std::string& path) {
  InputFile input(path);
  name_ = input.name();
  Descriptor spooled;
  int fd = input.state_->fd.get();
  if (!input.is_regular()) {
    spooled = unlinked_temporary();
    fd = spooled.get();
    const FileKind kind = recognize(input.peek(64));
    if (input.packing() != Packing::none && (kind == FileKind::npz || kind == FileKind::npy))
      throw FormatError(name_,
                        fmt::format("holds arrays packed by {}; arrays are used in place, from plain files",
                                    name_of(input.packing())),
                        name_ == "<stdin>" ? ""
                                           : fmt::format("{} {} > {}", unpacks(input.packing()), shell_word(name_),
                                                         shell_word(unpacked_name(name_))));
    std::vector<char> buffer(kSpoolBytes);
    while (const std::size_t n = input.read(buffer))
      write_all(fd, {buffer.data(), n}, name_);
  }
  struct stat info {};
  if (::fstat(fd, &info) != 0) throw IoError(name_, "read", errno);
  size_ = static_cast<std::size_t>(info.st_size);
  if (size_ == 0) return;  // nothing to map; bytes() is empty
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) throw IoError(name_, "map", errno);
  data_ = static_cast<const char*>(address);
  is_mapped_ = true;
}

MappedFile MappedFile::of(std::string_view bytes, std::string name) {
  MappedFile file;
  file.name_ = std::move(name);
  file.data_ = bytes.data();
  file.size_ = bytes.size();
  return file;
}

MappedFile::~MappedFile() {
  if (is_mapped_) ::munmap(const_cast<char*>(data_), size_);
}

void MappedFile::expect_random_reads() const noexcept {
  if (is_mapped_) ::madvise(const_cast<char*>(data_), size_, MADV_RANDOM);  // if it fails, reading is only slower
}

void MappedFile::drop_pages() const noexcept {
  if (is_mapped_) ::madvise(const_cast<char*>(data_), size_, MADV_DONTNEED);  // if it fails, memory stays in use
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : name_(std::move(other.name_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      is_mapped_(std::exchange(other.is_mapped_, false)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(is_mapped_, other.is_mapped_);
  return *this;
}

FileKind recognize(std::string_view first_bytes) {
  if (first_bytes.empty()) return FileKind::empty;
  if (first_bytes.starts_with("PK\x05\x06")) return FileKind::npz;
  if (first_bytes.starts_with("PK\x03\x04") && may_hold_arrays(first_bytes)) return FileKind::npz;
  if (first_bytes.starts_with("\x93NUMPY")) return FileKind::npy;
  return FileKind::text;
}

}  // namespace xmr
