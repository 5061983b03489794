#pragma once
// The XR-Linear model (PECOS, JMLR 23(98), 2022): a label tree and, per level, one linear ranker a node, stored as
// one chunk a parent, with what prediction needs to know: post-processor, beam, and, if given at training, the
// vectorizer (raw text goes in) and the labels' names (keys come out).
//
// Opening maps the file and looks at nothing that grows with the weights; a chunk, or what a visit reads of a large
// one, is verified at the visit. Thread rule: const methods from any thread.

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/model/chunk.hpp"
#include "xmr/model/chunk_rows.hpp"
#include "xmr/model/chunk_sums.hpp"
#include "xmr/model/chunk_table.hpp"
#include "xmr/model/ranker_tree.hpp"
#include "xmr/sparse/joined_features.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

// The rule that ranks two nodes with equal scores.
enum class TieRule {
  margin,    // the larger unsaturated margin (see docs/methods.md), then the smaller label id
  position,  // the parent's rank, then the order of the children: PECOS's
};

template <>
struct EnumNames<TieRule> {
  static constexpr EnumName<TieRule> kTable[] = {
      {TieRule::margin, "margin", "larger margin first, then smaller label id"},
      {TieRule::position, "position", "order of the tree, as PECOS"},
  };
};

// The defaults of prediction, recorded in the model.
struct PredictDefaults {
  std::string post_processor = "l3-hinge";  // see predict/post_processor.hpp for the names
  std::uint32_t beam = 10;
  std::vector<std::uint32_t> level_beams = {};  // of each level above the labels, instead of `beam`; or none
  TieRule ties = TieRule::margin;
};

class XrLinearModel final : public RankerTree {
 public:
  static constexpr std::string_view kType = "xr-linear";  // of models, as in meta.json
  // True for a shard (shard.hpp): its tree is a forest and has no root.
  static constexpr std::string_view kShardType = "xr-linear-shard";

  // Another type is that of a model which holds this one beside members of its own.
  static XrLinearModel open(NpzFile file, std::string_view type = kType);
  static XrLinearModel open(const std::string& path) { return open(NpzFile(path)); }

  const std::string& name() const { return name_; }
  const LabelTree& tree() const override { return tree_; }
  std::uint64_t labels() const { return tree_.label_count(); }
  std::uint64_t features() const { return features_; }
  WeightType weight_type() const { return weight_type_; }
  const PredictDefaults& defaults() const { return defaults_; }
  const Vectorizer* vectorizer() const { return vectorizer_ ? &*vectorizer_ : nullptr; }
  // The hash of the vectorizer that made the features of training, embedded or not; empty if unknown.
  const std::string& vectorizer_fingerprint() const { return vectorizer_fingerprint_; }
  // The parts of X, if it had several matrices or its rows had a norm or a weight; else empty.
  std::span<const FeaturePart> feature_parts() const { return feature_parts_; }
  const StoredNames& names() const { return names_; }

  // The chunk of a parent; verified at the first visit by anybody (FormatError with level and parent).
  ChunkView chunk(std::size_t level, NodeId parent) const override;
  // Verifies the blocks and rows of a large chunk that the query needs (chunk_sums.hpp); the whole chunk once visits
  // have hashed a quarter of it.
  ChunkView chunk_for(std::size_t level, NodeId parent, SparseRow query) const override;
  // FormatError if a block of a level has another checksum than the file says. Reads all chunks.
  void check_sums(std::size_t level) const;
  // Its weights by feature, checked (see chunk_rows.hpp).
  ChunkRows rows(std::size_t level, NodeId parent) const;
  // Number of stored weights of a level without the biases. Visits every chunk of it.
  std::uint64_t weights(std::size_t level) const;
  // The same as the chunks say, unverified; of more than `chunks` of them an estimate from so many, spread evenly.
  std::uint64_t claimed_weights(std::size_t level, std::uint64_t chunks) const;

  // A hash of the problem that each parent of a level is the solution of (train/problem_hash.hpp); empty for a model
  // that does not know. FormatError if there is not one a parent.
  std::span<const std::uint64_t> problems(std::size_t level) const;

  // Bytes of its chunks.
  std::uint64_t level_size(std::size_t level) const { return levels_[level].chunks.bytes(); }
  // The offset of each parent's chunk, and the size of all chunks (parents + 1 entries). Only the last is checked.
  std::span<const std::uint64_t> chunk_offsets(std::size_t level) const { return levels_[level].chunks.offsets(); }
  // The recorded checksum of a chunk, unverified. Throws FormatError if the chunk lies outside the file.
  std::uint64_t chunk_checksum(std::size_t level, NodeId parent) const;

  const NpzFile& file() const { return *file_; }
  const Json& content() const { return file_->meta().content; }

 private:
  XrLinearModel() = default;
  struct Level {
    StoredChunks chunks;  // by parent
    ChunkSums sums;
    // By parent: 0 before the first visit, then the number of blocks that visits hashed; kWhole: all is verified.
    std::unique_ptr<std::atomic<std::uint32_t>[]> verified;
  };
  static constexpr std::uint32_t kWhole = 0xffffffffU;
  // Checks that a chunk with a right head fits the model: the type of its weights, the labels of its children.
  void check_place(ChunkView chunk, std::size_t level, NodeId parent, const std::string& here) const;
  std::string place(std::size_t level, NodeId parent) const;
  void open_level(std::size_t level);
  void open_vectorizer();

  std::string name_;
  std::shared_ptr<const NpzFile> file_;
  LabelTree tree_;
  std::uint64_t features_ = 0;
  WeightType weight_type_ = WeightType::f2;
  PredictDefaults defaults_;
  std::optional<Vectorizer> vectorizer_;
  std::string vectorizer_fingerprint_;
  std::vector<FeaturePart> feature_parts_;
  StoredNames names_;
  std::vector<Level> levels_;
};

// As in meta.json. Of a file with `levels` levels: FormatError for a value that is missing, or none.
Json describe(const PredictDefaults& defaults);
PredictDefaults read_defaults(const NpzFile& file, const Json& object, std::uint64_t levels);
WeightType read_weight_type(const NpzFile& file, const Json& content);

// Everything that a model file holds.
struct XrLinearParts {
  const LabelTree& tree;
  std::uint64_t features;
  WeightType weight_type;  // of all chunks
  ChunkTable levels;       // tree.depth() of them
  PredictDefaults defaults;
  const Vectorizer* vectorizer = nullptr;
  std::string vectorizer_fingerprint = {};  // of X's vectorizer, embedded or not; empty if it is not known
  StoredNames names = {};
  Json options;                                               // the training options that determine the content
  std::span<const std::vector<std::uint64_t>> problems = {};  // of each level and parent, or of none
  std::string_view type = XrLinearModel::kType;
  Json more = {};  // of `content`
};
// Writes the file, chunk by chunk, and makes it appear. DataError if the number of names is not the number of labels.
void write_model(NpzWriter out, const XrLinearParts& parts);

}  // namespace xmr
