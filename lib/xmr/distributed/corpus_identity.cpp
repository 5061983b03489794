#include "xmr/distributed/corpus_identity.hpp"

#include <filesystem>
#include <system_error>

#include "xmr/io/file.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

std::vector<std::uint64_t> corpus_bytes(std::span<const std::string> paths) {
  std::vector<std::uint64_t> sizes;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) static_cast<void>(InputFile(path));  // throws unless it is stdin
    if (!std::filesystem::is_regular_file(path, error))
      throw DataError(path == "-" ? "<stdin>" : path, "is not a regular file, which a part needs");
    sizes.push_back(std::filesystem::file_size(path));
  }
  return sizes;
}

std::string corpus_identity(std::span<const std::string> paths, const CorpusColumns& columns) {
  Fingerprint print;
  for (const std::uint64_t bytes : corpus_bytes(paths))
    print.add(bytes);
  for (const std::string& column : columns.names())
    print.add(column).add("\t");
  return print.hex();
}

}  // namespace xmr
