#pragma once
// Files of TREC, as trec_eval reads them. Fields are separated by blanks or tabs.
//
//   run     query Q0 document rank score tag     answers; rows are queries, labels are documents
//   qrels   query 0 document relevance           judgements: the weights of Y
//
// A run may hold its lines in any order. Its answers are ranked by score, largest first, then by the document's name in
// reverse order of bytes; the column rank is not read (trec_eval: comp_sim_docno). Qrels with the header of BEIR,
// `query-id<TAB>corpus-id<TAB>score`, have three columns. A relevance below 0 is no judgement.
//
// Errors: DataError with file and line. Memory: 56 bytes a line of a run, 24 of qrels. Thread rule: pure functions.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "xmr/sparse/csr.hpp"

namespace xmr {

// Returns the number of a query or a document; none: the line is left out. May throw DataError.
using FindNumber = std::function<std::optional<std::uint32_t>(std::uint64_t line, std::string_view name)>;

struct TrecText {
  const std::string& file;  // for messages
  std::string_view bytes;
  FindNumber row, label;
};

struct TrecRows {
  CsrMatrix rows;              // up to the last row with an entry; columns up to the last label
  std::uint64_t left_out = 0;  // lines
  std::string first_left_out;  // the name in the first of them
};

// Returns true if the first line has the six fields of a run and is no TSV of predictions.
bool is_trec_run(std::string_view bytes);

// Returns the answers of each row in rank order.
TrecRows parse_trec_run(const TrecText& text);
// Returns the weights of the judged labels of each row, 0 included, by label.
TrecRows parse_trec_qrels(const TrecText& text);

// Returns the labels of positive weight as Y, with empty rows up to `rows`.
CsrMatrix relevant_labels(CsrView judged, std::uint64_t rows);

// Appends a line of a run or of qrels. Throws DataError if a name is empty or holds a blank, which separates fields.
void append_trec_run(std::string& out, std::string_view query, std::string_view document, std::uint64_t rank,
                     float score, std::string_view tag);
void append_trec_qrel(std::string& out, std::string_view query, std::string_view document, float relevance);

}  // namespace xmr
