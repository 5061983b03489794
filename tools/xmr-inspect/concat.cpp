// xmr-inspect concat: the rows of several matrices or predictions, one file behind the other.

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/part_origin.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/input.hpp"

namespace xmr::tools {
namespace {

struct ConcatOptions {
  std::vector<std::string> files;
  std::string output;

  void add_to(CLI::App& app) {
    app.add_option("FILE", files, "Matrices or predictions, in the order of their rows")->required();
    app.add_option("-o,--output", output, "File to write, with all rows")->type_name("FILE")->required();
  }
};

// The files whose rows are joined.
class Pieces {
 public:
  void add(const std::string& path) {
    if (kind_of(path) != FileKind::npz)
      throw DataError(path, "is not an npz file", "TSV and JSON lines are joined by cat");
    const NpzFile file(path);
    Meta meta = file.has_meta() ? file.meta() : matrix_meta(Json::object());
    const CsrView view =
        meta.kind == "predictions" ? predictions_.emplace_back(path).view() : matrices_.emplace_back(path).view();
    const PartOrigin origin(path, std::move(meta.content));
    const PartOf part = origin.part;
    if (views_.empty()) {
      first_ = origin;
      meta_ = {.kind = meta.kind, .format_version = meta.format_version, .content = origin.content};
    } else {
      require_fit(origin, view, meta.kind);
    }
    if (!part.is_whole() && part.part != views_.size())
      throw DataError(path,
                      fmt::format("is part {} of {}, part {} belongs here", part.part, part.parts, views_.size()));
    views_.push_back(view);
  }
  // Throws DataError if the files are parts and the last one was not added.
  void check_whole() const {
    if (!first_.part.is_whole() && views_.size() < first_.part.parts)
      throw DataError(first_.name,
                      fmt::format("is part 0 of {}, but part {} is missing", first_.part.parts, views_.size()));
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
  void require_fit(const PartOrigin& origin, const CsrView& view, const std::string& kind) const {
    if (kind != meta_.kind)
      throw DataError(origin.name, fmt::format("is of kind {}, but {} is of kind {}", kind, first_.name, meta_.kind));
    if (view.cols != views_.front().cols)
      throw DataError(origin.name,
                      fmt::format("{} columns, but {} has {}", view.cols, first_.name, views_.front().cols));
    require_same_origin(origin, first_);
  }

  PartOrigin first_;
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
  tool.command("concat", "Joins the rows of matrices, or of predictions, into one file.",
               "xmr-inspect concat X-0.npz X-1.npz X-2.npz -o X.npz", concat);
}

}  // namespace xmr::tools
