#pragma once
// A folder that appears whole or not at all: it is filled under a temporary name beside its place, then renamed.
//
//   OutputFolder out("model");
//   ... write files below out.path() ...
//   out.commit();            // without it the destructor removes the partial folder
//
// The place must be free, or an empty folder: nothing is replaced. Files below are synced by their writers
// (OutputFile). Errors: IoError with path and errno; DataError for a place that is taken. Thread rule: one thread at a
// time.

#include <string>

namespace xmr {

class OutputFolder {
 public:
  explicit OutputFolder(const std::string& path);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  // The temporary folder that takes the files.
  const std::string& path() const { return temporary_; }
  // A folder inside, made with those above it; its path.
  std::string folder(const std::string& name) const;
  void commit();

 private:
  std::string target_, temporary_;
};

}  // namespace xmr
