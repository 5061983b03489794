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
  JsonRows(std::string file, const CorpusColumns& columns) : RowConverter(std::move(file)), columns_(columns) {
    sources_ = columns.sources();
    if (sources_.empty())
      for (const std::string& name : columns.names())
        sources_.push_back({name});
  }

  std::size_t whole_records(std::string_view text, bool is_last) const override {
    const std::size_t last = text.rfind('\n');
    return is_last ? text.size() : last == std::string_view::npos ? 0 : last + 1;
  }

  void finish() const override {
    for (std::size_t i = 0; i < sources_.size(); ++i)
      for (const std::string& key : sources_[i])
        if (rows_ > 0 && columns_.names()[i] != "-" && !seen_.contains(key))
          throw DataError(file(), fmt::format("no row has the key {}", quote(key)),
                          "--columns text=KEY,labels=KEY takes keys of the objects");
  }

 protected:
  bool convert_record(std::string_view record, LinePlace place, std::string& out) override {
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
  [[noreturn]] void refuse(std::string_view record, LinePlace place) const {
    std::string hint;
    if (record.starts_with('[') && place.line == 1 && file() != "<stdin>")
      hint =
          fmt::format("an array becomes lines by: python3 -c {} {} > {}",
                      shell_word("import json, sys\nfor row in json.load(open(sys.argv[1])): print(json.dumps(row))"),
                      shell_word(file()), shell_word(file() + ".jsonl"));
    throw DataError(place.file, place.line, "is not a JSON object", hint);
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
};

}  // namespace

std::unique_ptr<RowConverter> make_json_rows(const std::string& file, const CorpusColumns& columns) {
  return std::make_unique<JsonRows>(file, columns);
}

}  // namespace xmr
