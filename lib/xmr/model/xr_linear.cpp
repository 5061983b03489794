#include "xmr/model/xr_linear.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/model/visit_check.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

namespace {

constexpr std::string_view kKind = "model";
constexpr int kNewestVersion = 4;
constexpr const char* kProblems = "problems";
constexpr std::uint32_t kMaxBeam = 0xffffffffU;
constexpr int kOldestVersion = 4;  // older ones had other chunks
// A chunk is verified whole if it has fewer than kLeastBlocks blocks, or if visits have hashed 1/kWholeShare of them.
constexpr std::uint64_t kLeastBlocks = 8, kWholeShare = 4;

std::string level_prefix(std::size_t level) {
  return fmt::format("level{}/", level);
}

// A beam for each level above the labels.
void read_beams(const NpzFile& file, const Json& beams, std::uint64_t levels, PredictDefaults& defaults) {
  if (beams.empty() || beams.size() + 1 != levels)
    throw FormatError(file.name(), fmt::format("meta.json: \"beam\" has {} numbers, the levels above the labels are {}",
                                               beams.size(), levels - 1));
  for (const Json& beam : beams.values()) {
    if (!beam.is_count() || beam.get<std::uint64_t>() > kMaxBeam)
      throw FormatError(file.name(), fmt::format("meta.json: \"beam\" must hold numbers in 0..{}", kMaxBeam));
    defaults.level_beams.push_back(beam.get<std::uint32_t>());
  }
  defaults.beam = std::ranges::max(defaults.level_beams);
}

Json beam_of(const PredictDefaults& defaults) {
  if (defaults.level_beams.empty()) return defaults.beam;
  return defaults.level_beams;
}

}  // namespace

Json describe(const PredictDefaults& defaults) {
  return {{"post_processor", defaults.post_processor}, {"beam", beam_of(defaults)}, {"ties", name_of(defaults.ties)}};
}

PredictDefaults read_defaults(const NpzFile& file, const Json& object, std::uint64_t levels) {
  PredictDefaults defaults;
  defaults.post_processor = meta_value<std::string>(file, object, "post_processor");
  const Json* const beam = object.find("beam");
  if (beam != nullptr && beam->is_array())
    read_beams(file, *beam, levels, defaults);
  else
    defaults.beam = static_cast<std::uint32_t>(meta_count(file, object, "beam", kMaxBeam));
  defaults.ties = meta_named<TieRule>(file, object, "ties");
  return defaults;
}

WeightType read_weight_type(const NpzFile& file, const Json& content) {
  return meta_named<WeightType>(file, content, "weight_type");
}

XrLinearModel XrLinearModel::open(NpzFile opened, std::string_view type) {
  XrLinearModel model;
  model.file_ = std::make_shared<const NpzFile>(std::move(opened));
  const NpzFile& file = *model.file_;
  const bool is_shard = type == kShardType;
  const std::string found = model_type(file);
  if (found == kShardType && !is_shard)
    throw FormatError(file.name(), "is a shard of a model, not a whole one", "xmr-predict --below asks it");
  if (found != type)
    throw FormatError(file.name(), fmt::format("a model of type {}, {} is needed", quote(found), type));
  file.require_kind(kKind, kNewestVersion);
  if (file.meta().format_version < kOldestVersion)
    throw FormatError(file.name(), "was written by an older version, with other chunks", "train the model again");
  model.name_ = file.name();
  const Json& content = file.meta().content;
  model.features_ = meta_count(file, content, "features", kNoFeature);
  const std::uint64_t depth = meta_count(file, content, "levels", 64);
  if (depth == 0) throw FormatError(file.name(), "meta.json: a model has at least 1 level");
  model.weight_type_ = read_weight_type(file, content);
  model.defaults_ = read_defaults(file, meta_value<Json>(file, content, "predict"), depth);
  const std::uint64_t labels = meta_count(file, content, "labels", kMaxColumns);
  if (is_shard && depth != 1) throw FormatError(file.name(), fmt::format("meta.json: a shard with {} levels", depth));
  model.tree_ =
      is_shard ? LabelTree::read_forest(file, "tree/", labels) : LabelTree::open(model.file_, "tree/", depth, labels);
  for (std::size_t level = 0; level < depth; ++level)
    model.open_level(level);
  model.vectorizer_fingerprint_ =
      meta_value<std::string>(file, meta_value<Json>(file, content, "fingerprints"), "vectorizer");
  if (content.contains("vectorizer")) model.open_vectorizer();
  if (const Json* const options = content.find("options"))
    model.feature_parts_ = xmr::feature_parts(*options, file.name());
  model.names_ = read_stored_names(file, model.labels());
  return model;
}

void XrLinearModel::open_level(std::size_t level) {
  const std::size_t parents = tree_.parents(level);
  Level opened{.chunks = StoredChunks(*file_, level_prefix(level), parents),
               .sums = ChunkSums(*file_, level_prefix(level)),
               .verified = std::make_unique<std::atomic<std::uint32_t>[]>(parents)};
  levels_.push_back(std::move(opened));
}

void XrLinearModel::open_vectorizer() {
  vectorizer_ = Vectorizer::read(*file_, "vectorizer/", content().at("vectorizer"));
  if (vectorizer_->features() != features_)
    throw FormatError(name_,
                      fmt::format("the vectorizer has {} features, the model {}", vectorizer_->features(), features_));
}

ChunkView XrLinearModel::chunk(std::size_t level, NodeId parent) const {
  const Level& in = levels_[level];
  std::atomic<std::uint32_t>& verified = in.verified[parent];
  // Several threads may verify the same chunk at once, with the same result.
  if (verified.load(std::memory_order_relaxed) == kWhole) return ChunkView::trusted(in.chunks.trusted(parent));
  const std::string here = place(level, parent);
  const auto children = static_cast<std::uint32_t>(tree_.children(level, parent).size());
  const ChunkView chunk = ChunkView::open(in.chunks.at(parent, here), children, features_, here);
  check_place(chunk, level, parent, here);
  verified.store(kWhole, std::memory_order_relaxed);
  return chunk;
}

ChunkView XrLinearModel::chunk_for(std::size_t level, NodeId parent, SparseRow query) const {
  const Level& in = levels_[level];
  std::atomic<std::uint32_t>& verified = in.verified[parent];
  std::uint32_t before = verified.load(std::memory_order_relaxed);
  if (before == kWhole) return ChunkView::trusted(in.chunks.trusted(parent));
  if (in.sums.empty()) return chunk(level, parent);
  const std::string_view bytes = in.chunks.at(parent, name_);
  if (bytes.size() < kLeastBlocks * ChunkSums::kBlock || before * kWholeShare >= bytes.size() / ChunkSums::kBlock)
    return chunk(level, parent);
  std::uint32_t hashed = 0;
  const auto touch = [&](const void* at, std::size_t size) {
    if (!in.sums.verify(at, size, hashed)) throw FormatError(place(level, parent), "damaged chunk (checksum)");
  };
  ChunkView chunk = ChunkView::trusted(bytes);
  if (before == 0) {
    const std::string here = place(level, parent);
    const auto children = static_cast<std::uint32_t>(tree_.children(level, parent).size());
    touch(bytes.data(), std::min<std::uint64_t>(ChunkView::head_size(children), bytes.size()));
    chunk = ChunkView::open_head(bytes, children, features_, here);
    check_place(chunk, level, parent, here);
  }
  if (const char* fault = find_visit_fault(chunk, query, touch))
    throw FormatError(place(level, parent), fmt::format("bad chunk: {}", fault));
  // Another thread that was faster has counted its own blocks, or all.
  verified.compare_exchange_strong(before, before + std::max(hashed, 1U), std::memory_order_relaxed);
  return chunk;
}

void XrLinearModel::check_place(ChunkView chunk, std::size_t level, NodeId parent, const std::string& here) const {
  if (chunk.type() != weight_type_)
    throw FormatError(
        here, fmt::format("weights of type {}, meta.json says {}", name_of(chunk.type()), name_of(weight_type_)));
  if (level + 1 == tree_.depth()) tree_.check_labels(tree_.children(level, parent));
}

void XrLinearModel::check_sums(std::size_t level) const {
  if (!levels_[level].sums.verify_all())
    throw FormatError(name_, fmt::format("level {}: a block of the chunks has another checksum", level));
}

std::uint64_t XrLinearModel::chunk_checksum(std::size_t level, NodeId parent) const {
  const std::string_view bytes = levels_[level].chunks.at(parent, place(level, parent));
  std::uint64_t checksum = 0;
  bytes.copy(reinterpret_cast<char*>(&checksum), sizeof checksum);
  return checksum;
}

ChunkRows XrLinearModel::rows(std::size_t level, NodeId parent) const {
  return read_rows(chunk(level, parent), place(level, parent));
}

std::string XrLinearModel::place(std::size_t level, NodeId parent) const {
  return fmt::format("{}: level {}, parent {}", name_, level, parent);
}

std::span<const std::uint64_t> XrLinearModel::problems(std::size_t level) const {
  const std::string member = level_prefix(level) + kProblems;
  if (!file_->has(member)) return {};
  file_->check(member);
  const auto problems = file_->array<std::uint64_t>(member);
  if (problems.size() != tree_.parents(level))
    throw FormatError(name_,
                      fmt::format("{}: {} entries, {} are needed", member, problems.size(), tree_.parents(level)));
  return problems;
}

std::uint64_t XrLinearModel::weights(std::size_t level) const {
  std::uint64_t count = 0;
  for (NodeId parent = 0; parent < tree_.parents(level); ++parent)
    count += chunk(level, parent).weights();
  return count;
}

std::uint64_t XrLinearModel::claimed_weights(std::size_t level, std::uint64_t chunks) const {
  const std::uint64_t parents = tree_.parents(level), visited = std::min(parents, chunks);
  std::uint64_t count = 0, bytes = 0;
  for (std::uint64_t i = 0; i < visited; ++i) {
    const auto parent = static_cast<NodeId>(parents * i / visited);
    const std::string here = place(level, parent);
    const std::string_view chunk = levels_[level].chunks.at(parent, here);
    count += xmr::claimed_weights(chunk, here);
    bytes += chunk.size();
  }
  if (visited == parents || bytes == 0) return count;
  return static_cast<std::uint64_t>(static_cast<double>(count) / static_cast<double>(bytes) *
                                    static_cast<double>(level_size(level)));
}

void write_model(NpzWriter out, const XrLinearParts& parts) {
  if (parts.features > kNoFeature)
    throw DataError(fmt::format("{} features, a model has at most {}", parts.features, kNoFeature));
  Json content;
  content["type"] = parts.type;
  content["features"] = parts.features;
  content["labels"] = parts.tree.label_count();
  content["levels"] = parts.tree.depth();
  content["weight_type"] = name_of(parts.weight_type);
  content["fingerprints"] = {{"tree", parts.tree.fingerprint()}, {"vectorizer", parts.vectorizer_fingerprint}};
  content["predict"] = describe(parts.defaults);
  content["options"] = parts.options;
  if (parts.vectorizer != nullptr) content["vectorizer"] = parts.vectorizer->describe();
  content.update(parts.more);

  parts.tree.write(out, "tree/");
  for (std::size_t level = 0; level < parts.levels.depth(); ++level) {
    ChunkSumsBuilder sums;
    write_chunks(out, level_prefix(level), parts.levels.level(level), &sums);
    sums.write(out, level_prefix(level));
    if (!parts.problems.empty()) out.add(level_prefix(level) + kProblems, parts.problems[level]);
  }
  if (parts.vectorizer != nullptr) parts.vectorizer->write(out, "vectorizer/");
  write_stored_names(out, parts.names, parts.tree.label_count());
  out.commit({std::string(kKind), kNewestVersion, std::move(content)});
}

}  // namespace xmr
