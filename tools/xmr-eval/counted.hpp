#pragma once
// xmr-eval --judged-only, --empty-rows, --per-row and --per-label: the rows and answers that count, and their values
// one by one.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/evaluate/report.hpp"
#include "xmr/evaluate/requests.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"
#include "xmr/util/observer.hpp"

#include "xmr-eval/judgements.hpp"

namespace xmr {
namespace tools {

enum class EmptyRows { keep, skip };

}  // namespace tools

template <>
struct EnumNames<tools::EmptyRows> {
  static constexpr EnumName<tools::EmptyRows> kTable[] = {
      {tools::EmptyRows::keep, "keep", "they count and gain 0"},
      {tools::EmptyRows::skip, "skip", "they are left out"},
  };
};

namespace tools {

struct CountedOptions {
  bool judged_only = false;
  std::optional<EmptyRows> empty_rows;  // absent: kept, with a warning
  std::string per_row, per_label;

  void add_to(CLI::App& app);
  // Throws ConfigError if a file of details has no column.
  void check(const std::vector<Metric>& metrics) const;
};

// The truth, answers and requests of the rows that count. The judgements must outlive it.
class Counted {
 public:
  // Warns of rows without truth that are kept by default, and of a truth without judgements that --judged-only reads.
  Counted(const CountedOptions& options, const Judgements& judgements, std::optional<Requests> requests,
          Observer& observer);

  CsrView truth() const { return truth_; }
  CsrView answers(std::size_t file) const { return answers_[file]; }
  const std::optional<Requests>& requests() const { return requests_; }
  // Writes --per-row and --per-label.
  void write_details(const EvaluationOptions& evaluation, Parallel& parallel) const;

 private:
  void leave_out_empty_rows(std::vector<Row> rows);

  const CountedOptions& options_;
  const Judgements& judgements_;
  std::deque<CsrMatrix> owned_;  // the matrices that differ from the files
  CsrView truth_;
  std::vector<CsrView> answers_;
  std::optional<Requests> requests_;
  std::vector<Row> rows_;  // [row]: its number in the files; empty: all rows count
};

}  // namespace tools
}  // namespace xmr
