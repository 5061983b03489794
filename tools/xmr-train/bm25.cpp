// xmr-train bm25: indexes the words of labels.

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "xmr/featurize/character_pairs.hpp"
#include "xmr/featurize/label_texts.hpp"
#include "xmr/io/json.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/label_documents.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-train/commands.hpp"
#include "xmr-train/inputs.hpp"

namespace xmr {
namespace tools {
namespace {

enum class Documents { rows, labels, both };

}  // namespace
}  // namespace tools

template <>
struct EnumNames<tools::Documents> {
  static constexpr EnumName<tools::Documents> kTable[] = {
      {tools::Documents::rows, "rows", "texts of the rows"},
      {tools::Documents::labels, "labels", "its text in labels.txt"},
      {tools::Documents::both, "both"},
  };
};

namespace tools {
namespace {

struct Bm25TrainOptions {
  static constexpr const char* kUsage =
      "-x FILE -y FILE -o FILE [options]\n"
      "--documents labels -f FILE --labels FILE -o FILE [options]";

  std::string x, y, vectorizer, labels, output;
  Bm25Options weighting;
  Documents documents = Documents::rows;

  void add_to(CLI::App& app);
};

constexpr const char* kOtherVectorizer = "learn the vectorizer with --idf none --norm none --row-norm none";

// Throws DataError unless the vectorizer counts: BM25 needs the counts of label texts.
void require_counting(const VectorizerFile& file) {
  const VectorizerOptions& options = file.vectorizer().options();
  bool counts = options.row_norm == Norm::none;
  for (const BlockOptions& block : options.blocks)
    counts = counts && block.idf == InverseDocumentFrequency::none && block.norm == Norm::none &&
             (block.tf == TermFrequency::count || block.tf == TermFrequency::binary);
  if (!counts) throw DataError(file.name(), "the features have weights, but BM25 needs counts", kOtherVectorizer);
}

bool reads_rows(const Bm25TrainOptions& options) {
  return options.documents != Documents::labels;
}

bool reads_texts(const Bm25TrainOptions& options) {
  return options.documents != Documents::rows;
}

void check(const Bm25TrainOptions& options) {
  const auto refuse = [&](const char* why) {
    throw ConfigError(fmt::format("--documents {}: {}", name_of(options.documents), why));
  };
  if (reads_rows(options) && (options.x.empty() || options.y.empty())) refuse("needs -x and -y");
  if (!reads_rows(options) && !(options.x.empty() && options.y.empty())) refuse("reads neither -x nor -y");
  if (reads_texts(options) && (options.vectorizer.empty() || options.labels.empty()))
    refuse("needs -f and --labels, to read the texts of labels");
}

struct Inputs {
  std::optional<MatrixFile> x, y;
  std::optional<VectorizerFile> vectorizer;
  std::optional<LabelNames> names;
};

Inputs read_inputs(const Bm25TrainOptions& options) {
  Inputs in;
  if (reads_rows(options)) {
    in.x.emplace(options.x);
    in.y.emplace(options.y);
    check_instances(in.x->view(), in.x->name(), in.y->view(), in.y->name());
    require_counts(in.x->view(), 0, in.x->view().rows, in.x->name());
    in.vectorizer = read_vectorizer(options.vectorizer, *in.x);
    in.names = read_names(options.labels, in.y->view().cols, in.y->name());
  } else {
    in.vectorizer.emplace(options.vectorizer);
    in.names = LabelNames::read(options.labels);
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

void Bm25TrainOptions::add_to(CLI::App& app) {
  app.add_option("-x,--x", x, "Counts of words in the instances, a matrix; required unless --documents is labels")
      ->type_name("FILE");
  app.add_option("-y,--y", y, "Labels of the instances, a matrix; required unless --documents is labels")
      ->type_name("FILE");
  app.add_option("-o,--output", output, "Model to write")->type_name("FILE")->required();
  app.add_option("-f,--vectorizer", vectorizer, kVectorizerHelp)->type_name("FILE");
  app.add_option("--labels", labels, kLabelsHelp)->type_name("FILE");
  add_named(app, "--documents", documents,
            "Texts that make the document of a label; labels and both need -f and --labels");
  app.add_option("--k1", weighting.k1, "Saturation: with a larger number, repetitions of a word add more")
      ->transform(range(0.0, Bm25Options::kLargestK1));
  app.add_option("--b", weighting.b, "Length normalisation: with a larger number, long documents count less")
      ->transform(range(0.0, 1.0));
}

void train_bm25(const Bm25TrainOptions& options, Run& run) {
  check_dash_once("stdin", {{options.x, options.y, options.vectorizer, options.labels}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  check(options);
  const Inputs in = read_inputs(options);
  NpzWriter out(options.output);
  Bm25Postings postings;
  {
    const Phase phase(run.observer(), "index", 0, "labels");
    Bm25Options weighting = options.weighting;
    if (in.vectorizer) weighting.factors = pair_factors(in.vectorizer->vectorizer());
    postings = build_postings(label_documents(in, options, run.parallel()), weighting, run.parallel());
  }
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), Bm25Parts{.postings = postings,
                                          .vectorizer = in.vectorizer ? &in.vectorizer->vectorizer() : nullptr,
                                          .vectorizer_fingerprint =
                                              in.x ? in.x->vectorizer() : in.vectorizer->vectorizer().fingerprint(),
                                          .names = in.names ? in.names->stored() : StoredNames{},
                                          .options = Json{{"k1", options.weighting.k1},
                                                          {"b", options.weighting.b},
                                                          {"documents", name_of(options.documents)}}});
  }
  const std::uint64_t without = postings.documents - postings.filled;
  if (without > 0)
    run.observer().warn(
        fmt::format("{} of {} labels have no document; no query finds them", without, postings.documents));
  if (in.x) {
    run.record("rows", in.x->view().rows);
    run.record("nnz", in.x->view().nnz());
  }
  run.record("features", postings.largest.size());
  run.record("labels", postings.documents);
  run.record("postings", postings.postings.size());
  run.record("labels_without_document", without);
}

}  // namespace

void add_bm25(Tool& tool) {
  tool.command("bm25",
               "Indexes the words of labels for BM25: ranks labels by the words that they share with a text. The "
               "features must be counts.",
               "xmr-featurize fit --word 1 --idf none --norm none --row-norm none \\\n"
               "  -o counts.npz train.tsv\n"
               "xmr-featurize apply -f counts.npz --labels labels.txt \\\n"
               "  -x C.npz -y Y.npz train.tsv\n"
               "xmr-train bm25 -x C.npz -y Y.npz -f counts.npz --labels labels.txt -o bm25.npz",
               train_bm25);
}

}  // namespace tools
}  // namespace xmr
