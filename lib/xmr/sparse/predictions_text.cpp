#include "xmr/sparse/predictions_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/plus_sign.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

template <class Number>
bool parse_whole(std::string_view text, Number& value) {
  text = without_plus(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string sorted_by_row(const std::string& file) {
  return changed_by("sort -s -n -k 1,1 -k 2,2", file, "sorted");
}

// Collects rows in order. Throws with the line for a row that does not fit.
class RowCollector {
 public:
  explicit RowCollector(const PredictionText& text)
      : file_(text.file),
        names_(text.names),
        max_rows_(text.expected ? text.expected->rows : PredictionFile::kMaxUnexpectedRows),
        max_labels_(text.expected ? text.expected->labels : std::uint64_t{1} << 32) {
    if (max_rows_ == 0 || max_labels_ == 0) throw DataError(file_, "holds predictions where none can be");
  }

  Row row() const { return ranked_.rows(); }
  std::uint64_t answers() const { return lines_.size(); }

  // Goes on to `row`; the rows between the last one and this one have no answers.
  void start_row(std::uint64_t line, Row row) {
    if (row >= max_rows_)
      throw DataError(file_, line, fmt::format("row {} is outside 0..{}", row, max_rows_ - 1),
                      "rows count from 0; -y takes the labels of the rows that were predicted");
    while (ranked_.rows() < row)
      end_row();
  }

  void add(std::uint64_t line, std::string_view key, double score) {
    const auto value = static_cast<float>(score);
    if (!std::isfinite(value))
      throw DataError(
          file_, line, "the score is not a finite number",
          changed_by("awk -F '\\t' -v OFS='\\t' 'tolower($3) !~ /nan|inf/ {$2 = ++n[$1]; print}'", file_, "finite"));
    ranked_.push(label_of(line, key), value);
    lines_.push_back(line);
  }

  void end_row() {
    refuse_repeated_label();
    lines_.clear();
    ranked_.end_row();
  }

  CsrMatrix take() {
    ranked_.set_cols(names_ == nullptr ? columns_ : names_->size());
    return std::move(ranked_);
  }

 private:
  LabelId label_of(std::uint64_t line, std::string_view key) {
    if (names_ != nullptr) {
      if (const auto label = names_->find(key)) return *label;
      throw DataError(file_, line, fmt::format("{} is not the key of a label", quote(key)),
                      "--labels takes the labels.txt of the model that was asked");
    }
    LabelId label = 0;
    if (!parse_whole(key, label))
      throw DataError(file_, line, fmt::format("{} is not a label id", quote(key)),
                      "--labels names the labels.txt whose keys these are");
    if (label >= max_labels_)
      throw DataError(file_, line, fmt::format("label {} is outside 0..{}", label, max_labels_ - 1),
                      "xmr-featurize apply --labels makes Y as wide as labels.txt");
    columns_ = std::max(columns_, std::uint64_t{label} + 1);
    return label;
  }

  void refuse_repeated_label() {
    const auto labels = ranked_.view().indices.last(lines_.size());
    sorted_.assign(labels.begin(), labels.end());
    std::sort(sorted_.begin(), sorted_.end());
    const auto repeated = std::adjacent_find(sorted_.begin(), sorted_.end());
    if (repeated == sorted_.end()) return;
    const auto first = std::find(labels.begin(), labels.end(), *repeated);
    const auto second = std::find(first + 1, labels.end(), *repeated);
    throw DataError(file_, lines_[static_cast<std::size_t>(second - labels.begin())],
                    fmt::format("a label that row {} has already", row()),
                    changed_by("awk -F '\\t' -v OFS='\\t' '!seen[$1, $4]++ {$2 = ++n[$1]; print}'", file_, "unique"));
  }

  const std::string& file_;
  const LabelNames* names_;
  std::uint64_t max_rows_, max_labels_;
  CsrMatrix ranked_;
  std::vector<std::uint64_t> lines_;  // of the current row's answers
  std::vector<LabelId> sorted_;
  std::uint64_t columns_ = 0;
};

// Takes the text up to the next TAB off `rest`. Returns false without a TAB.
bool take_field(std::string_view& rest, std::string_view& field) {
  const std::size_t tab = rest.find('\t');
  if (tab == std::string_view::npos) return false;
  field = rest.substr(0, tab);
  rest.remove_prefix(tab + 1);
  return true;
}

struct TsvAnswer {
  Row row;
  std::uint64_t rank;
  double score;
  std::string_view key;
};

// Returns the hint for a line that is no answer.
std::string hint_for(const std::string& file, Line line) {
  const bool has_tab = line.text.find('\t') != std::string_view::npos;
  if (line.number == 1 && has_tab) return changed_by("tail -n +2", file, "rows");  // a header
  if (!has_tab && line.text.find(',') != std::string_view::npos) return changed_by("tr , '\\t' <", file, "tsv");
  return "xmr-predict writes this form, a line for each answer";
}

TsvAnswer parse_answer(const std::string& file, Line line) {
  std::string_view rest = line.text, row, rank, score;
  if (!take_field(rest, row) || !take_field(rest, rank) || !take_field(rest, score))
    throw DataError(file, line.number, "expected row<TAB>rank<TAB>score<TAB>key", hint_for(file, line));
  TsvAnswer answer{0, 0, 0, rest};
  if (!parse_whole(row, answer.row))
    throw DataError(file, line.number, fmt::format("{} is not a row number", quote(row)), hint_for(file, line));
  if (!parse_whole(rank, answer.rank))
    throw DataError(file, line.number, fmt::format("{} is not a rank", quote(rank)), hint_for(file, line));
  if (!parse_whole(score, answer.score))
    throw DataError(
        file, line.number, fmt::format("{} is not a score", quote(score)),
        score.find(',') != std::string_view::npos ? changed_by("tr , . <", file, "tsv") : hint_for(file, line));
  return answer;
}

// A row of JSON: parsed, with the fields that must be there. Other fields are ignored.
struct JsonRow {
  Json object;

  JsonRow(const std::string& file, Line line) : object(Json::parse_if_valid(line.text).value_or(nullptr)) {
    if (!object.contains("row") || !object["row"].is_count() || !object.contains("labels") ||
        !object["labels"].is_array())
      throw DataError(file, line.number, R"(expected {"row":0,"labels":[...]})",
                      "xmr-predict --format jsonl writes this form");
    for (const auto& label : object["labels"].values())
      if (!label.contains("key") || !label["key"].is_string() || !label.contains("score") ||
          !label["score"].is_number())
        throw DataError(file, line.number, R"(expected {"key":"...","score":0.5} for each label)",
                        "keys are texts, scores numbers, as xmr-predict --format jsonl writes them");
  }
};

template <class UseLine>
void for_each_line(std::string_view bytes, UseLine use) {
  for (LineBlock::Iterator line(bytes, 1); line != std::default_sentinel; ++line)
    use(*line);
}

}  // namespace

CsrMatrix parse_predictions_tsv(const PredictionText& text) {
  RowCollector rows(text);
  for_each_line(text.bytes, [&](Line line) {
    const TsvAnswer answer = parse_answer(text.file, line);
    if (answer.row < rows.row())
      throw DataError(text.file, line.number, fmt::format("row {} after row {}", answer.row, rows.row()),
                      sorted_by_row(text.file));
    rows.start_row(line.number, answer.row);
    if (answer.rank != rows.answers() + 1)
      throw DataError(text.file, line.number,
                      fmt::format("rank {} where {} comes next in row {}", answer.rank, rows.answers() + 1, answer.row),
                      answer.rank == 0 ? changed_by("awk -F '\\t' -v OFS='\\t' '{$2 += 1} 1'", text.file, "ranked")
                                       : sorted_by_row(text.file));
    rows.add(line.number, answer.key, answer.score);
  });
  rows.end_row();
  return rows.take();
}

CsrMatrix parse_predictions_json(const PredictionText& text) {
  RowCollector rows(text);
  for_each_line(text.bytes, [&](Line line) {
    const JsonRow row(text.file, line);
    const Row number = row.object["row"].get<Row>();
    if (number < rows.row())
      throw DataError(text.file, line.number, fmt::format("row {} after row {}", number, rows.row() - 1));
    rows.start_row(line.number, number);
    for (const auto& label : row.object["labels"].values())
      rows.add(line.number, label["key"].text(), label["score"].get<double>());
    rows.end_row();
  });
  return rows.take();
}

}  // namespace xmr
