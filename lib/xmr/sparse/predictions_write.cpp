#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/sparse/trec.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> digits;  // enough for any float or 64-bit integer
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_key(std::string& out, const LabelKey& key, LabelId label) {
  if (key) {
    out += key(label);
  } else {
    append_number(out, label);
  }
}

bool is_plain_json(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c == '"' || c == '\\' || c == '\x7f') return false;  // c < ' ' is also true for bytes above 127
  return true;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (is_plain_json(text)) {
    (out += '"').append(text) += '"';
  } else {
    out += Json(text).dump();
  }
}

void append_json_row(std::string& out, Row row, std::string_view row_members, SparseRow ranked, const LabelKey& key,
                     const AnswerMembers& members) {
  out += R"({"row":)";
  append_number(out, row);
  out += row_members;
  out += R"(,"labels":[)";
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    out += i == 0 ? R"({"key":)" : R"(,{"key":)";
    if (key) {
      append_json_string(out, key(ranked.indices[i]));
    } else {
      out += '"';
      append_number(out, ranked.indices[i]);
      out += '"';
    }
    out += R"(,"score":)";
    append_number(out, ranked.values[i]);
    if (members) members(ranked.indices[i], out);
    out += '}';
  }
  out += "]}";
}

PredictionForm prediction_form_of(std::string_view path) {
  if (path.ends_with(".npz")) return PredictionForm::npz;
  if (path.ends_with(".jsonl")) return PredictionForm::json_lines;
  if (path.ends_with(".trec") || path.ends_with(".run")) return PredictionForm::trec;
  return PredictionForm::tsv;
}

// The writer of one form. write() gets rows with finite scores.
class PredictionWriter::Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(SparseRow ranked, std::string_view row_members, std::string_view id) = 0;
  virtual void add_keys(std::span<const RankKeys>) {}
  virtual void flush() = 0;
  virtual void commit() = 0;

  Row rows = 0;  // number of the next row
};

class PredictionWriter::TsvSink : public Sink {
 public:
  TsvSink(const std::string& path, LabelKey key) : key_(std::move(key)), out_(path) {}

  void write(SparseRow ranked, std::string_view, std::string_view) override {
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      append_number(buffer_, rows);
      buffer_ += '\t';
      append_number(buffer_, i + 1);
      buffer_ += '\t';
      append_number(buffer_, ranked.values[i]);
      buffer_ += '\t';
      append_key(buffer_, key_, ranked.indices[i]);
      buffer_ += '\n';
    }
    send();
  }
  void flush() override { out_.flush(); }
  void commit() override { out_.commit(); }

 protected:
  void send() {
    out_.write(buffer_);
    buffer_.clear();
  }

  LabelKey key_;
  std::string buffer_;  // the text of one row

 private:
  OutputFile out_;
};

class PredictionWriter::JsonSink : public TsvSink {
 public:
  JsonSink(const std::string& path, LabelKey key, AnswerMembers members)
      : TsvSink(path, std::move(key)), members_(std::move(members)) {}

  void write(SparseRow ranked, std::string_view row_members, std::string_view id) override {
    members_of_row_.clear();
    if (!id.empty()) append_json_string(members_of_row_ += R"(,"id":)", id);
    members_of_row_ += row_members;
    append_json_row(buffer_, rows, members_of_row_, ranked, key_, members_);
    buffer_ += '\n';
    send();
  }

 private:
  AnswerMembers members_;
  std::string members_of_row_;
};

class PredictionWriter::TrecSink : public TsvSink {
 public:
  TrecSink(const std::string& path, LabelKey key, std::string tag)
      : TsvSink(path, std::move(key)), tag_(std::move(tag)) {}

  void write(SparseRow ranked, std::string_view, std::string_view id) override {
    number_.clear();
    append_number(number_, rows);
    float last = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      text_.clear();
      append_key(text_, key_, ranked.indices[i]);
      last = std::min(ranked.values[i], std::nextafter(last, -std::numeric_limits<float>::infinity()));
      if (!std::isfinite(last)) throw DataError(fmt::format("row {}: scores have no room for ranks", rows));
      append_trec_run(buffer_, id.empty() ? number_ : id, text_, i + 1, last, tag_);
    }
    send();
  }

 private:
  std::string tag_, number_, text_;
};

// The number of answers precedes the arrays, so they wait in memory, in pieces that are not copied to grow.
class PredictionWriter::NpzSink : public Sink {
 public:
  NpzSink(const std::string& path, Options options)
      : out_(path), labels_(options.labels), has_keys_(options.has_keys), content_(std::move(options.content)) {}

  void write(SparseRow ranked, std::string_view, std::string_view) override {
    if (pieces_.empty() || pieces_.back().view().nnz() + ranked.size() > kPieceAnswers ||
        pieces_.back().rows() == kPieceRows) {
      pieces_.emplace_back(labels_);
      pieces_.back().reserve(kPieceRows, kPieceAnswers);
    }
    pieces_.back().append_row(ranked);
  }
  void add_keys(std::span<const RankKeys> keys) override { keys_.insert(keys_.end(), keys.begin(), keys.end()); }
  void flush() override {}
  void commit() override {
    write_sparse_members(out_, labels_, pieces_);
    if (has_keys_) {
      add_keys_member("paths", &RankKeys::path);
      add_keys_member("margins", &RankKeys::margin);
      add_keys_member("path_margins", &RankKeys::path_margin);
      add_keys_member("orders", &RankKeys::order);
    }
    out_.commit({"predictions", 1, content_});
  }

 private:
  static constexpr std::uint64_t kPieceRows = std::uint64_t{1} << 14, kPieceAnswers = std::uint64_t{1} << 18;

  template <class T>
  void add_keys_member(const char* name, T RankKeys::*key) {
    std::vector<T> values;
    values.reserve(keys_.size());
    for (const RankKeys& keys : keys_)
      values.push_back(keys.*key);
    out_.add(std::string("keys/") + name, values);
  }

  NpzWriter out_;
  std::uint64_t labels_;
  bool has_keys_;
  std::vector<CsrMatrix> pieces_;
  std::vector<RankKeys> keys_;
  Json content_;
};

PredictionWriter::PredictionWriter(const std::string& path, Options options) {
  const Row first_row = options.first_row;
  switch (options.form) {
    case PredictionForm::tsv:
      sink_ = std::make_unique<TsvSink>(path, std::move(options.key));
      break;
    case PredictionForm::json_lines:
      sink_ = std::make_unique<JsonSink>(path, std::move(options.key), std::move(options.members));
      break;
    case PredictionForm::trec:
      sink_ = std::make_unique<TrecSink>(path, std::move(options.key), std::move(options.tag));
      break;
    case PredictionForm::npz:
      sink_ = std::make_unique<NpzSink>(path, std::move(options));
      break;
  }
  sink_->rows = first_row;
}

PredictionWriter::~PredictionWriter() = default;
PredictionWriter::PredictionWriter(PredictionWriter&&) noexcept = default;
PredictionWriter& PredictionWriter::operator=(PredictionWriter&&) noexcept = default;

void PredictionWriter::write(SparseRow ranked, std::string_view row_members, std::string_view id) {
  for (const float score : ranked.values)
    if (!std::isfinite(score))
      throw DataError(fmt::format("row {}: a score is {}, not a finite number", sink_->rows, score));
  sink_->write(ranked, row_members, id);
  ++sink_->rows;
}

void PredictionWriter::write(CsrView ranked, std::span<const RankKeys> keys) {
  for (Row r = 0; r < ranked.rows; ++r)
    write(ranked.row(r));
  sink_->add_keys(keys);
}

void PredictionWriter::flush() {
  sink_->flush();
}

void PredictionWriter::commit() {
  sink_->commit();
}

}  // namespace xmr
