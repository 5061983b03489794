// The directory and the members of an archive, damaged anyhow, and its verification.
#include "xmr/io/npz_file.hpp"
#include "xmr/io/verify.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::NpzFile archive(file.holding(bytes));
  for (const std::string& member : archive.members())
    if (member != "meta.json") archive.get(member);
  verify_archive(archive);
}
