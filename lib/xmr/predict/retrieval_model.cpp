#include "xmr/predict/retrieval_model.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/retrieve/evidence.hpp"
#include "xmr/retrieve/text_space.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "model";
constexpr int kVersion = 2;  // grows with every change of the members
constexpr const char* kWords = "words";
constexpr const char* kGrams = "grams";
constexpr const char* kNeighbourMembers = "neighbours/";
constexpr const char* kMargin = "margin/";

std::string tree_member(std::size_t tree) {
  return fmt::format("tree{}", tree);
}

void require_size(const std::string& name, const char* what, std::uint64_t found, std::uint64_t needed) {
  if (found != needed) throw FormatError(name, fmt::format("{} {}, the model has {}", found, what, needed));
}

template <class Model>
void require_fit(const Model& model, std::uint64_t labels, std::uint64_t features) {
  require_size(model.name(), "labels", model.labels(), labels);
  require_size(model.name(), "features", model.features(), features);
}

void add_archive(NpzWriter& out, const std::string& member, const AlignedBytes& archive) {
  const std::uint64_t size = archive.view().size();
  out.add(member, DType::u1, {&size, 1}, archive.view());
}

}  // namespace

RetrievalModel::RetrievalModel(NpzFile file)
    : file_(std::make_unique<NpzFile>(std::move(file))), margin_(RetrievalEvidence::size()) {}

RetrievalModel RetrievalModel::open(NpzFile opened) {
  RetrievalModel model(std::move(opened));
  const NpzFile& file = *model.file_;
  if (const std::string type = model_type(file); type != kType)
    throw FormatError(file.name(), fmt::format("a model of type {}, {} is needed", quote(type), kType));
  file.require_kind(kKind, kVersion);
  if (file.meta().format_version < kVersion)
    throw FormatError(file.name(), "a retrieval model of an older version, with other members",
                      "train it again: xmr-train retrieval --help");
  const Json& content = file.meta().content;
  const std::uint64_t labels = meta_count(file, content, "labels", kMaxColumns);
  const std::uint64_t trees = meta_count(file, content, "trees", kMaxTrees);
  model.listed_ = static_cast<std::uint32_t>(meta_count(file, content, "listed", kMaxListed));
  if (model.listed_ == 0) throw FormatError(file.name(), "meta.json: sources that list 0 labels");
  model.names_ = read_stored_names(file, labels);
  if (model.names_.empty()) throw FormatError(file.name(), "holds no names of labels");
  model.vectorizer_ = Vectorizer::read(file, "vectorizer/", meta_value<Json>(file, content, "vectorizer"));
  model.vectorizer_fingerprint_ = model.vectorizer_->fingerprint();
  const TextSpace space = [&] {
    try {
      return TextSpace(*model.vectorizer_);
    } catch (const ConfigError& error) {
      throw FormatError(file.name(), error.what());
    }
  }();
  file.check("idf");
  model.idf_ = file.array<float>("idf");
  require_size(file.name(), "idf", model.idf_.size(), space.weighed());
  if (!std::ranges::all_of(model.idf_, [](float idf) { return idf > 0 && idf < 1e3F; }))
    throw FormatError(file.name(), "member idf: a number outside 0..1000");
  model.texts_ = LabelTexts::read(file, labels, *model.vectorizer_);
  model.links_ = WordLinks::read(file, model.vectorizer_->words());
  for (std::size_t tree = 0; tree < trees; ++tree) {
    model.trees_.push_back(XrLinearModel::open(file.nested(tree_member(tree))));
    require_fit(model.trees_.back(), labels, space.weighed());
  }
  if (file.has(kWords)) require_fit(model.words_.emplace(Bm25Model::open(file.nested(kWords))), labels, space.words());
  if (file.has(kGrams)) require_fit(model.grams_.emplace(Bm25Model::open(file.nested(kGrams))), labels, space.grams());
  if (meta_value<bool>(file, content, "neighbours"))
    model.neighbours_.emplace(file, kNeighbourMembers, space.weighed(), labels);
  model.margin_ = MarginModel::read(file, kMargin, RetrievalEvidence::size());
  return model;
}

void write_model(NpzWriter out, const RetrievalParts& parts, const MarginModel& margin, Json options) {
  Json content;
  content["type"] = RetrievalModel::kType;
  content["features"] = parts.vectorizer->features();
  content["labels"] = parts.names.keys.size();
  content["trees"] = parts.trees.size();
  content["listed"] = parts.listed;
  content["neighbours"] = parts.neighbours.has_value();
  content["fingerprints"] = {{"vectorizer", parts.vectorizer->fingerprint()}};
  content["options"] = std::move(options);
  content["vectorizer"] = parts.vectorizer->describe();
  for (std::size_t tree = 0; tree < parts.trees.size(); ++tree)
    add_archive(out, tree_member(tree), parts.trees[tree]);
  if (parts.words) add_archive(out, kWords, *parts.words);
  if (parts.grams) add_archive(out, kGrams, *parts.grams);
  if (parts.neighbours) write_neighbours(out, kNeighbourMembers, *parts.neighbours);
  parts.texts.write(out);
  parts.links.write(out);
  out.add("idf", parts.idf);
  margin.write(out, kMargin);
  parts.vectorizer->write(out, "vectorizer/");
  write_stored_names(out, parts.names, parts.names.keys.size());
  out.commit({std::string(kKind), kVersion, std::move(content)});
}

}  // namespace xmr
