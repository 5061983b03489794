#include "common/trec_file.hpp"

#include <fmt/format.h>

#include "xmr/io/foreign_file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/sparse/trec.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::tools {
namespace {

// Returns the command that writes a text of TREC from a file in another form.
std::string to_trec(const std::string& path, std::string_view bytes, TrecForm form) {
  if (path == "<stdin>") return {};
  const bool is_run = form == TrecForm::run;
  const std::size_t dot = path.ends_with(".npz") || path.ends_with(".tsv") ? path.size() - 4 : path.size();
  const std::string source = shell_word(path), target = shell_word(path.substr(0, dot) + (is_run ? ".trec" : ".qrels"));
  if (!bytes.starts_with('{') || bytes.find("\"labels\"") != std::string_view::npos)
    return fmt::format("xmr-inspect convert {} --ids ids.txt --labels labels.txt -o {}", source, target);
  const std::size_t value = bytes.find_first_not_of(" \t\r\n", bytes.find(':') + 1);
  if (value < bytes.size() && bytes[value] == '{')  // as pytrec_eval holds them
    return fmt::format(
        "python3 -c 'import json,sys; [print(q, {}, d, {}) for q, r in json.load(open(sys.argv[1])).items() for d, s "
        "in r.items()]' {} > {}",
        is_run ? "\"Q0\"" : "0", is_run ? "1, s, \"run\"" : "s", source, target);
  // JSON lines with query, document and number in this order.
  return fmt::format(
      "python3 -c 'import json,sys; [print(v[0], {}, v[1], {}) for v in (list(json.loads(l).values()) for l in "
      "open(sys.argv[1]))]' {} > {}",
      is_run ? "\"Q0\"" : "0", is_run ? "1, v[2], \"run\"" : "*(v[2:3] or [1])", source, target);
}

}  // namespace

TrecFile::TrecFile(const std::string& path, TrecForm form) : mapped(path) {
  const bool is_run = form == TrecForm::run;
  const FileKind kind = recognize(mapped.bytes());
  if (kind == FileKind::empty)
    throw DataError(mapped.name(), "is empty",
                    is_run ? "xmr-predict --format trec writes a run" : "a line is: query 0 document relevance");
  if (kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(mapped.name(), "is a file of arrays, text of TREC is needed", to_trec(mapped.name(), {}, form));
  require_text(mapped.name(), mapped.bytes());
  bytes = without_mark(mapped.bytes());
  if (is_run ? !is_trec_run(bytes) : bytes.starts_with('{'))
    throw DataError(mapped.name(),
                    is_run ? "is not a run of TREC: query Q0 document rank score tag"
                           : "is JSON, judgements of TREC are needed: query 0 document relevance",
                    to_trec(mapped.name(), bytes, form));
}

}  // namespace xmr::tools
