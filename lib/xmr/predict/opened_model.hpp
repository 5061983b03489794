#pragma once
// The common part of the adapters that make a model of some kind a RankingModel, and the function that opens each kind.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "xmr/io/npz_file.hpp"
#include "xmr/predict/ranking_model.hpp"

namespace xmr {

// Model has open(NpzFile), name(), labels(), features(), vectorizer(), vectorizer_fingerprint() and names().
template <class Model>
class OpenedModel : public RankingModel {
 public:
  explicit OpenedModel(NpzFile file) : OpenedModel(Calibration::find(file), std::move(file)) {}

  const std::string& name() const override { return model_.name(); }
  const std::string& fingerprint() const override { return fingerprint_; }
  std::uint64_t labels() const override { return model_.labels(); }
  std::uint64_t features() const override { return model_.features(); }
  const Vectorizer* vectorizer() const override { return model_.vectorizer(); }
  const std::string& vectorizer_fingerprint() const override { return model_.vectorizer_fingerprint(); }
  std::span<const FeaturePart> feature_parts() const override { return {}; }
  const StoredNames& names() const override { return model_.names(); }
  const Calibration* calibration() const override { return calibration_ ? &*calibration_ : nullptr; }

 protected:
  const Model& model() const { return model_; }

 private:
  OpenedModel(std::optional<Calibration> calibration, NpzFile&& file)
      : fingerprint_(file.fingerprint()), model_(Model::open(std::move(file))), calibration_(std::move(calibration)) {
    if (calibration_) calibration_->require_labels(model_.labels(), model_.name());
  }

  std::string fingerprint_;
  Model model_;
  std::optional<Calibration> calibration_;
};

std::unique_ptr<const RankingModel> open_xr_linear(NpzFile file);
std::unique_ptr<const RankingModel> open_bm25(NpzFile file);
std::unique_ptr<const RankingModel> open_completion(NpzFile file);
std::unique_ptr<const RankingModel> open_retrieval(NpzFile file);

}  // namespace xmr
