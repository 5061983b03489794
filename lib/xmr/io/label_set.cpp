#include "xmr/io/label_set.hpp"

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/plus_sign.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

LabelSet read_label_set(const std::string& path, const LabelNames* names, std::uint64_t labels) {
  LabelSet set{.has = std::vector<bool>(labels)};
  InputFile file(path);
  if (const FileKind kind = recognize(file.peek(64)); kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(file.name(), "is a file of arrays; labels are text, one a line");
  LineBlocks lines(std::move(file));
  const auto find = [&](const Line& line, std::string_view key) -> std::optional<LabelId> {
    if (key.empty()) throw DataError(lines.name(), line.number, "an empty key, no label has one");
    if (names != nullptr) return names->find(key);
    LabelId id = 0;
    const std::string_view digits = without_plus(key);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (error != std::errc() || end != digits.data() + digits.size() || id >= labels)
      throw DataError(
          lines.name(), line.number,
          fmt::format("{} is not a label; labels have ids in 0..{} and no names here", quote(key), labels - 1));
    return id;
  };
  for (LineBlock block; lines.next(block);) {
    for (const Line line : block) {
      const std::string_view key = line.text.substr(0, line.text.find('\t'));
      const std::optional<LabelId> label = find(line, key);
      if (!label) {
        if (set.unknown++ == 0) set.first_unknown = fmt::format("{}:{}: {}", lines.name(), line.number, quote(key));
        continue;
      }
      set.size += set.has[*label] ? 0 : 1;
      set.has[*label] = true;
    }
  }
  if (set.size == 0)
    throw DataError(lines.name(), set.unknown == 0 ? "names no label" : "names no label that the model knows",
                    set.unknown == 0 ? "" : "the first is " + set.first_unknown);
  return set;
}

}  // namespace xmr
