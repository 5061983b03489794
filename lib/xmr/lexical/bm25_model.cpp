#include "xmr/lexical/bm25_model.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "model";
constexpr int kNewestVersion = 1;

// Pairs of 32-bit numbers: label, impact.
std::span<const Posting> read_postings(const NpzFile& file) {
  const NpyArray array = file.get("postings");
  if (array.shape.size() != 2 || array.shape[1] != 2 || array.fortran_order)
    throw FormatError(array.name, "must have two dimensions, the second of 2");
  const auto numbers = array.as<std::uint32_t>();
  return {reinterpret_cast<const Posting*>(numbers.data()), numbers.size() / 2};
}

}  // namespace

Bm25Model Bm25Model::open(NpzFile opened) {
  Bm25Model model;
  model.file_ = std::make_unique<NpzFile>(std::move(opened));
  const NpzFile& file = *model.file_;
  if (const std::string type = model_type(file); type != kType)
    throw FormatError(file.name(), fmt::format("a model of type {}, {} is needed", quote(type), kType));
  file.require_kind(kKind, kNewestVersion);
  model.name_ = file.name();
  const nlohmann::ordered_json& content = file.meta().content;
  model.labels_ = meta_count(file, content, "labels", std::uint64_t{1} << 32);
  model.open_postings(meta_count(file, content, "features", std::uint64_t{1} << 32));
  model.vectorizer_fingerprint_ =
      meta_value<std::string>(file, meta_value<nlohmann::ordered_json>(file, content, "fingerprints"), "vectorizer");
  if (content.contains("vectorizer")) {
    model.vectorizer_ = Vectorizer::read(file, "vectorizer/", content.at("vectorizer"));
    if (model.vectorizer_->features() != model.features())
      throw FormatError(model.name_, fmt::format("the vectorizer has {} features, the model {}",
                                                 model.vectorizer_->features(), model.features()));
  }
  model.names_ = read_stored_names(file, model.labels_);
  return model;
}

void Bm25Model::open_postings(std::uint64_t features) {
  offsets_ = file_->array<std::uint64_t>("offsets");
  largest_ = file_->array<std::uint32_t>("largest");
  checksums_ = file_->array<std::uint64_t>("checksums");
  postings_ = read_postings(*file_);
  const std::uint64_t pieces = (features + kPieceFeatures - 1) / kPieceFeatures;
  const auto require = [&](const char* member, std::uint64_t size, std::uint64_t needed) {
    if (size != needed)
      throw FormatError(name_, fmt::format("{}: {} entries, {} features need {}", member, size, features, needed));
  };
  require("offsets", offsets_.size(), features + 1);
  require("largest", largest_.size(), features);
  require("checksums", checksums_.size(), pieces);
  verified_ = std::make_unique<std::atomic<bool>[]>(pieces);
}

void Bm25Model::verify_piece(std::size_t number) const {
  const std::size_t first = number * kPieceFeatures;
  const std::size_t count = std::min<std::size_t>(kPieceFeatures, features() - first);
  const auto offsets = offsets_.subspan(first, count + 1);
  const std::string place = fmt::format("{}: features {}..{}", name_, first, first + count - 1);
  if (!std::ranges::is_sorted(offsets) || offsets.back() > postings_.size())
    throw FormatError(place, "damaged postings (offsets)");
  const PostingsPiece piece{offsets, largest_.subspan(first, count),
                            postings_.subspan(offsets.front(), offsets.back() - offsets.front())};
  if (checksum(piece, number) != checksums_[number]) throw FormatError(place, "damaged postings (checksum)");
  if (const std::string fault = find_fault(piece, labels_); !fault.empty())
    throw FormatError(place, fmt::format("bad postings: {}", fault));
  // Several threads may verify the same piece at once: each finds the same.
  verified_[number].store(true, std::memory_order_relaxed);
}

FeaturePostings Bm25Model::postings(FeatureId feature) const {
  const std::size_t piece = feature / kPieceFeatures;
  if (!verified_[piece].load(std::memory_order_relaxed)) verify_piece(piece);
  const std::uint64_t begin = offsets_[feature];
  return {postings_.subspan(begin, offsets_[feature + 1] - begin), largest_[feature]};
}

std::uint64_t Bm25Model::verify() const {
  for (std::size_t piece = 0; piece < checksums_.size(); ++piece)
    verify_piece(piece);
  return postings_.size();
}

void write_model(NpzWriter out, const Bm25Parts& parts) {
  const Bm25Postings& built = parts.postings;
  nlohmann::ordered_json content;
  content["type"] = Bm25Model::kType;
  content["features"] = built.largest.size();
  content["labels"] = built.labels;
  content["documents"] = built.documents;
  content["mean_length"] = built.mean_length;
  content["fingerprints"] = {{"vectorizer", parts.vectorizer_fingerprint}};
  content["options"] = parts.options;
  if (parts.vectorizer != nullptr) content["vectorizer"] = parts.vectorizer->describe();

  out.add("offsets", built.offsets);
  out.add("largest", built.largest);
  out.add("checksums", built.checksums);
  const std::array<std::uint64_t, 2> shape = {built.postings.size(), 2};
  const auto bytes = std::as_bytes(std::span(built.postings));
  out.add("postings", DType::u4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (parts.vectorizer != nullptr) parts.vectorizer->write(out, "vectorizer/");
  write_stored_names(out, parts.names, built.labels);
  out.commit({std::string(kKind), kNewestVersion, std::move(content)});
}

}  // namespace xmr
