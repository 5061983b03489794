#include "xmr/io/verify.hpp"

#include <fmt/format.h>

#include "xmr/io/zip_layout.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

Origin verify_archive(const NpzFile& file) {
  file.check_all();
  if (!file.has_meta()) {
    // A changed bit in the directory may have hidden meta.json under another name.
    if (has_our_padding(file.bytes()))
      throw FormatError(file.name(), "meta.json is missing, yet these tools wrote the file: it is damaged");
    return Origin::another_program;
  }
  if (const std::size_t byte = NpzWriter::first_difference(file); byte != std::string_view::npos)
    throw FormatError(file.name(), fmt::format("byte {} is not what these tools write there", byte),
                      "the file is damaged, or another program packed it anew");
  return Origin::ours;
}

}  // namespace xmr
