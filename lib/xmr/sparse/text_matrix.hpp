#pragma once
// Instances as text, the forms in which data sets for extreme classification are passed around:
//
//   XMC repository   15000 5000 4000                 rows, features, labels; then one row a line:
//                    440,460 19:0.0574 37:0.046      label ids by commas, blank, feature:value by blanks
//   svmlight         3,17 1:0.5 7:2 # comment        no header; one row a line
//   matrix           15000 5000                      rows, columns; X or Y alone: a file trn_X_Xf.txt or trn_X_Y.txt of
//                    19:0.0574 37:0.046              the XMC repository
//
// Grammar of a row: [labels] {blank feature:value}, blank = blanks and tabs. Without labels the row begins with a blank
// or with its first feature. With `label_weights` every label may carry a weight (`3:0.5,17`); such a row without
// labels must begin with a blank, because "3:0.5 7:2" could mean both. svmlight: qid:1 before the features is the
// number of the row's query. XMC and matrix: every line after the header is a row, an empty line one without labels and
// features. svmlight: "#" begins a comment; a line that is empty or begins with "#" is no row, one that holds a blank
// is.
//
// Accepts ids in any order (sorted), repeated ids (summed), zeros (dropped), labels as 3.0, blanks behind a comma, LF
// or CRLF, with or without a final newline. Refuses, with DataError "file:line: fault, allowed values": ids outside the
// shape, values and weights that are no finite float, negative weights, missing values, a header that does not fit the
// rows, no row at all.
//
// Cost: one pass, all threads, order and result the same for any number of them. Memory: the result (8 bytes an entry,
// 16 a row) and, a thread, 8 MiB of text with its entries. Nothing is allocated by what a header claims.
// Thread rule: free functions, one call at a time per `parallel`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/file.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

enum class TextForm { xmc, svmlight, matrix };
template <>
struct EnumNames<TextForm> {
  static constexpr EnumName<TextForm> kTable[] = {
      {TextForm::xmc, "xmc", "text of the XMC repository"},
      {TextForm::svmlight, "svmlight"},
      {TextForm::matrix, "matrix", "a matrix alone, of the XMC repository"},
  };
};

// How ids and weights are written.
struct TextDialect {
  std::uint32_t first_feature = 0;  // the id that stands for column 0: 0 or 1
  std::uint32_t first_label = 0;
  bool label_weights = false;
};

struct TextInput {
  // Absent: XMC if the first line consists of three integers, matrix if of two, which no row can, else svmlight.
  std::optional<TextForm> form = {};
  TextDialect dialect = {};
  // Number of columns. Absent: the header's, for svmlight the largest id. A header must say the same.
  std::optional<std::uint64_t> features = {}, labels = {};
  bool skip_bad_rows = false;  // leave out rows that cannot be read, and warn how many they were
  bool query_ids = false;      // svmlight: keep the number behind qid:, which each row must have
};

// In pieces of rows that follow each other, as write_sparse_members() takes them: a whole would be copied once more.
struct TextMatrices {
  TextForm form = TextForm::svmlight;
  std::uint64_t rows = 0, features = 0, labels = 0;
  std::vector<CsrMatrix> x, y;
  std::uint64_t skipped_rows = 0;
  std::vector<std::string> query_ids;
};

// The numbers of a header, three of XMC or two of a matrix, if a line is one; not checked further.
using TextHeader = std::vector<std::string_view>;
std::optional<TextHeader> find_text_header(std::string_view first_line);

TextMatrices read_text_matrices(InputFile input, const TextInput& how, Parallel& parallel);

// Values are written so that they read back equal. DataError unless x and y have equally many rows, or if y has a
// weight other than 1 and dialect.label_weights is off. Does not commit `out`.
void write_text_matrices(OutputFile& out, CsrView x, CsrView y, TextForm form, const TextDialect& dialect,
                         Parallel& parallel);

}  // namespace xmr
