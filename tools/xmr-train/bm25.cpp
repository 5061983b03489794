#include "xmr-train/bm25.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/label_documents.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-train/inputs.hpp"

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

CsrMatrix label_documents(const MatrixFile& x, CsrView y, const LabelNames* names, const VectorizerFile* vectorizer,
                          const std::string& documents, Parallel& parallel) {
  if (documents == "rows") return documents_of_rows(x.view(), y, parallel);
  CsrMatrix texts = label_text_counts(*names, vectorizer->vectorizer());
  if (documents == "labels") return texts;
  return documents_of_rows_and_texts(x.view(), y, texts, parallel);
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
  if (options.documents != "rows" && (paths.vectorizer.empty() || paths.labels.empty()))
    throw ConfigError(
        fmt::format("--documents {}: it needs -f and --labels, to read the labels' texts", options.documents));
  const MatrixFile x(paths.x), y(paths.y);
  check_instances(x.view(), x.name(), y.view(), y.name());
  require_counts(x.view(), x.name());
  const std::optional<VectorizerFile> vectorizer = read_vectorizer(paths.vectorizer, x);
  if (vectorizer) require_counting(*vectorizer);
  const std::optional<LabelNames> names = read_names(paths.labels, y.view().cols, y.name());
  NpzWriter out(paths.output);

  Bm25Postings postings;
  {
    const Phase phase(run.observer(), "index", 0, "labels");
    const CsrMatrix documents = label_documents(x, y.view(), names ? &*names : nullptr,
                                                vectorizer ? &*vectorizer : nullptr, options.documents, run.parallel());
    postings = build_postings(documents, options.weighting, run.parallel());
  }
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), Bm25Parts{.postings = postings,
                                          .vectorizer = vectorizer ? &vectorizer->vectorizer() : nullptr,
                                          .vectorizer_fingerprint = vectorizer_of(x),
                                          .names = names ? &*names : nullptr,
                                          .options = {{"k1", options.weighting.k1},
                                                      {"b", options.weighting.b},
                                                      {"documents", options.documents}}});
  }
  const std::uint64_t without = postings.labels - postings.documents;
  if (without > 0)
    run.observer().warn(
        fmt::format("{} of {} labels have no document: they are never answered", without, postings.labels));
  run.record("rows", x.view().rows);
  run.record("features", x.view().cols);
  run.record("labels", postings.labels);
  run.record("nnz", x.view().nnz());
  run.record("postings", postings.postings.size());
  run.record("labels_without_document", without);
}

}  // namespace xmr::tools
