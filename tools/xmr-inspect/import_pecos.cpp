// xmr-inspect import-pecos: models and vectorizers of PECOS as ours.

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "xmr/featurize/pecos_tfidf.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/model/pecos_import.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"

namespace xmr::tools {
namespace {

struct ImportOptions {
  std::string folder, output, vectorizer, labels;
  std::optional<std::uint32_t> member;

  void add_to(CLI::App& app) {
    app.add_option("FOLDER", folder, "XR-Linear model, text2text model or TF-IDF vectorizer of PECOS")->required();
    app.add_option("-o,--output", output, "Model or vectorizer to write")->type_name("FILE")->required();
    app.add_option("-f,--vectorizer", vectorizer, "Folder of the TF-IDF vectorizer that made the model's features")
        ->type_name("FOLDER");
    app.add_option("--labels", labels, "labels.txt; default: the output items of a text2text model")->type_name("FILE");
    app.add_option("--member", member, "Number of the model of an ensemble, from 0")
        ->transform(range(0U))
        ->default_str("");
  }
};

// The folders of a model.
struct Folders {
  std::string model, vectorizer, output_items;  // empty: none
};

bool has(const std::string& folder, const char* name) {
  return std::filesystem::exists(folder + "/" + name);
}

void refuse(const std::string& option, const std::string& reason) {
  throw ConfigError(fmt::format("{}: {}", option, reason));
}

std::uint32_t count_members(const std::string& ensemble) {
  std::uint32_t count = 0;
  while (has(ensemble, fmt::format("{}/param.json", count).c_str()))
    ++count;
  return count;
}

Folders find_text2text(const ImportOptions& options) {
  const std::string ensemble = options.folder + "/xlinear_ensemble";
  const std::uint32_t members = count_members(ensemble);
  if (members == 0) throw FormatError(ensemble, "has no 0/param.json");
  if (!options.vectorizer.empty()) refuse("--vectorizer", options.folder + " holds its own");
  if (!options.member && members > 1)
    throw ConfigError(fmt::format("{}: is an ensemble of {} models; --member selects one, 0..{}", options.folder,
                                  members, members - 1),
                      "import each, then: xmr-predict -m 0.npz -m 1.npz ... --combine average");
  if (options.member.value_or(0) >= members)
    refuse("--member", fmt::format("{} has 0..{}", options.folder, members - 1));
  Folders found{
      .model = fmt::format("{}/{}", ensemble, options.member.value_or(0)), .vectorizer = {}, .output_items = {}};
  found.vectorizer = options.folder + "/preprocessor";
  if (options.labels.empty()) found.output_items = options.folder + "/output_items.json";
  return found;
}

Folders find_folders(const ImportOptions& options) {
  if (has(options.folder, "xlinear_ensemble")) return find_text2text(options);
  if (options.member) refuse("--member", options.folder + " is not an ensemble");
  if (has(options.folder, "ranker")) return {options.folder, options.vectorizer, {}};
  if (!std::filesystem::exists(options.folder)) throw IoError(options.folder, "open", ENOENT);
  if (!has(options.folder, "meta.json") && !has(options.folder, "vectorizer"))
    throw FormatError(options.folder,
                      "is not a folder of PECOS: it has neither ranker/ (XR-Linear), "
                      "xlinear_ensemble/ (text2text), meta.json nor vectorizer/ (TF-IDF)");
  if (!options.vectorizer.empty()) refuse("--vectorizer", options.folder + " is a vectorizer itself");
  if (!options.labels.empty()) refuse("--labels", options.folder + " is a vectorizer, which has no labels");
  return {{}, options.folder, {}};
}

LabelNames read_output_items(const std::string& path) {
  const Json items = read_json(path);
  const std::string hint = "give the labels other names with --labels";
  if (!items.is_array()) throw FormatError(path, "must be an array of texts");
  LabelNames names;
  for (const Json& item : items.values()) {
    const std::string place = fmt::format("item {}", names.size());
    if (!item.is_string()) throw FormatError(path, place + ": must be a text");
    const auto& key = item.text();
    if (key.empty()) throw DataError(path, place + ": is empty", hint);
    if (key.find_first_of("\t\n\r") != std::string::npos)
      throw DataError(path, place + ": holds a TAB or a line break", hint);
    if (const auto same = names.find(key))
      throw DataError(path, fmt::format("{}: is the same as item {}", place, *same), hint);
    names.add(key, "", 0);
  }
  return names;
}

std::optional<LabelNames> read_names(const ImportOptions& options, const Folders& folders) {
  if (!options.labels.empty()) return LabelNames::read(options.labels);
  if (!folders.output_items.empty()) return read_output_items(folders.output_items);
  return std::nullopt;
}

void require_known(const PecosModel& model, const std::string& folder) {
  try {
    static_cast<void>(search_of(model.defaults));
  } catch (const ConfigError& error) {
    throw FormatError(folder + "/ranker/0.model/param.json", error.what(), "PECOS takes an unknown one for noop");
  }
}

void import_pecos(const ImportOptions& options, Run& run) {
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const Folders folders = find_folders(options);
  NpzWriter out(options.output);
  std::optional<Vectorizer> vectorizer;
  if (!folders.vectorizer.empty()) vectorizer = read_pecos_vectorizer(folders.vectorizer, run.parallel());
  if (folders.model.empty()) return write_vectorizer(out, *vectorizer);

  const std::optional<LabelNames> names = read_names(options, folders);
  const PecosModel model = read_pecos_model(folders.model, run.parallel());
  require_known(model, folders.model);
  if (vectorizer && vectorizer->features() != model.features)
    throw DataError(folders.vectorizer,
                    fmt::format("{} features, but {} has {}", vectorizer->features(), folders.model, model.features));
  if (names && names->size() != model.tree.label_count())
    throw DataError(options.labels.empty() ? folders.output_items : options.labels,
                    fmt::format("{} labels, but {} has {}", names->size(), folders.model, model.tree.label_count()));
  write_model(std::move(out), {.tree = model.tree,
                               .features = model.features,
                               .weight_type = WeightType::f4,
                               .levels = model.levels,
                               .defaults = model.defaults,
                               .vectorizer = vectorizer ? &*vectorizer : nullptr,
                               .vectorizer_fingerprint = vectorizer ? vectorizer->fingerprint() : "",
                               .names = names ? names->stored() : StoredNames{},
                               .options = model.options});
  run.record("features", model.features);
  run.record("labels", model.tree.label_count());
  run.record("labels_without_place", model.tree.label_count() - model.tree.placed_labels());
}

}  // namespace

void add_import_pecos(Tool& tool) {
  tool.command("import-pecos", "Converts a model or a vectorizer of PECOS into one that predicts the same.",
               "xmr-inspect import-pecos pecos-model -f pecos-tfidf -o model.npz\n"
               "echo \"wireless echo\" | xmr-predict -m model.npz",
               import_pecos);
}

}  // namespace xmr::tools
