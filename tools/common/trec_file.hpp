#pragma once
// A text of TREC: a run, or judgements (qrels), of BEIR too.

#include <cstdint>
#include <string>
#include <string_view>

#include "xmr/io/file.hpp"

namespace xmr::tools {

enum class TrecForm : std::uint8_t { run, judgements };

struct TrecFile {
  MappedFile mapped;
  std::string_view bytes;  // without the byte order mark

  // Throws DataError for an empty file and one of another form, with the command that converts it.
  TrecFile(const std::string& path, TrecForm form);
};

}  // namespace xmr::tools
