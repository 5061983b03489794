#include "common/judged_labels.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "xmr/sparse/trec.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/trec_file.hpp"

namespace xmr::tools {

CsrMatrix judged_labels(const std::string& path, const RowIds& ids, const LabelNames& names, Observer& observer) {
  const TrecFile file(path, TrecForm::judgements);
  const std::string& name = file.mapped.name();
  const auto row = [&](std::uint64_t, std::string_view query) -> std::optional<std::uint32_t> {
    const std::optional<Row> found = ids.find(query);
    return found ? std::optional(static_cast<std::uint32_t>(*found)) : std::nullopt;
  };
  const auto label = [&](std::uint64_t line, std::string_view key) {
    const std::optional<LabelId> found = names.find(key);
    if (!found)
      throw DataError(
          name, line, quote(key) + " is not the key of a label",
          fmt::format("--labels must list each document: awk '$NF == $NF + 0 {{print $(NF - 1)}}' {} | sort -u "
                      "> documents.txt",
                      shell_word(name)));
    return found;
  };
  TrecRows judged = parse_trec_qrels({name, file.bytes, row, label});
  if (judged.left_out > 0)
    observer.warn(fmt::format("{}: {} judgements are of other queries, the first of {}; they are left out", name,
                              judged.left_out, quote(judged.first_left_out)));
  CsrMatrix y = relevant_labels(judged.rows, ids.size());
  y.set_cols(names.size());
  return y;
}

}  // namespace xmr::tools
