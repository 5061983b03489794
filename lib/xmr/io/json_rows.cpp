#include "xmr/io/json_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

class JsonRows : public RowConverter {
 public:
  JsonRows(std::string file, const CorpusColumns& columns, bool is_array)
      : RowConverter(std::move(file)), columns_(columns), is_array_(is_array) {
    sources_ = columns.sources();
    if (sources_.empty())
      for (const std::string& name : columns.names())
        sources_.push_back({name});
  }

  std::size_t whole_records(std::string_view text, bool is_last) const override {
    if (is_array_ && !is_last) return whole_objects(text);
    const std::size_t last = text.rfind('\n');
    return is_last ? text.size() : last == std::string_view::npos ? 0 : last + 1;
  }

  std::size_t first_record(std::string_view records) const override {
    if (!is_array_) return RowConverter::first_record(records);
    const std::size_t between = std::min(records.find_first_not_of(kBetweenObjects), records.size());
    if (between > 0) return between;
    const std::size_t length = records.front() == '{' ? object_length(records) : records.find('{');
    return std::min(length, records.size());
  }

  void finish() const override {
    if (is_array_ && !is_closed_)
      throw DataError(file(), "the array of objects has no end: the file is cut off, or lacks a ]");
    for (std::size_t i = 0; i < sources_.size(); ++i)
      for (const std::string& key : sources_[i])
        if (rows_ > 0 && columns_.names()[i] != "-" && !seen_.contains(key))
          throw DataError(file(), fmt::format("no row has the key {}", quote(key)),
                          "--columns text=KEY,labels=KEY takes keys of the objects");
  }

 protected:
  bool convert_record(std::string_view record, LinePlace place, std::string& out) override {
    if (is_array_ && record.find_first_not_of(kBetweenObjects) == std::string_view::npos) {
      is_closed_ = is_closed_ || record.find(']') != std::string_view::npos;
      return false;
    }
    if (record.find_first_not_of(" \t") == std::string_view::npos) return false;
    const nlohmann::json object = nlohmann::json::parse(record, nullptr, false);
    if (!object.is_object()) refuse(record, place);
    ++rows_;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (i > 0) out += '\t';
      if (columns_.names()[i] == "-") continue;
      const bool is_list = columns_.names()[i] == "labels";
      for (std::size_t j = 0; j < sources_[i].size(); ++j) {
        if (j > 0 && !is_list) out += ' ';
        append(object, sources_[i][j], is_list, place, out);
      }
    }
    return true;
  }

 private:
  // The bytes between the objects of an array, with its brackets.
  static constexpr std::string_view kBetweenObjects = " \t\r\n,[]";

  // The length of the object at the start of the text; npos if it has no end.
  static std::size_t object_length(std::string_view text) {
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
    return std::string_view::npos;
  }

  // The length of the text up to the end of its last whole object.
  static std::size_t whole_objects(std::string_view text) {
    std::size_t end = 0;
    for (std::size_t begin = 0; (begin = text.find('{', end)) != std::string_view::npos;) {
      const std::size_t length = object_length(text.substr(begin));
      if (length == std::string_view::npos) break;
      end = begin + length;
    }
    return end;
  }

  [[noreturn]] static void refuse(std::string_view record, LinePlace place) {
    std::string where;
    try {
      [[maybe_unused]] const nlohmann::json parsed = nlohmann::json::parse(record);
    } catch (const nlohmann::json::parse_error& error) {
      where = fmt::format(": it is none from byte {} on", error.byte);
    }
    throw DataError(place.file, place.line, "is not a JSON object" + where);
  }

  void append(const nlohmann::json& object, const std::string& key, bool is_list, LinePlace place, std::string& out) {
    const auto found = object.find(key);
    if (found == object.end()) return;
    seen_.insert(key);
    if (!found->is_array()) {
      append_scalar(*found, key, place, out);
      return;
    }
    bool first = true;
    for (const nlohmann::json& item : *found) {
      if (is_list)
        out += kListMark;
      else if (!first)
        out += ' ';
      first = false;
      append_scalar(item, key, place, out);
    }
  }

  static void append_scalar(const nlohmann::json& value, const std::string& key, LinePlace place, std::string& out) {
    if (value.is_null()) return;
    if (value.is_object() || value.is_array())
      throw DataError(place.file, place.line,
                      fmt::format("key {}: is neither text, number nor a list of them", quote(key)));
    const std::size_t begin = out.size();
    out += value.is_string() ? value.get_ref<const std::string&>() : value.dump();
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
        [](char c) { return c == '\t' || c == '\n' || c == '\r' || c == kListMark; }, ' ');
  }

  CorpusColumns columns_;
  std::vector<std::vector<std::string>> sources_;
  std::set<std::string> seen_;  // keys that some row had
  std::uint64_t rows_ = 0;
  bool is_array_, is_closed_ = false;
};

}  // namespace

std::unique_ptr<RowConverter> make_json_rows(const std::string& file, const CorpusColumns& columns,
                                             std::string_view start) {
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  const bool is_array = first != std::string_view::npos && start[first] == '[';
  return std::make_unique<JsonRows>(file, columns, is_array);
}

}  // namespace xmr
