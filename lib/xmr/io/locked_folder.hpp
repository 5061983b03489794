#pragma once
// A folder that one process uses at a time. Its files stay when the process ends, so that the next process continues.
//
//   LockedFolder folder("checkpoint");      // made if absent
//   for (const std::string& name : folder.files()) ...
//
// The lock ends with the process, however that ends. Errors: IoError with path and errno; DataError if another process
// has the folder. Thread rule: const methods from any thread.

#include <string>
#include <vector>

#include "xmr/io/descriptor.hpp"

namespace xmr {

class LockedFolder {
 public:
  explicit LockedFolder(const std::string& path);

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::vector<std::string> files() const;  // names, sorted; temporaries of OutputFile are left out
  // Removes these files and temporaries, and the folder if it is empty then.
  void remove(const std::vector<std::string>& names) const;

 private:
  std::string path_;
  Descriptor lock_;
};

}  // namespace xmr
