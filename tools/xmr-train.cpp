// xmr-train: a model from instances and their labels: XR-Linear over a label tree, BM25, or completion.

#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-train/bm25.hpp"
#include "xmr-train/completion.hpp"
#include "xmr-train/linear.hpp"
#include "xmr-train/parts.hpp"

namespace xmr::tools {
namespace {

struct Options {
  std::string model = "xr-linear";
  TrainPaths paths;
  LinearTrainOptions linear;
  Bm25TrainOptions bm25;
  CompletionTrainOptions completion;

  void add_to(CLI::App& app) {
    const std::vector<CLI::Option*> x_options = paths.x.add_to(app);
    of_rows_.push_back(x_options.front());
    of_rows_.push_back(app.add_option("-y,--y", paths.y, "Labels of the instances, a matrix")->type_name("FILE"));
    app.add_option("-o,--output", paths.output, "Where the model goes")->type_name("FILE")->required();
    of_rows_.push_back(
        app.add_option("-f,--features", paths.vectorizer, "The vectorizer that made X: the model then takes text")
            ->type_name("FILE"));
    of_rows_.push_back(
        app.add_option("--labels", paths.labels, "labels.txt: the model then answers with keys")->type_name("FILE"));
    app.add_option("--model", model, "Kind of model")
        ->check(one_of({"xr-linear", "bm25", "completion"}))
        ->type_name("KIND");
    linear_options_ = linear.add_to(app);
    linear_options_.insert(linear_options_.end(), x_options.begin() + 1, x_options.end());
    bm25_options_ = bm25.add_to(app);
    completion_options_ = completion.add_to(app);
  }

  // ConfigError for what makes no sense together.
  void check() const {
    check_dash_once("stdin", {paths.x.paths,
                              {paths.y, paths.vectorizer, paths.labels},
                              {linear.tree, linear.label_rows, linear.given_negatives(), linear.init},
                              {completion.linear, completion.pairs, completion.held_out}});
    const bool is_linear = model == "xr-linear", completes = model == "completion";
    if (!is_linear) refuse(linear_options_);
    if (model != "bm25") refuse(bm25_options_);
    if (model == "bm25") paths.x.require_single("--model bm25");
    refuse(completes ? of_rows_ : completion_options_);
    if (completes) completion.check();
    if (is_linear) linear.check(paths);
  }

 private:
  void refuse(const std::vector<const CLI::Option*>& options) const {
    for (const CLI::Option* option : options)
      if (option->count() > 0)
        throw ConfigError(fmt::format("{}: a model of the kind {} has no such option", option->get_name(), model));
  }

  std::vector<const CLI::Option*> linear_options_, bm25_options_, completion_options_;  // of one kind of model only
  std::vector<const CLI::Option*> of_rows_;                                             // of all but completion
};

void run(const Options& options, Run& run) {
  options.check();
  check_dash_once("stdout", {{options.paths.output, run.common().stats}});
  if (options.model == "bm25")
    train_bm25(options.paths, options.bm25, run);
  else if (options.model == "completion")
    train_completion(options.completion, options.paths.output, run);
  else
    train_linear(options.paths, options.linear, run);
}

}  // namespace
}  // namespace xmr::tools

int main(int argc, char** argv) {
  using namespace xmr::tools;
  return Tool("xmr-train",
              "Learns a linear ranker for every node of a label tree, an XR-Linear model, or indexes the words of "
              "labels for BM25, or adds counts of queries to an XR-Linear model that completes them. With -f and "
              "--labels the model takes text and answers with keys.",
              "xmr-index -x X.npz -y Y.npz -o tree.npz\n"
              "xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt \\\n"
              "  -o model.npz")
      .command(run)
      .command("plan", "Cuts the training of an XR-Linear model into parts of about equal cost, for xmr-train part.",
               "xmr-train plan -x X.npz -y Y.npz -t tree.npz --parts 8 -o plan.npz", run_plan)
      .command("part", "Trains one part of a plan. Run twice, it writes the same bytes.",
               "xmr-train part --plan plan.npz -x X.npz -y Y.npz -t tree.npz \\\n"
               "  --part 3 -o part-3.npz",
               run_part)
      .command("match",
               "Finds the rows that matcher-aware negatives bring to a stage of a plan, from the parts of the stages "
               "before it.",
               "xmr-train match --plan plan.npz -x X.npz -y Y.npz -t tree.npz --stage 1 \\\n"
               "  -o matched-1.npz stage-0-part-*.npz",
               run_match)
      .command(
          "merge",
          "Makes a model of all parts of a plan: the same bytes as xmr-train makes of the same inputs and options.",
          "xmr-train merge --plan plan.npz -t tree.npz -f vec.npz --labels labels.txt \\\n"
          "  -o model.npz part-*.npz",
          run_merge)
      .main(argc, argv);
}
