#include "xmr/io/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xmr/io/descriptor.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

// Follows symbolic links so that a link stays a link when its target is replaced. A dangling link names its target.
std::string resolve_links(const std::string& path) {
  std::filesystem::path target(path);
  std::error_code error;
  for (int depth = 0; depth < 40 && std::filesystem::is_symlink(target, error); ++depth) {
    const std::filesystem::path next = std::filesystem::read_symlink(target, error);
    if (error) break;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target.string();
}

// Such a link leads to something that is open already, if to a regular file, too; it cannot be replaced. (/dev/stdout
// and /dev/fd/N lead there.)
bool names_descriptor(const std::string& path) {
  return path == "/dev/stdout" || path == "/dev/stderr" || path.starts_with("/dev/fd/") || path.starts_with("/proc/");
}

struct Temporary {
  std::string path;
  Descriptor fd;
};

std::string temporary_prefix(const std::filesystem::path& target) {
  return fmt::format(".{}.", target.filename().string());
}
constexpr std::string_view kTemporarySuffix = ".tmp";

// Removes temporaries of this target whose writer is dead: a living one holds a lock.
// A folder that cannot be listed keeps them. (The overloads with error_code end the process when memory is short.)
void remove_stale_temporaries(const std::filesystem::path& folder, const std::string& prefix) try {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != prefix.size() + 6 + kTemporarySuffix.size() || !name.starts_with(prefix) ||
        !name.ends_with(kTemporarySuffix))
      continue;
    const Descriptor fd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (fd.get() >= 0 && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
  }
} catch (const std::filesystem::filesystem_error&) {
}

bool is_removed(const Descriptor& fd) {
  struct stat info {};
  return ::fstat(fd.get(), &info) == 0 && info.st_nlink == 0;
}

Temporary create_temporary(const std::string& target, const std::string& shown) {
  const std::filesystem::path path(target);
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const std::string prefix = temporary_prefix(path);
  remove_stale_temporaries(folder, prefix);
  std::string name;
  Descriptor fd;
  do {
    name = (folder / (prefix + "XXXXXX" + std::string(kTemporarySuffix))).string();
    fd = Descriptor(::mkostemps(name.data(), static_cast<int>(kTemporarySuffix.size()), O_CLOEXEC));
    if (fd.get() < 0) throw IoError(shown, "create", errno);
    ::flock(fd.get(), LOCK_EX);
  } while (is_removed(fd));  // before it was locked, another writer of the target took it for a dead one's
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd.get(), 0666 & ~mask);
  return {std::move(name), std::move(fd)};
}

// A rename is durable only once its directory is.
void sync_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const Descriptor fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) ::fsync(fd.get());
}

}  // namespace

struct OutputFile::State {
  std::string path;        // as the user gave it
  std::string target;      // the file to replace; empty when written directly
  std::string temporary;   // empty when written directly
  Descriptor fd;           // the file being written
  Descriptor destination;  // where a spool is sent at commit()
  bool spooled = false;
  bool terminal = false;
  std::uint64_t written = 0;  // handed to the system
  std::uint64_t begun = 0;    // of these, already being written to the disk
  std::string buffer;

  ~State() {
    if (!temporary.empty()) ::unlink(temporary.c_str());
  }

  void open_direct(Descriptor direct, Access access) {
    terminal = ::isatty(direct.get()) == 1;
    spooled = access == Access::random;
    if (spooled) {
      destination = std::move(direct);
      fd = unlinked_temporary();
    } else {
      fd = std::move(direct);
    }
  }

  void flush() {
    send(buffer);
    buffer.clear();
  }

  // A large file is on its way to the disk while more of it is made: commit() has only the last of it to wait for.
  void send(std::string_view bytes) {
    write_all(fd.get(), bytes, path);
    written += bytes.size();
#ifdef SYNC_FILE_RANGE_WRITE
    constexpr std::uint64_t kLarge = std::uint64_t{32} << 20;
    if (temporary.empty() || written - begun < kLarge) return;
    ::sync_file_range(fd.get(), static_cast<off_t>(begun), static_cast<off_t>(written - begun), SYNC_FILE_RANGE_WRITE);
    begun = written;
#endif
  }

  void send_spool() {
    if (::lseek(fd.get(), 0, SEEK_SET) < 0) throw IoError(path, "seek in the temporary of", errno);
    std::vector<char> copy(kBufferBytes);
    while (const std::size_t n = read_some(fd.get(), copy, path))
      write_all(destination.get(), {copy.data(), n}, path);
    if (!destination.close()) throw IoError(path, "close", errno);
  }
};

OutputFile::OutputFile(const std::string& path, Access access) : state_(std::make_unique<State>()) {
  if (path.empty()) throw ConfigError("a file to write has an empty name", "maybe of a variable that is not set");
  State& s = *state_;
  s.path = path == "-" ? "<stdout>" : path;
  s.buffer.reserve(kBufferBytes);
  if (path == "-") {
    s.open_direct(Descriptor(STDOUT_FILENO), access);
    return;
  }
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) throw IoError(path, "write", EISDIR);
  if ((exists && !S_ISREG(info.st_mode)) || names_descriptor(path)) {
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd.get() < 0) throw IoError(path, "open", errno);
    s.open_direct(std::move(fd), access);
    return;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) throw IoError(path, "write", errno);
  s.target = resolve_links(path);
  Temporary temporary = create_temporary(s.target, path);
  s.temporary = std::move(temporary.path);
  s.fd = std::move(temporary.fd);
}

OutputFile::~OutputFile() = default;
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;

void OutputFile::write(std::string_view bytes) {
  if (state_->buffer.size() + bytes.size() > kBufferBytes) state_->flush();
  if (bytes.size() > kBufferBytes) {
    state_->send(bytes);
  } else {
    state_->buffer.append(bytes);
  }
}

void OutputFile::write_at(std::uint64_t position, std::string_view bytes) {
  state_->flush();
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(state_->fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (n < 0) {
      if (errno == EINTR) continue;
      throw IoError(state_->path, "write", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
    position += static_cast<std::uint64_t>(n);
  }
}

std::uint64_t OutputFile::position() const noexcept {
  return state_->written + state_->buffer.size();
}
void OutputFile::flush() {
  state_->flush();
}
const std::string& OutputFile::path() const noexcept {
  return state_->path;
}
bool OutputFile::is_terminal() const noexcept {
  return state_->terminal;
}

void OutputFile::commit() {
  State& s = *state_;
  s.flush();
  if (s.spooled) {
    s.send_spool();
  } else if (!s.temporary.empty()) {
    if (::fsync(s.fd.get()) != 0) throw IoError(s.path, "write", errno);
    if (::rename(s.temporary.c_str(), s.target.c_str()) != 0) throw IoError(s.path, "replace", errno);
    s.temporary.clear();
    sync_folder_of(s.target);
  }
  if (!s.fd.close()) throw IoError(s.path, "close", errno);
}

}  // namespace xmr
