#include "xmr-train/bm25.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/featurize/label_texts.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/label_documents.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

constexpr const char* kOtherVectorizer = "learn the vectorizer with --idf none --norm none --row-norm none";

// Label texts must be counted, too.
void require_counting(const VectorizerFile& file) {
  const VectorizerOptions& options = file.vectorizer().options();
  bool counts = options.row_norm == Norm::none;
  for (const BlockOptions& block : options.blocks)
    counts = counts && block.idf == InverseDocumentFrequency::none && block.norm == Norm::none &&
             (block.tf == TermFrequency::count || block.tf == TermFrequency::binary);
  if (!counts) throw DataError(file.name(), "weighs its features, BM25 needs counts", kOtherVectorizer);
}

bool reads_rows(const Bm25TrainOptions& options) {
  return options.documents != "labels";
}

bool reads_texts(const Bm25TrainOptions& options) {
  return options.documents != "rows";
}

void check(const TrainPaths& paths, const Bm25TrainOptions& options) {
  const auto refuse = [&](const char* why) {
    throw ConfigError(fmt::format("--documents {}: {}", options.documents, why));
  };
  if (reads_rows(options) && (paths.x.empty() || paths.y.empty())) refuse("it needs -x and -y");
  if (!reads_rows(options) && !(paths.x.empty() && paths.y.empty())) refuse("it reads neither -x nor -y");
  if (reads_texts(options) && (paths.vectorizer.empty() || paths.labels.empty()))
    refuse("it needs -f and --labels, to read the labels' texts");
}

// All that a model is made from.
struct Inputs {
  std::optional<MatrixFile> x, y;
  std::optional<VectorizerFile> vectorizer;
  std::optional<LabelNames> names;
};

Inputs read_inputs(const TrainPaths& paths, const Bm25TrainOptions& options) {
  Inputs in;
  if (reads_rows(options)) {
    in.x.emplace(paths.x.read());
    in.y.emplace(paths.y);
    check_instances(in.x->view(), in.x->name(), in.y->view(), in.y->name());
    require_counts(in.x->view(), 0, in.x->view().rows, in.x->name());
    in.vectorizer = read_vectorizer(paths.vectorizer, *in.x);
    in.names = read_names(paths.labels, in.y->view().cols, in.y->name());
  } else {
    in.vectorizer.emplace(paths.vectorizer);
    in.names = LabelNames::read(paths.labels);
  }
  if (in.vectorizer) require_counting(*in.vectorizer);
  return in;
}

CsrMatrix label_documents(const Inputs& in, const Bm25TrainOptions& options, Parallel& parallel) {
  if (!reads_texts(options)) return documents_of_rows(in.x->view(), in.y->view(), parallel);
  CsrMatrix texts = featurize_label_texts(*in.names, in.vectorizer->vectorizer());
  if (!reads_rows(options)) return texts;
  return documents_of_rows_and_texts(in.x->view(), in.y->view(), texts, parallel);
}

}  // namespace

std::vector<const CLI::Option*> Bm25TrainOptions::add_to(CLI::App& app) {
  const auto bm25 = [](CLI::Option* option) { return option->group("BM25"); };
  return {bm25(app.add_option("--k1", weighting.k1, "How slowly the repetition of a word saturates"))
              ->transform(range(0.0, Bm25Options::kLargestK1)),
          bm25(app.add_option("--b", weighting.b, "How much longer documents count less"))->transform(range(0.0, 1.0)),
          bm25(app.add_option("--documents", documents,
                              "What is known of a label: its rows, its text in labels.txt, or both"))
              ->check(one_of({"rows", "labels", "both"}))
              ->type_name("WHAT")};
}

void train_bm25(const TrainPaths& paths, const Bm25TrainOptions& options, Run& run) {
  check(paths, options);
  const Inputs in = read_inputs(paths, options);
  NpzWriter out(paths.output);
  Bm25Postings postings;
  {
    const Phase phase(run.observer(), "index", 0, "labels");
    postings = build_postings(label_documents(in, options, run.parallel()), options.weighting, run.parallel());
  }
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(
        std::move(out),
        Bm25Parts{
            .postings = postings,
            .vectorizer = in.vectorizer ? &in.vectorizer->vectorizer() : nullptr,
            .vectorizer_fingerprint = in.x ? vectorizer_of(*in.x) : in.vectorizer->vectorizer().fingerprint(),
            .names = in.names ? in.names->stored() : StoredNames{},
            .options = {{"k1", options.weighting.k1}, {"b", options.weighting.b}, {"documents", options.documents}}});
  }
  const std::uint64_t without = postings.labels - postings.documents;
  if (without > 0)
    run.observer().warn(
        fmt::format("{} of {} labels have no document: they are never answered", without, postings.labels));
  if (in.x) {
    run.record("rows", in.x->view().rows);
    run.record("nnz", in.x->view().nnz());
  }
  run.record("features", postings.largest.size());
  run.record("labels", postings.labels);
  run.record("postings", postings.postings.size());
  run.record("labels_without_document", without);
}

}  // namespace xmr::tools
