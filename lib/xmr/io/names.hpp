#pragma once
// labels.txt: one label a line, `key[<TAB>text[<TAB>count]]`; the line number (from 0) is the label id. An empty or
// absent text means that the key is the text. Keys are unique and not empty. Columns behind are left to others
// (complete/label_catalog.hpp).
// In memory and on disk the strings of one column are one blob with offsets, ready to be mapped.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Strings by number: a view of memory that somebody else holds.
struct StringTable {
  std::span<const std::uint64_t> offsets;  // size()+1 of them, increasing, the last is the blob's length
  std::string_view blob;

  std::size_t size() const { return offsets.empty() ? 0 : offsets.size() - 1; }
  std::string_view operator[](std::size_t i) const { return blob.substr(offsets[i], offsets[i + 1] - offsets[i]); }
};

class StringTableBuilder {
 public:
  void add(std::string_view text);
  std::size_t size() const { return offsets_.size() - 1; }
  StringTable view() const { return {offsets_, blob_}; }
  void write(NpzWriter& out, const std::string& prefix) const;  // members prefix+"offsets" (u8) and prefix+"bytes" (u1)

 private:
  std::vector<std::uint64_t> offsets_{0};
  std::string blob_;
};

// The table under `prefix`, in place; FormatError if the offsets do not fit the bytes.
StringTable read_string_table(const NpzFile& file, const std::string& prefix);
void write_string_table(NpzWriter& out, const std::string& prefix, const StringTable& table);

// Keys and texts of labels as a component of another file, members "labels/keys/..." and "labels/texts/...", in place.
struct StoredNames {
  StringTable keys, texts;  // both empty if the file has no names

  bool empty() const { return keys.size() == 0; }
  std::string_view key(LabelId label) const { return keys[label]; }
  std::string_view text(LabelId label) const { return texts[label].empty() ? keys[label] : texts[label]; }
};

// FormatError unless there are none, or as many as labels.
StoredNames read_stored_names(const NpzFile& file, std::uint64_t labels);
// Writes nothing if there are none. DataError unless there are then as many as labels.
void write_stored_names(NpzWriter& out, const StoredNames& names, std::uint64_t labels);

// The labels' names.
class LabelNames {
 public:
  // Reads labels.txt (any InputFile path). DataError with the line for an empty or repeated key or a bad count.
  static LabelNames read(const std::string& path);

  // The same for a file that must name what `owner` (for the message) has: DataError unless it names `labels` labels.
  static LabelNames read(const std::string& path, std::uint64_t labels, std::string_view owner);

  // A copy of the names in a file, to look keys up.
  static LabelNames of(const StoredNames& names);

  std::size_t size() const { return keys_.size(); }
  std::string_view key(LabelId label) const { return keys_.view()[label]; }
  std::string_view text(LabelId label) const;  // the key where the text is empty
  // The third column; 0 where absent.
  std::uint64_t count(LabelId label) const { return counts_[label]; }
  // The columns behind the third one, separated by TAB; empty where absent.
  std::string_view rest(LabelId label) const { return rests_.view()[label]; }
  std::optional<LabelId> find(std::string_view key) const;
  // `key` must be new and not empty.
  void add(std::string_view key, std::string_view text, std::uint64_t count, std::string_view rest = {});

  // For the component of another file; valid as long as this.
  StoredNames stored() const { return {keys_.view(), texts_.view()}; }

 private:
  StringTableBuilder keys_, texts_, rests_;
  std::vector<std::uint64_t> counts_;
  std::unordered_map<std::uint64_t, std::vector<LabelId>> by_hash_;
};

}  // namespace xmr
