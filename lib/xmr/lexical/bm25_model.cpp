#include "xmr/lexical/bm25_model.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "model";
constexpr int kNewestVersion = 1;

}  // namespace

Bm25Model Bm25Model::open(NpzFile opened) {
  Bm25Model model;
  model.file_ = std::make_unique<NpzFile>(std::move(opened));
  const NpzFile& file = *model.file_;
  if (const std::string type = model_type(file); type != kType)
    throw FormatError(file.name(), fmt::format("a model of type {}, {} is needed", quote(type), kType));
  file.require_kind(kKind, kNewestVersion);
  model.name_ = file.name();
  const Json& content = file.meta().content;
  const std::uint64_t labels = meta_count(file, content, "labels", std::uint64_t{1} << 32);
  const std::uint64_t features = meta_count(file, content, "features", std::uint64_t{1} << 32);
  model.postings_ = StoredPostings(file, "", features, labels);
  model.vectorizer_fingerprint_ =
      meta_value<std::string>(file, meta_value<Json>(file, content, "fingerprints"), "vectorizer");
  if (content.contains("vectorizer")) {
    model.vectorizer_ = Vectorizer::read(file, "vectorizer/", content.at("vectorizer"));
    if (model.vectorizer_->features() != model.features())
      throw FormatError(model.name_, fmt::format("the vectorizer has {} features, the model {}",
                                                 model.vectorizer_->features(), model.features()));
  }
  model.names_ = read_stored_names(file, labels);
  return model;
}

void write_model(NpzWriter out, const Bm25Parts& parts) {
  const Bm25Postings& built = parts.postings;
  Json content;
  content["type"] = Bm25Model::kType;
  content["features"] = built.largest.size();
  content["labels"] = built.documents;
  content["documents"] = built.filled;
  content["mean_length"] = built.mean_length;
  content["fingerprints"] = {{"vectorizer", parts.vectorizer_fingerprint}};
  content["options"] = parts.options;
  if (parts.vectorizer != nullptr) content["vectorizer"] = parts.vectorizer->describe();

  write_postings(out, "", built);
  if (parts.vectorizer != nullptr) parts.vectorizer->write(out, "vectorizer/");
  write_stored_names(out, parts.names, built.documents);
  out.commit({std::string(kKind), kNewestVersion, std::move(content)});
}

}  // namespace xmr
