#pragma once
// Every byte of an archive: more than a reader looks at.

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

enum class Origin {
  ours,            // written by NpzWriter: any changed bit was found
  another_program  // no meta.json: the directory and the CRC-32 are right, more cannot be told
};

// FormatError if anything is damaged. Reads the whole file, twice.
Origin verify_archive(const NpzFile& file);

}  // namespace xmr
