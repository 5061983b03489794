#pragma once
// The ranked answers of many rows, and the four forms in which files hold them (docs/formats.md, "Predictions"):
//
//   TSV         an answer a line: row<TAB>rank<TAB>score<TAB>key, rows from 0, ranks from 1
//   JSON lines  a row a line: {"row":0,"labels":[{"key":"echo","score":0.75}, ...]}
//   TREC        a run of trec_eval (trec.hpp): id Q0 key rank score tag, separated by blanks
//   npz         kind "predictions", SciPy's CSR members, entries of a row in rank order
//
// In memory an answer list is a SparseRow, the answers of many rows are a CsrView: labels and scores IN RANK ORDER (not
// by label, unlike every other matrix), no label twice in a row, scores finite. A score of 0 is an answer like any
// other. Scores are written in the fewest digits that read back as the same float, so the forms are interchangeable.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

enum class PredictionForm { tsv, json_lines, trec, npz };
template <>
struct EnumNames<PredictionForm> {
  static constexpr EnumName<PredictionForm> kTable[] = {
      {PredictionForm::tsv, "tsv"},
      {PredictionForm::json_lines, "jsonl"},
      {PredictionForm::trec, "trec"},
      {PredictionForm::npz, "npz"},
  };
};

// The keys by which a search ranked an answer (predict/ranked_node.hpp). A later search below the answer, or a
// merge with the answers of other shards, needs them.
struct RankKeys {
  float path = 0, margin = 0, path_margin = 0;
  std::uint32_t order = 0;
};

// The format that the name of an output asks for: .npz, .jsonl, .trec or .run, else TSV.
PredictionForm prediction_form_of(std::string_view path);

// The key of a label. It holds neither TAB nor line break (labels.txt cannot have them); JSON lines get U+FFFD for
// bytes that are not UTF-8.
using LabelKey = std::function<std::string_view(LabelId)>;

// Appends more members of an answer's object in JSON lines, each with a comma before it: `,"name":value`.
using AnswerMembers = std::function<void(LabelId, std::string&)>;

// Appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Appends a row as in JSON lines, without the end of the line. `row_members`: more members of the row, each with a
// comma before it. `key` and `members` may be absent, as in PredictionWriter::Options. Scores must be finite.
void append_json_row(std::string& out, Row row, std::string_view row_members, SparseRow ranked, const LabelKey& key,
                     const AnswerMembers& members);

// Writes the answers of row after row. Text goes through the buffer of an OutputFile, which flush() empties: call it
// when a reader may be waiting for the answers. npz holds 8 bytes a row and 8 bytes an answer (24 with keys) until
// commit(), in memory. Errors: IoError; DataError for a score that is not finite. Thread rule: one thread at a time.
class PredictionWriter {
 public:
  struct Options {
    PredictionForm form = PredictionForm::tsv;
    std::uint64_t labels = 0;         // L, the number of columns of an npz
    LabelKey key = nullptr;           // absent: the label's id as text
    AnswerMembers members = nullptr;  // of JSON lines
    bool has_keys = false;            // an npz: write() is given them
    Row first_row = 0;                // its number in text
    std::string tag = "xmr";          // the name of a TREC run
    Json content = {};                // goes into the meta.json of an npz
  };
  // "-" is stdout. Refuses to write npz to a terminal.
  PredictionWriter(const std::string& path, Options options);
  ~PredictionWriter();
  PredictionWriter(PredictionWriter&&) noexcept;
  PredictionWriter& operator=(PredictionWriter&&) noexcept;

  // The answers of the next row, best first; a row without answers leaves no line in a TSV. JSON lines get more members
  // of the row, each with a comma before it. `id`: the id of the row for JSON lines and TREC; if it is empty, a run has
  // the number of the row. In a run, a score that is not below the one before it is lowered to the next float:
  // trec_eval would rank equal scores by key.
  void write(SparseRow ranked, std::string_view row_members = {}, std::string_view id = {});
  // `keys`: of each answer; text does not keep them.
  void write(CsrView ranked, std::span<const RankKeys> keys = {});
  void flush();
  // Makes the file appear; nothing can be written afterwards.
  void commit();

 private:
  class Sink;
  class TsvSink;
  class JsonSink;
  class TrecSink;
  class NpzSink;
  std::unique_ptr<Sink> sink_;
};

// The rows and labels (columns) that predictions must be for.
struct PredictionShape {
  std::uint64_t rows = 0;
  std::uint64_t labels = 0;
};

// Predictions read back, the form known from the bytes. Our npz is used in place. A matrix, ours or of another program
// (foreign_matrix.hpp), is ranked by score, largest first, then by label id. Text holds keys of `names`, or ids
// where `names` is null; its rows come in increasing order, rows that do not appear have no answers. A TREC run holds
// ids of `ids`, or numbers of rows where `ids` is null. With `expected`, anything else is refused, and answers of a
// single shard, but a TSV may end early: rows without answers leave no trace in it. Without it a text has as many
// columns as `names`, else as its largest id asks for, and at most kMaxUnexpectedRows rows. Errors: IoError;
// FormatError for a damaged npz; DataError for an npz of more labels than there are `names`, and for an empty file;
// with line or row for a key that is not in `names`, a rank out of sequence, a label twice in a row, a score that is
// not finite. Cost: one pass over the entries. Thread rule: const methods from any thread.
class PredictionFile {
 public:
  static constexpr std::uint64_t kMaxUnexpectedRows = std::uint64_t{1} << 28;

  explicit PredictionFile(const std::string& path, const LabelNames* names = nullptr,
                          std::optional<PredictionShape> expected = std::nullopt, const RowIds* ids = nullptr);
  // Answers that were made in memory, under the name of their file.
  PredictionFile(std::string name, CsrMatrix ranked);

  CsrView view() const { return view_; }
  const std::string& name() const { return name_; }
  // The record of its writer; an empty object for text and other programs' files.
  const Json& content() const;

  // True if the file holds the keys of ranking. keys() takes the number of an answer in view(), over all rows.
  bool has_keys() const { return has_keys_; }
  RankKeys keys(Offset answer) const {
    return {keys_.paths[answer], keys_.margins[answer], keys_.path_margins[answer], keys_.orders[answer]};
  }

 private:
  void read_keys();

  struct Keys {
    std::span<const float> paths, margins, path_margins;
    std::span<const std::uint32_t> orders;
  };
  bool has_keys_ = false;
  Keys keys_;
  std::string name_;
  std::unique_ptr<NpzFile> file_;  // keeps the mapping alive when used in place
  CsrMatrix owned_;
  CsrView view_;
};

// Throws DataError for answers of a single shard (model/shard.hpp), which look like the answers of a bad model.
void require_whole_model(const PredictionFile& answers);

// Returns true if a row of the truth has this label with a weight above 0.
bool is_relevant(SparseRow truth, LabelId label);

// The answers as if they were the truth: each label of a row with weight 1, by label. So one search can be measured by
// another one.
CsrMatrix answers_as_truth(CsrView ranked);

}  // namespace xmr
