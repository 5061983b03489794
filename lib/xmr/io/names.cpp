#include "xmr/io/names.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/row_converter.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/plus_sign.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

void StringTableBuilder::add(std::string_view text) {
  blob_ += text;
  offsets_.push_back(blob_.size());
}

void StringTableBuilder::write(NpzWriter& out, const std::string& prefix) const {
  write_string_table(out, prefix, view());
}

void write_string_table(NpzWriter& out, const std::string& prefix, const StringTable& table) {
  out.add(prefix + "offsets", table.offsets);
  out.add(prefix + "bytes", std::span(reinterpret_cast<const std::uint8_t*>(table.blob.data()), table.blob.size()));
}

StringTable read_string_table(const NpzFile& file, const std::string& prefix) {
  const auto offsets = file.array<std::uint64_t>(prefix + "offsets");
  const auto bytes = file.array<std::uint8_t>(prefix + "bytes");
  const StringTable table{offsets, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != bytes.size() || !std::ranges::is_sorted(offsets))
    throw FormatError(file.name(), fmt::format("member {}offsets does not fit {}bytes", prefix, prefix));
  return table;
}

namespace {

constexpr std::size_t kFirstLine = 4096;  // what InputFile::peek() gives

// Refuses a catalogue in another form, and one with a header, whose labels would be numbered wrongly.
void require_label_lines(const std::string& file, std::string_view start) {
  const std::string_view line = start.substr(0, start.find_first_of("\r\n"));
  const RowFormat format = format_of_name(file);
  const bool is_csv = format == RowFormat::csv && line.find_first_of(",;|") != std::string_view::npos;
  const bool is_json = format == RowFormat::json_lines && (line.starts_with('{') || line.starts_with('['));
  if (is_csv || is_json)
    throw DataError(
        file, fmt::format("is {}; a line of labels.txt is a key, then TAB and a text", is_csv ? "CSV" : "JSON"),
        fmt::format("xmr-featurize labels --columns key=NAME,text=NAME -o labels.txt {}", shell_word(file)));
  for (const std::string_view header : {"key\ttext", "label\ttext", "key\tname", "id\tname", "id\ttext"})
    if (line == header || (line.starts_with(header) && line[header.size()] == '\t'))
      throw DataError(file, 1, "is a header, not a label", changed_by("tail -n +2", file, "txt"));
}

}  // namespace

LabelNames LabelNames::read(const std::string& path) {
  LabelNames names;
  InputFile file(path);
  if (const FileKind kind = recognize(file.peek(64)); kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(file.name(), "is a file of arrays; labels are text, one a line",
                    "xmr-featurize labels -o labels.txt train.tsv");
  require_label_lines(file.name(), without_mark(file.peek(kFirstLine)));
  LineBlocks input(std::move(file));
  for (LineBlock block; input.next(block);) {
    for (const Line line : block) {
      const auto fail = [&](const std::string& what) { throw DataError(input.name(), line.number, what); };
      const std::size_t tab = line.text.find('\t');
      const std::string_view key = line.text.substr(0, tab);
      std::string_view text, count, rest;
      if (tab != std::string_view::npos) {
        text = line.text.substr(tab + 1);
        const std::size_t second = text.find('\t');
        if (second != std::string_view::npos) count = text.substr(second + 1);
        const std::size_t third = count.find('\t');
        if (third != std::string_view::npos) rest = count.substr(third + 1);
        count = count.substr(0, third);
        text = text.substr(0, second);
      }
      if (key.empty())
        throw DataError(input.name(), line.number, "label key is empty",
                        "each line is the key of a label, whose number is that of the line, from 0");
      if (const auto same = names.find(key))
        throw DataError(input.name(), line.number,
                        fmt::format("label key '{}' is repeated; it first stands in line {}", key, *same + 1),
                        "a file of labels has each label once, a line each: key, then TAB and a text if there is one");
      std::uint64_t number = 0;
      const std::string_view given = count;
      count = without_plus(count);
      const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
      if (!count.empty() && (error != std::errc{} || end != count.data() + count.size()))
        fail(fmt::format("count '{}' is not a whole number from 0 on", given));
      if (names.size() == std::numeric_limits<LabelId>::max()) fail("more labels than 32 bits can number");
      names.add(key, text, number, rest);
    }
  }
  if (names.size() == 0) throw DataError(input.name(), "holds no label");
  return names;
}

LabelNames LabelNames::read(const std::string& path, std::uint64_t labels, std::string_view owner) {
  LabelNames names = read(path);
  if (names.size() != labels)
    throw DataError(path, fmt::format("{} labels, but {} has {}", names.size(), owner, labels),
                    names.size() > labels ? "xmr-featurize apply --labels makes Y as wide as labels.txt" : "");
  return names;
}

LabelNames LabelNames::of(const StoredNames& names) {
  LabelNames copy;
  for (LabelId label = 0; label < names.keys.size(); ++label)
    copy.add(names.keys[label], names.texts[label], 0);
  return copy;
}

void LabelNames::add(std::string_view key, std::string_view text, std::uint64_t count, std::string_view rest) {
  by_hash_[hash64(key)].push_back(static_cast<LabelId>(size()));
  keys_.add(key);
  texts_.add(text);
  counts_.push_back(count);
  rests_.add(rest);
}

std::string_view LabelNames::text(LabelId label) const {
  const std::string_view text = texts_.view()[label];
  return text.empty() ? key(label) : text;
}

std::optional<LabelId> LabelNames::find(std::string_view key) const {
  const auto found = by_hash_.find(hash64(key));
  if (found == by_hash_.end()) return std::nullopt;
  for (const LabelId label : found->second)
    if (this->key(label) == key) return label;
  return std::nullopt;
}

StoredNames read_stored_names(const NpzFile& file, std::uint64_t labels) {
  StoredNames names;
  if (!file.has("labels/keys/offsets")) return names;
  names.keys = read_string_table(file, "labels/keys/");
  names.texts = read_string_table(file, "labels/texts/");
  for (const StringTable& table : {names.keys, names.texts})
    if (table.size() != labels)
      throw FormatError(file.name(), fmt::format("labels: {} names for {} labels", table.size(), labels));
  return names;
}

void write_stored_names(NpzWriter& out, const StoredNames& names, std::uint64_t labels) {
  if (names.empty()) return;
  if (names.keys.size() != labels)
    throw DataError(fmt::format("labels: {} names for {} labels", names.keys.size(), labels));
  write_string_table(out, "labels/keys/", names.keys);
  write_string_table(out, "labels/texts/", names.texts);
}

}  // namespace xmr
