#pragma once
// A model file that is open to be served: checked from the first to the last byte, with its card.
//
//   const auto model = ServedModel::open("shop", "model.npz");
//
// Errors: IoError; FormatError if any byte of the file is damaged. Cost of opening: the whole file is read. Thread
// rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "xmr/complete/blocked_words.hpp"
#include "xmr/io/names.hpp"
#include "xmr/predict/model_set.hpp"

namespace xmr::serve {

// The identity of a file, which changes if the file is replaced.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  // of the last change of content

  // Throws IoError if there is no such file.
  static FileIdentity of(const std::string& path);
  bool operator==(const FileIdentity&) const = default;
};

class ServedModel {
 public:
  // `name`: the name that requests give. `blocked`: words that no completion may hold.
  static std::shared_ptr<const ServedModel> open(const std::string& name, const std::string& path,
                                                 const std::optional<BlockedWords>& blocked = {});
  ServedModel(std::string name, const std::string& path, const std::optional<BlockedWords>& blocked);

  const std::string& name() const { return name_; }
  const ModelSet& models() const { return models_; }
  const RankingModel& model() const { return models_[0]; }
  // The fingerprint of the file.
  const std::string& version() const { return model().fingerprint(); }
  bool completes() const { return model().capabilities().completion != nullptr; }
  // Returns true if a query may be a row of features.
  bool reads_features() const {
    return model().capabilities().completion == nullptr && model().capabilities().retrieval == nullptr;
  }
  // Returns true if answers can be explained (predict/answer_details.hpp).
  bool explains() const {
    return model().capabilities().linear != nullptr || model().capabilities().retrieval != nullptr;
  }
  // The names of the columns of a text query.
  const std::vector<std::string>& columns() const { return columns_; }
  // The block list of a completion model; null: none.
  const BlockedLabels* blocked() const { return blocked_ ? &*blocked_ : nullptr; }
  // The card as one line of JSON: name, kind, numbers, capabilities, training.
  const std::string& card() const { return card_; }
  // The names of the labels, to look keys up. Made at the first call. Null: the model holds no names.
  const LabelNames* label_names() const;

 private:
  std::string make_card(const std::string& path) const;

  std::string name_;
  ModelSet models_;
  std::vector<std::string> columns_;
  std::string card_;
  std::optional<BlockedLabels> blocked_;
  mutable std::once_flag names_made_;
  mutable std::optional<LabelNames> names_;
};

}  // namespace xmr::serve
