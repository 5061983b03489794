#include "xmr/io/locked_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

namespace fs = std::filesystem;

bool is_temporary(const std::string& name) {
  return name.starts_with('.') && name.ends_with(".tmp");
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) throw IoError(path, "read", error.value());
  std::ranges::sort(names);
  return names;
}

}  // namespace

LockedFolder::LockedFolder(const std::string& path) : path_(path) {
  std::error_code error;
  fs::create_directory(path_, error);
  if (error) throw IoError(path_, "create", error.value());
  lock_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock_.get() < 0) throw IoError(path_, "open", errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) throw DataError(path_, "another process works there");
  throw IoError(path_, "lock", errno);
}

std::vector<std::string> LockedFolder::files() const {
  std::vector<std::string> names = names_in(path_);
  std::erase_if(names, is_temporary);
  return names;
}

void LockedFolder::remove(const std::vector<std::string>& names) const {
  std::vector<std::string> all = names_in(path_);
  std::erase_if(all, [&](const std::string& name) { return !is_temporary(name) && !std::ranges::count(names, name); });
  for (const std::string& name : all) {
    std::error_code error;
    fs::remove(*this / name, error);
    if (error) throw IoError(*this / name, "remove", error.value());
  }
  std::error_code not_empty;
  fs::remove(path_, not_empty);
}

}  // namespace xmr
