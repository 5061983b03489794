#include "xmr/io/output_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xmr/io/descriptor.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

namespace fs = std::filesystem;

void sync_folder(const fs::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) ::fsync(fd.get());
}

}  // namespace

OutputFolder::OutputFolder(const std::string& path) : target_(path) {
  while (target_.size() > 1 && target_.back() == '/')
    target_.pop_back();
  std::error_code error;
  if (fs::exists(target_, error) && (!fs::is_directory(target_, error) || !fs::is_empty(target_, error)))
    throw DataError(target_, "exists, and is not an empty folder");
  const fs::path place(target_);
  const fs::path above = place.has_parent_path() ? place.parent_path() : fs::path(".");
  temporary_ = (above / fmt::format(".{}.XXXXXX", place.filename().string())).string();
  if (::mkdtemp(temporary_.data()) == nullptr) throw IoError(target_, "create", errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::chmod(temporary_.c_str(), 0777 & ~mask);
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

std::string OutputFolder::folder(const std::string& name) const {
  std::string made = temporary_ + "/" + name;
  std::error_code error;
  fs::create_directories(made, error);
  if (error) throw IoError(target_ + "/" + name, "create", error.value());
  return made;
}

void OutputFolder::commit() {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(temporary_))
    if (entry.is_directory()) sync_folder(entry.path());
  sync_folder(temporary_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) throw IoError(target_, "rename to", errno);
  temporary_.clear();
  const fs::path above = fs::path(target_).parent_path();
  sync_folder(above.empty() ? fs::path(".") : above);
}

}  // namespace xmr
