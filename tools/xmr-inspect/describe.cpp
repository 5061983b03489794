#include "xmr-inspect/describe.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "xmr/combine/calibration.hpp"
#include "xmr/distributed/fit_part.hpp"
#include "xmr/distributed/train_part.hpp"
#include "xmr/distributed/train_plan.hpp"
#include "xmr/distributed/tree_plan.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_statistics.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/packing.hpp"
#include "xmr/io/text_statistics.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/sparse/statistics.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/util/utf8.hpp"

#include "xmr-inspect/input.hpp"
#include "xmr-inspect/report.hpp"

namespace xmr::tools {
namespace {

// Returns the number in the fewest digits that read back as the same float.
Json number(float value) {
  return Json::parse(fmt::format("{}", value));
}

Json from_to(float from, float to) {
  return {{"from", number(from)}, {"to", number(to)}};
}

// Returns the digits of a header as a number, or as text if they are too many.
Json number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? Json(value) : Json(std::string(digits));
}

void add_matrix(Json& facts, CsrView matrix) {
  const MatrixStatistics found = statistics(matrix);
  facts["rows"] = matrix.rows;
  facts["columns"] = matrix.cols;
  facts["entries"] = matrix.nnz();
  facts["entries_of_a_row"] = facts_of(found.row_entries);
  facts["rows_without_entries"] = found.empty_rows;
  facts["entries_of_a_used_column"] = facts_of(found.column_entries);
  facts["columns_without_entries"] = matrix.cols - found.used_columns;
  facts["values"] = from_to(found.min_value, found.max_value);
}

void add_predictions(Json& facts, CsrView ranked) {
  const MatrixStatistics found = statistics(ranked);
  facts["rows"] = ranked.rows;
  facts["labels"] = ranked.cols;
  facts["answers"] = ranked.nnz();
  facts["answers_of_a_row"] = facts_of(found.row_entries);
  facts["rows_without_answers"] = found.empty_rows;
  facts["labels_never_answered"] = ranked.cols - found.used_columns;
  facts["scores"] = from_to(found.min_value, found.max_value);
}

Json levels_of(const LabelTree& tree) {
  Json levels = Json::array();
  for (const LevelStatistics& level : level_statistics(tree))
    levels.push_back({{"level", levels.size()},
                      {"nodes", level.nodes},
                      {"children_of_a_parent", facts_of(level.children)},
                      {"labels_of_a_node", facts_of(level.labels)}});
  return levels;
}

// Returns the places of the labels below a node.
NodeRange places_below(const LabelTree& tree, std::size_t level, NodeId node) {
  NodeId first = node, last = node + 1;
  while (++level < tree.depth()) {
    first = tree.offsets(level)[first];
    last = tree.offsets(level)[last];
  }
  return {first, last};
}

// Returns four nodes of each level above the labels, evenly spaced, with five labels each.
Json some_nodes(const LabelTree& tree, const StoredNames& names) {
  constexpr NodeId kNodes = 4, kLabels = 5;
  Json rows = Json::array();
  for (std::size_t level = 0; level + 1 < tree.depth(); ++level)
    for (NodeId i = 0; i < std::min(kNodes, tree.nodes(level)); ++i) {
      const NodeId node = i * std::max<NodeId>(tree.nodes(level) / kNodes, 1);
      const NodeRange places = places_below(tree, level, node);
      Json labels = Json::array();
      for (NodeId j = 0; j < std::min(kLabels, places.size()); ++j) {
        const NodeId place = places.front() + j * std::max<NodeId>(places.size() / kLabels, 1);
        tree.check_labels({place, place + 1});
        const LabelId label = tree.label(place);
        labels.push_back(names.empty() ? std::to_string(label) : std::string(names.key(label)));
      }
      rows.push_back(
          {{"level", level}, {"node", node}, {"labels", places.size()}, {"some_of_them", std::move(labels)}});
    }
  return rows;
}

void add_some_nodes(Json& facts, const LabelTree& tree, const StoredNames& names = {}) {
  if (tree.depth() > 1) facts["some_nodes"] = some_nodes(tree, names);
}

// Returns facts of a calibration, with eight knots evenly from the first to the last.
Json calibration_facts(const Calibration& calibration) {
  constexpr std::size_t kSamples = 8;
  Json curve = Json::array();
  const std::size_t samples = std::min(kSamples, calibration.knots());
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t knot = samples == 1 ? 0 : i * (calibration.knots() - 1) / (samples - 1);
    curve.push_back(
        {{"score", number(calibration.scores()[knot])}, {"probability", number(calibration.probabilities()[knot])}});
  }
  Json facts = {{"knots", calibration.knots()}, {"has_thresholds", !calibration.thresholds().empty()}};
  if (!calibration.thresholds().empty()) {
    const auto [least, most] = std::ranges::minmax(calibration.thresholds());
    facts["thresholds"] = from_to(least, most);
  }
  facts["some_knots"] = std::move(curve);
  return facts;
}

void add_tree(Json& facts, const LabelTree& tree) {
  facts["labels"] = tree.label_count();
  facts["depth"] = tree.depth();
  facts["fingerprint"] = tree.fingerprint();
  facts["levels"] = levels_of(tree);
  add_some_nodes(facts, tree);
}

// Returns eight features of a block, evenly by number: from frequent to rare if xmr-featurize fitted it.
Json samples_of(const Vectorizer& vectorizer, std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t kSamples = 8;
  constexpr std::size_t kLongestSample = 60;  // bytes
  Json samples = Json::array();
  const std::uint64_t step = std::max<std::uint64_t>(count / kSamples, 1);
  for (std::uint64_t i = 0; i < count && samples.size() < kSamples; i += step) {
    std::string text = vectorizer.feature_text(static_cast<FeatureId>(first + i));
    std::size_t kept = std::min(text.size(), kLongestSample);
    while (kept < text.size() && !begins_point(text[kept]))
      --kept;
    if (kept < text.size()) text.replace(kept, std::string::npos, "...");
    samples.push_back(std::move(text));
  }
  return samples;
}

Json vectorizer_facts(const Vectorizer& vectorizer, const NpzFile& file, const std::string& prefix) {
  Json blocks = Json::array();
  std::uint64_t first = 0;
  for (const BlockOptions& block : vectorizer.options().blocks) {
    const std::string member = fmt::format("{}block{}/grams", prefix, blocks.size());
    const std::uint64_t count =
        block.hash_bits > 0 ? std::uint64_t{1} << block.hash_bits : file.get(member).shape.front();
    blocks.push_back({{"n-grams", fmt::format("{} {}-{}", name_of(block.kind), block.min_n, block.max_n)},
                      {"column", block.column},
                      {"features", count},
                      {"some_of_them", samples_of(vectorizer, first, count)}});
    first += count;
  }
  return {{"features", vectorizer.features()}, {"columns", vectorizer.columns()}, {"blocks", std::move(blocks)}};
}

void add_model(Json& facts, const XrLinearModel& model, const NpzFile& file) {
  facts["features"] = model.features();
  facts["labels"] = model.tree().label_count();
  facts["post_processor"] = model.defaults().post_processor;
  facts["beam"] = model.defaults().beam;
  facts["has_vectorizer"] = model.vectorizer() != nullptr;
  facts["has_label_names"] = !model.names().empty();
  Json levels = levels_of(model.tree());
  constexpr std::uint64_t kChunks = 1024;  // each is a page of the file
  std::uint64_t weights = 0;
  bool is_estimate = false;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const std::uint64_t here = model.claimed_weights(level, kChunks);
    is_estimate = is_estimate || model.tree().parents(level) > kChunks;
    levels[level]["weights"] = here;
    levels[level]["bytes"] = file.get(fmt::format("level{}/chunks", level)).bytes.size();
    weights += here;
  }
  facts["weights"] = weights;
  if (is_estimate) facts["weights_are"] = fmt::format("an estimate from {} chunks of a level", kChunks);
  facts["levels"] = std::move(levels);
  if (model.vectorizer() != nullptr) facts["vectorizer"] = vectorizer_facts(*model.vectorizer(), file, "vectorizer/");
  add_some_nodes(facts, model.tree(), model.names());
}

void add_model(Json& facts, const Bm25Model& model, const NpzFile& file) {
  facts["features"] = model.features();
  facts["labels"] = model.labels();
  facts["has_vectorizer"] = model.vectorizer() != nullptr;
  facts["has_label_names"] = !model.names().empty();
  facts["postings"] = model.postings().verify();
  if (model.vectorizer() != nullptr) facts["vectorizer"] = vectorizer_facts(*model.vectorizer(), file, "vectorizer/");
}

void add_model(Json& facts, const RetrievalModel& model, const NpzFile& file) {
  facts["labels"] = model.labels();
  Json sources = Json::array();
  if (!model.trees().empty()) sources.push_back(fmt::format("trees, {}", model.trees().size()));
  if (model.words() != nullptr)
    sources.push_back(fmt::format("words, {} postings", model.words()->postings().verify()));
  if (model.grams() != nullptr)
    sources.push_back(fmt::format("characters, {} postings", model.grams()->postings().verify()));
  if (model.neighbours() != nullptr)
    sources.push_back(fmt::format("neighbours, {} rows", model.neighbours()->rows().documents()));
  facts["sources"] = std::move(sources);
  facts["margin"] = {{"weights", model.margin().logistic().columns()}, {"trees", model.margin().trees().trees()}};
  facts["vectorizer"] = vectorizer_facts(*model.vectorizer(), file, "vectorizer/");
}

// Adds nothing for an unknown type: its members are shown.
void add_model_of_any_type(Json& facts, const NpzFile& file, const std::string& path) {
  const std::string type = model_type(file);
  if (type == XrLinearModel::kType) add_model(facts, XrLinearModel::open(path), file);
  if (type == XrLinearModel::kShardType) add_model(facts, ShardModel::open(path).linear(), file);
  if (type == Bm25Model::kType) add_model(facts, Bm25Model::open(path), file);
  if (type == RetrievalModel::kType) add_model(facts, RetrievalModel::open(NpzFile(path)), file);
  if (type == CompletionModel::kType) {
    const CompletionModel model = CompletionModel::open(path);
    if (model.linear() != nullptr)
      add_model(facts, *model.linear(), file);
    else
      facts["labels"] = model.labels();
    if (!model.recent().empty()) facts["half_life_seconds"] = model.recent().half_life();
  }
}

void add_part(Json& facts, const TrainedPart& part) {
  facts["pieces"] = part.pieces().size();
  if (part.pieces().empty()) return;
  const Piece &first = part.pieces().front(), &last = part.pieces().back();
  facts["from"] = {{"level", first.level}, {"parent", first.parent}};
  facts["to"] = {{"level", last.level}, {"parent", last.parent}};
}

void add_fit_part(Json& facts, const FitPart& part) {
  facts["rows"] = part.rows();
  facts["words"] = part.words().size();
  Json blocks = Json::array();
  for (std::size_t b = 0; b < part.blocks().size(); ++b) {
    const BlockOptions& options = part.options().blocks[b];
    blocks.push_back({{"n-grams", fmt::format("{} {}-{}", name_of(options.kind), options.min_n, options.max_n)},
                      {"column", options.column},
                      {"different", part.blocks()[b].rows.size()}});
  }
  facts["blocks"] = std::move(blocks);
}

Json members_of(const NpzFile& file) {
  Json members = Json::array();
  for (const std::string& name : file.members()) {
    const std::uint64_t bytes = file.raw(name).size();
    Json member = {{"member", name}, {"type", ""}, {"shape", ""}, {"bytes", bytes}};
    if (name != "meta.json") {
      const NpyArray array = file.get(name);
      member["type"] = array.dtype == DType::bytes ? fmt::format("bytes{}", array.item_size) : dtype_name(array.dtype);
      member["shape"] = array.shape;
    }
    members.push_back(std::move(member));
  }
  return members;
}

void add_npz(Json& facts, const std::string& path) {
  const NpzFile file(path);
  const std::string kind = file.has_meta() ? file.meta().kind : "";
  if (file.has_meta()) {
    facts["kind"] = kind;
    facts["format_version"] = file.meta().format_version;
    facts["tool_version"] = file.meta().tool_version;
  } else {
    facts["kind"] = "npz of another program";
  }
  facts["bytes"] = file.bytes().size();
  if (kind == "matrix" || (!file.has_meta() && file.has("indptr"))) add_matrix(facts, MatrixFile(path).view());
  if (kind == "predictions") add_predictions(facts, PredictionFile(path).view());
  if (kind == "label-tree") add_tree(facts, read_tree(path));
  if (kind == "vectorizer") facts.update(vectorizer_facts(VectorizerFile(path).vectorizer(), file, ""));
  if (kind == "model") add_model_of_any_type(facts, file, path);
  if (const auto calibration = Calibration::find(file)) facts["calibration"] = calibration_facts(*calibration);
  if (kind == "plan") facts["fingerprint"] = TrainPlan::read(path).fingerprint();
  if (kind == "part") add_part(facts, TrainedPart(path));
  if (kind == "fit-part") add_fit_part(facts, FitPart(path));
  if (kind == "tree-plan") facts["fingerprint"] = TreePlan::read(path).fingerprint();
  if (kind == "tree-part") facts["labels"] = TreePart(path).subtrees.labels.size();
  if (file.has_meta() && !file.meta().content.empty()) facts["content"] = file.meta().content;
  facts["members"] = members_of(file);
}

void add_text(Json& facts, const std::string& path) {
  InputFile input(path);
  const std::string_view start = without_mark(input.peek(4096));
  auto header = find_text_header(start.substr(0, start.find('\n')));
  if (header && header->size() < 3) header.reset();
  facts["kind"] = header ? "XMC repository text" : "text";
  if (header) {
    facts["rows"] = number((*header)[0]);
    facts["features"] = number((*header)[1]);
    facts["labels"] = number((*header)[2]);
  }
  if (input.packing() != Packing::none) facts["packed_by"] = name_of(input.packing());
  const TextStatistics found = text_statistics(std::move(input));
  facts["bytes"] = found.bytes;
  facts["lines"] = found.lines;
  facts["empty_lines"] = found.empty_lines;
  facts["longest_line"] = found.longest_line;
  facts["columns_by_tab"] = {{"from", found.least_columns}, {"to", found.most_columns}};
  facts["lines_not_utf8"] = found.ill_formed_lines;
}

}  // namespace

Json describe(const std::string& path) {
  Json facts;
  switch (kind_of(path)) {
    case FileKind::npz:
      add_npz(facts, path);
      break;
    case FileKind::npy:
      facts["kind"] = "npy array";
      add_matrix(facts, MatrixFile(path).view());
      break;
    case FileKind::text:
    case FileKind::empty:
      add_text(facts, path);
      break;
  }
  return facts;
}

}  // namespace xmr::tools
