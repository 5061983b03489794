#include "xmr/serve/served_model.hpp"

#include <cerrno>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "xmr/io/corpus.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/verify.hpp"
#include "xmr/util/error.hpp"

namespace xmr::serve {
namespace {

ModelSet open_checked(const std::string& path) {
  verify_archive(NpzFile(path));
  return ModelSet(open_ranking_model(path));
}

// Returns the columns of a text query. A model whose vectorizer reads other columns than the usual ones names its own.
std::vector<std::string> columns_of(const ModelSet& models) {
  const CorpusColumns columns(models.text_columns());
  std::vector<std::string> usual = columns.names();
  if (models[0].capabilities().completion != nullptr)
    for (std::size_t i = 0; i < kMaxEarlier; ++i)
      usual.push_back(fmt::format("previous{}", i + 2));
  if (models[0].vectorizer() == nullptr) return usual;
  const std::vector<std::string>& read = models[0].vectorizer()->columns();
  const std::set<std::string> known(usual.begin(), usual.end());
  for (const std::string& column : read)
    if (!known.contains(column)) return read;
  return usual;
}

}  // namespace

FileIdentity FileIdentity::of(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) throw IoError(path, "look at", errno);
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .seconds = status.st_mtim.tv_sec,
          .nanoseconds = status.st_mtim.tv_nsec};
}

std::shared_ptr<const ServedModel> ServedModel::open(const std::string& name, const std::string& path,
                                                     const std::optional<BlockedWords>& blocked) {
  return std::make_shared<const ServedModel>(name, path, blocked);
}

ServedModel::ServedModel(std::string name, const std::string& path, const std::optional<BlockedWords>& blocked)
    : name_(std::move(name)), models_(open_checked(path)), columns_(columns_of(models_)), card_(make_card(path)) {
  if (blocked && completes()) blocked_.emplace(*blocked, models_.names().keys);
}

std::string ServedModel::make_card(const std::string& path) const {
  const NpzFile file(path);
  const Json& content = file.meta().content;
  const ModelCapabilities can = model().capabilities();
  return Json{{"name", name_},
              {"kind", content.value("type", std::string())},
              {"version", version()},
              {"labels", model().labels()},
              {"features", model().features()},
              {"bytes", file.bytes().size()},
              {"columns", columns_},
              {"can",
               {{"read_texts", model().vectorizer() != nullptr || completes()},
                {"read_features", reads_features()},
                {"complete", completes()},
                {"explain", explains()},
                {"search_tree", can.searches_tree},
                {"name_labels", !models_.names().empty()}}},
              {"calibrated", model().calibration() != nullptr},
              {"tool_version", file.meta().tool_version},
              {"content", content}}
      .dump();
}

const LabelNames* ServedModel::label_names() const {
  if (models_.names().empty()) return nullptr;
  std::call_once(names_made_, [this] { names_ = LabelNames::of(models_.names()); });
  return &*names_;
}

}  // namespace xmr::serve
