#include "xmr/io/json_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/repaired_json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kBlanks = " \t\r\n";

// The layout of the objects in the file.
enum class JsonLayout : std::uint8_t { lines, array, stream };

// Returns the length of the object at the start of the text; npos if it has no end.
std::size_t object_length(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return kNone;
}

// Returns the length of the text up to the end of its last whole object.
std::size_t whole_objects(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t begin = 0; (begin = text.find('{', end)) != kNone;) {
    const std::size_t length = object_length(text.substr(begin));
    if (length == kNone) break;
    end = begin + length;
  }
  return end;
}

// An object that goes on behind its first line is printed over several lines.
JsonLayout layout_of(std::string_view start) {
  const std::size_t first = start.find_first_not_of(kBlanks);
  if (first == kNone) return JsonLayout::lines;
  if (start[first] == '[') return JsonLayout::array;
  const std::size_t line_end = start.find('\n', first);
  if (start[first] != '{' || line_end == kNone) return JsonLayout::lines;
  const std::string_view line = start.substr(first, line_end - first);
  const char last = line[line.find_last_not_of(kBlanks)];
  return last == '{' || last == '[' || (last == ',' && object_length(line) == kNone) ? JsonLayout::stream
                                                                                     : JsonLayout::lines;
}

// Returns true for a line of Elasticsearch's bulk format that holds the action for the next line.
bool is_bulk_action(const Json& object) {
  if (object.size() != 1 || !object.is_object() || !object.items().front().value.is_object()) return false;
  for (const char* action : {"index", "create", "update", "delete"})
    if (object.contains(action)) return true;
  return false;
}

// Returns a command of Python's standard library that writes JSON lines. `rows`: an expression of the open file f.
std::string python_rows(std::string_view file, std::string_view rows) {
  return fmt::format(
      "python3 -c 'import ast,json,sys; f = open(sys.argv[1]); [print(json.dumps(o)) for o in {}]' {} > {}", rows,
      shell_word(file), shell_word(std::string(file) + ".jsonl"));
}

// Values of the objects, by key or path.
class JsonRows : public RowConverter {
 public:
  JsonRows(std::string file, const CorpusColumns& columns, JsonLayout layout)
      : RowConverter(std::move(file)), columns_(columns), layout_(layout) {
    sources_ = columns.sources();
    if (sources_.empty())
      for (const std::string& name : columns.names())
        sources_.push_back({name});
  }

  std::size_t whole_records(std::string_view text, bool is_last) const override {
    if (is_last) return text.size();
    return layout_ == JsonLayout::lines ? text.rfind('\n') + 1 : whole_objects(text);  // npos + 1 is 0
  }

  std::size_t first_record(std::string_view records) const override {
    if (layout_ == JsonLayout::lines) return RowConverter::first_record(records);
    const std::size_t between = std::min(records.find_first_not_of(kBetweenObjects), records.size());
    if (between > 0) return between;
    const std::size_t length = records.front() == '{' ? object_length(records) : records.find('{');
    return std::min(length, records.size());
  }

  void finish() const override {
    if (layout_ == JsonLayout::array && !is_closed_)
      throw DataError(
          file(), "the array of objects has no end: the file is cut off, or lacks a ]",
          python_rows(file(), "[json.loads(l.strip().strip(\"[,\")) for l in f if l.strip().endswith(\"},\")]"));
    for (std::size_t i = 0; i < sources_.size(); ++i)
      for (const std::string& key : sources_[i])
        if (rows_ > 0 && columns_.names()[i] != "-" && !seen_.contains(key))
          throw DataError(file(), fmt::format("no row has the key {}; the first has {}", quote(key), first_keys_),
                          !list_path_.empty()
                              ? python_rows(file(), "json.load(f)" + list_path_)
                              : "--columns text=KEY,labels=KEY takes keys of the objects, KEY.KEY those inside");
  }

 protected:
  bool convert_record(std::string_view record, LinePlace place, std::string& out) override {
    if (layout_ != JsonLayout::lines && record.find_first_not_of(kBetweenObjects) == kNone) {
      is_closed_ = is_closed_ || record.find(']') != kNone;
      return false;
    }
    if (record.find_first_not_of(" \t") == kNone) return false;
    const Json object = parse(record, place);
    if (is_bulk_action(object) && !names_action()) return false;
    if (rows_++ == 0) describe(object);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (i > 0) out += '\t';
      if (columns_.names()[i] != "-") append(object, i, place, out);
    }
    return true;
  }

 private:
  // The bytes between the objects of an array, with its brackets.
  static constexpr std::string_view kBetweenObjects = " \t\r\n,[]";

  Json parse(std::string_view record, LinePlace place) {
    while (record.ends_with(',') || record.ends_with(' '))
      record.remove_suffix(1);  // lines cut out of an array
    std::optional<Json> object = Json::parse_if_valid(record);
    is_repaired_ = !object;
    if (is_repaired_) object = Json::parse_if_valid(repaired_json(record));
    if (!object || !object->is_object()) refuse(record, place);
    return *std::move(object);
  }

  [[noreturn]] static void refuse(std::string_view record, LinePlace place) {
    std::string where;
    try {
      [[maybe_unused]] const Json parsed = Json::parse(record);
    } catch (const JsonError& error) {
      where = error.byte() > 0 ? fmt::format(": it is none from byte {} on", error.byte())
                               : fmt::format(": {}", error.what());
    }
    throw DataError(place.file, place.line, "is not a JSON object" + where,
                    record.starts_with("{'") ? python_rows(place.file, "map(ast.literal_eval, f)")
                                             : "--skip-bad-rows leaves such rows out");
  }

  bool names_action() const {
    for (const std::vector<std::string>& keys : sources_)
      for (const std::string& key : keys)
        if (key.starts_with("index.") || key.starts_with("create.") || key.starts_with("update.")) return true;
    return false;
  }

  // Records the details of the first row for messages: its keys, and the place of a list of objects in it.
  void describe(const Json& object) {
    constexpr std::size_t kNamed = 8;
    std::size_t count = 0;
    for (const auto& [key, value] : object.items())
      if (count++ < kNamed) first_keys_ += (first_keys_.empty() ? "" : ", ") + quote(key);
    if (count > kNamed) first_keys_ += fmt::format(" and {} more", count - kNamed);
    if (count == 0) first_keys_ = "none";
    list_path_ = path_of_list(object, 3);
  }

  static std::string path_of_list(const Json& object, int depth) {
    for (const auto& [key, value] : object.items()) {
      if (key.find_first_of("'\"\\") != kNone) continue;
      const std::string here = "[\"" + key + "\"]";
      if (value.is_array() && !value.empty() && value.front().is_object()) return here;
      if (!value.is_object() || depth == 0) continue;
      if (const std::string inside = path_of_list(value, depth - 1); !inside.empty()) return here + inside;
    }
    return {};
  }

  // Collects the values that `path` leads to; `key`: the whole path. Returns true if it leads through a list.
  bool collect(const Json& value, std::string_view path, const std::string& key) {
    if (value.is_array()) {
      for (const Json& item : value.values())
        if (item.is_object()) collect(item, path, key);
      return true;
    }
    if (!value.is_object()) return false;
    if (const Json* const found = value.find(path)) {
      seen_.insert(key);
      if (!found->is_array()) {
        found_.push_back(found);
        return false;
      }
      for (const Json& item : found->values())
        found_.push_back(&item);
      return true;
    }
    for (std::size_t dot = path.find('.'); dot != kNone; dot = path.find('.', dot + 1))
      if (const Json* const found = value.find(path.substr(0, dot))) return collect(*found, path.substr(dot + 1), key);
    return false;
  }

  void append(const Json& object, std::size_t column, LinePlace place, std::string& out) {
    const bool is_labels = columns_.names()[column] == "labels";
    const std::size_t begin = out.size();
    for (const std::string& key : sources_[column]) {
      found_.clear();
      const bool is_list = collect(object, key, key) || sources_[column].size() > 1;
      for (const Json* value : found_) {
        if (value->is_null()) continue;
        if (is_labels && is_list)
          out += kListMark;
        else if (out.size() > begin)
          out += ' ';
        append_scalar(*value, key, place, out);
      }
    }
  }

  // Returns the hint for an object or a list where a text or a number is needed.
  std::string hint_for(const Json& value, const std::string& key, LinePlace place) const {
    if (!value.is_object()) return "--skip-bad-rows leaves such rows out";
    for (const auto& [inner, item] : value.items())
      if (item.is_string()) {
        if (inner.find_first_not_of("0123456789") == kNone)  // columns of pandas: {"title":{"0":"..."}}
          return python_rows(place.file,
                             "[{k: d[k][i] for k in d} for d in [json.load(f)] for i in next(iter(d.values()))]");
        return fmt::format("{}.{} names a key of its objects", key, inner);
      }
    return "--columns labels=KEY.KEY names a key of the object";
  }

  void append_scalar(const Json& value, const std::string& key, LinePlace place, std::string& out) const {
    if (value.is_object() || value.is_array())
      throw DataError(place.file, place.line,
                      fmt::format("key {}: is neither text, number nor a list of them", quote(key)),
                      hint_for(value, key, place));
    const std::size_t begin = out.size();
    out += value.is_string() ? value.text() : value.dump();
    if (is_repaired_) restore_bytes(out, begin);
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
        [](char c) { return c == '\t' || c == '\n' || c == '\r' || c == kListMark; }, ' ');
  }

  CorpusColumns columns_;
  std::vector<std::vector<std::string>> sources_;
  std::set<std::string> seen_;  // keys that some row had
  std::vector<const Json*> found_;
  std::uint64_t rows_ = 0;
  std::string first_keys_, list_path_;
  JsonLayout layout_;
  bool is_closed_ = false;
  bool is_repaired_ = false;  // the current record
};

}  // namespace

std::unique_ptr<RowConverter> make_json_rows(const std::string& file, const CorpusColumns& columns,
                                             std::string_view start) {
  return std::make_unique<JsonRows>(file, columns, layout_of(start));
}

}  // namespace xmr
