// xmr-featurize merge: makes a vectorizer of the parts of a fit.

#include <string>
#include <vector>

#include "xmr/distributed/fit_merge.hpp"
#include "xmr/featurize/vectorizer_file.hpp"

#include "common/options.hpp"
#include "xmr-featurize/commands.hpp"

namespace xmr::tools {
namespace {

struct MergeOptions {
  std::string output;
  std::vector<std::string> parts;

  void add_to(CLI::App& app) {
    app.add_option("-o,--output", output, "Vectorizer to write")->type_name("FILE")->required();
    app.add_option("PART", parts, "Files of xmr-featurize fit --parts, in any order")->type_name("FILE")->required();
  }
};

void merge(const MergeOptions& options, Run& run) {
  check_dash_once("stdin", {options.parts});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  NpzWriter out(options.output);
  const auto merged = [&] {
    const Phase phase(run.observer(), "merge", 0, "n-grams");
    return merge_fit_parts(options.parts, run.parallel());
  };
  const Vectorizer vectorizer = merged();
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_vectorizer(out, vectorizer);
  }
  run.record("parts", options.parts.size());
  run.record("features", vectorizer.features());
}

}  // namespace

void add_merge(Tool& tool) {
  tool.command("merge",
               "Joins the parts of a fit into a vectorizer, the same bytes as a single fit of all rows writes.",
               "xmr-featurize fit --part 0 --parts 2 -o counts-0.npz train.tsv\n"
               "xmr-featurize fit --part 1 --parts 2 -o counts-1.npz train.tsv\n"
               "xmr-featurize merge -o vec.npz counts-0.npz counts-1.npz",
               merge);
}

}  // namespace xmr::tools
