#pragma once
// Corpus TSV: one instance a line, columns by TAB.
//
//   const CorpusColumns columns("labels,text");
//   columns.split(place, line.text, fields);          // fields[i] is the column columns.names()[i]
//   labels.parse(place, fields[0], row);
//
// With one column the whole line is that column, tabs included; with several, a line has exactly as many as are named.
// An unread column has a name, too ("labels,-,text"; "-" may occur more than once).
//
// The labels column holds comma-separated ids, each optionally ":weight" ("17,4:0.5"); or, with a table of names, keys
// of that table: a weight is then the number after the last "=", if the text before it is a key; a comma inside a key
// is "\,", and two backslashes before a comma are one. Weights are numbers from 0 on (0: no label); weights of a
// repeated label are added up. An empty column means no label. A column "weight" holds a number that multiplies the
// weights of all labels of the row. A column "label", in place of "labels", is one id or key, verbatim: nothing in it
// is a separator or a weight, so a query may be a label.
//
// A name may have a source, "text=title,labels=tags": a column of a first line, or a key of JSON lines
// (row_converter.hpp). "text=title+body" joins two.
//
// Errors: DataError with file and line. Thread rule: const methods from any thread.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/io/names.hpp"
#include "xmr/util/enum_names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The place of a line, for messages.
struct LinePlace {
  std::string_view file;
  std::uint64_t line;  // from 1
};

class CorpusColumns {
 public:
  // Parses names separated by commas. If one name has a source, the missing source of another is its name. ConfigError
  // for an empty or repeated name, or for "-" among names with sources. `are_chosen`: by --columns, which hints name.
  explicit CorpusColumns(std::string_view names, bool are_chosen = true);

  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }
  // The sources of each column; empty if no name has one.
  const std::vector<std::vector<std::string>>& sources() const { return sources_; }
  bool has(std::string_view name) const;
  // Position of a column; ConfigError that lists the columns there are.
  std::size_t find(std::string_view name) const;

  // Cuts a line into its size() fields. DataError unless it has exactly so many.
  void split(LinePlace place, std::string_view line, std::span<std::string_view> fields) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> sources_;
  bool are_chosen_;
};

// The first byte of a list of labels and the separator of its items, in columns of row_converter.hpp. Each item is an
// id or a key, verbatim.
inline constexpr char kListMark = '\x1f';

// Calls use(item) for each item of a list of labels, without the blanks around it; empty ones are left out. The
// separator does not matter if the list begins with kListMark.
template <class Use>
void for_each_item(std::string_view list, std::string_view separator, const Use& use) {
  const std::string_view mark(&kListMark, 1);
  if (list.starts_with(kListMark)) {
    list.remove_prefix(1);
    separator = mark;
  }
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(separator, at), list.size());
    std::string_view item = list.substr(at, end - at);
    while (item.starts_with(' '))
      item.remove_prefix(1);
    while (item.ends_with(' '))
      item.remove_suffix(1);
    if (!item.empty()) use(item);
    at = end + separator.size();
  }
}

struct WeightedLabel {
  LabelId label;
  float weight;
};

class LabelColumn {
 public:
  // Ids below `count`; without a count, below kMaxColumns.
  explicit LabelColumn(std::uint64_t count = kMaxColumns) : count_(count) {}
  // Keys of `names`, which must live as long.
  explicit LabelColumn(const LabelNames& names) : names_(&names), count_(names.size()) {}
  // Sets the text between two labels; the default is a comma. With another text, keys have no escapes.
  void set_separator(std::string separator) { separator_ = std::move(separator); }

  // The labels of a row by increasing id, each once, weights above 0.
  void parse(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const;
  // The label that the whole field is; none if it is empty.
  void parse_single(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const;

 private:
  WeightedLabel parse_id(LinePlace place, std::string_view item) const;
  // Takes the first item off a list of keys.
  WeightedLabel parse_key(LinePlace place, std::string_view& list) const;
  std::optional<WeightedLabel> find_key(LinePlace place, std::string_view item, bool comma_follows) const;
  std::optional<LabelId> find_item(std::string_view item, bool comma_follows) const;
  LabelId find(LinePlace place, std::string_view key) const;

  void parse_list(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const;

  const LabelNames* names_ = nullptr;
  std::uint64_t count_;
  std::string separator_ = ",";
};

// Multiplies the weights of a row's labels by the number in its column "weight", from 0 on; 0: no label is left.
void weigh(LinePlace place, std::string_view number, std::vector<WeightedLabel>& labels);

// The treatment of ill-formed UTF-8 in a text: read as U+FFFD, or an error.
enum class InvalidUtf8 { replace, refuse };
template <>
struct EnumNames<InvalidUtf8> {
  static constexpr EnumName<InvalidUtf8> kTable[] = {
      {InvalidUtf8::replace, "replace", "read as U+FFFD"},
      {InvalidUtf8::refuse, "refuse", "an error"},
  };
};

// DataError with the byte's position if `text` is not well-formed UTF-8.
void require_utf8(LinePlace place, std::string_view text);

}  // namespace xmr
