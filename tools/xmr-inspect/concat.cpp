// xmr-inspect concat: the rows of several matrices or predictions, one file behind the other.

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/npz.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/part_number.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/input.hpp"

namespace xmr::tools {
namespace {

struct ConcatOptions {
  std::vector<std::string> files;
  std::string output;

  void add_to(CLI::App& app) {
    app.add_option("FILE", files, "Matrices, or predictions, in the order of their rows")->required();
    app.add_option("-o,--output", output, "Where all their rows go")->type_name("OUT")->required();
  }
};

// The files while their rows are copied.
class Pieces {
 public:
  void add(const std::string& path) {
    if (kind_of(path) != FileKind::npz) throw DataError(path, "is no npz", "TSV and JSON lines are joined by cat");
    const NpzFile file(path);
    Meta meta = file.has_meta() ? file.meta() : matrix_meta(nlohmann::ordered_json::object());
    const CsrView view =
        meta.kind == "predictions" ? predictions_.emplace_back(path).view() : matrices_.emplace_back(path).view();
    const PartOf part = take_part(meta.content, path);
    if (views_.empty()) {
      first_ = path;
      parts_ = part.parts;
      meta_ = std::move(meta);
    } else {
      require_fit(path, view, meta, part);
    }
    if (!part.is_whole() && part.part != views_.size())
      throw DataError(path, fmt::format("is part {} of {}, part {} belongs here", part.part, parts_, views_.size()));
    views_.push_back(view);
  }
  // DataError unless the last part was added, if they are parts.
  void check_whole() const {
    if (parts_ > 1 && views_.size() < parts_)
      throw DataError(first_, fmt::format("is part 0 of {}, but part {} is missing", parts_, views_.size()));
  }
  // Returns the numbers of rows and entries.
  std::pair<std::uint64_t, std::uint64_t> write(NpzWriter out) const {
    std::uint64_t rows = 0;
    for (const CsrView& view : views_)
      rows += view.rows;
    const std::uint64_t entries = write_sparse_members(out, views_.front().cols, views_);
    out.commit(meta_);
    return {rows, entries};
  }

 private:
  void require_fit(const std::string& path, const CsrView& view, const Meta& meta, const PartOf& part) const {
    if (meta.kind != meta_.kind)
      throw DataError(path, fmt::format("is of kind {}, but {} is of kind {}", meta.kind, first_, meta_.kind));
    if (view.cols != views_.front().cols)
      throw DataError(path, fmt::format("{} columns, but {} has {}", view.cols, first_, views_.front().cols));
    if (meta.content != meta_.content)
      throw DataError(path, fmt::format("was not made from what {} was made from, or with other options", first_),
                      "xmr-inspect show tells what each was made with");
    if (part.parts != parts_)
      throw DataError(path, fmt::format("is {}, but {} is {}", describe(part.parts), first_, describe(parts_)));
  }

  static std::string describe(std::uint32_t parts) {
    return parts == 1 ? "no part of the rows" : fmt::format("one of {} parts", parts);
  }

  std::string first_;
  std::uint32_t parts_ = 1;
  Meta meta_;  // of all
  std::deque<MatrixFile> matrices_;
  std::deque<PredictionFile> predictions_;
  std::vector<CsrView> views_;
};

void concat(const ConcatOptions& options, Run& run) {
  check_dash_once("stdout", {{options.output, run.common().stats}});
  Pieces pieces;
  for (const std::string& path : reopenable(options.files))
    pieces.add(path);
  pieces.check_whole();
  const auto [rows, entries] = pieces.write(NpzWriter(options.output));
  run.record("rows", rows);
  run.record("nnz", entries);
}

}  // namespace

void add_concat(Tool& tool) {
  tool.command("concat", "Puts the rows of matrices, or of predictions, behind each other.",
               "xmr-inspect concat X-0.npz X-1.npz X-2.npz -o X.npz", concat);
}

}  // namespace xmr::tools
