#pragma once
// Where the answers of xmr-predict go: predictions in one of their forms, with --explain the reasons beside them, or
// those as text, and of completions what was completed instead of what was typed; with --dot a picture of the search.
// Thread rule: one thread at a time.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/complete/known_prefix.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/explain.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/sparse/predictions.hpp"

#include "xmr-predict/options.hpp"

namespace xmr::tools {

class Answers {
 public:
  // The models must outlive it. `content`: what determines the answers, for the meta.json of predictions.
  Answers(const PredictOptions& options, const ModelSet& models, const RankRequest& request,
          nlohmann::ordered_json content, Row first_row, bool has_keys);
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  // An instance as it came, for those who explain.
  struct Instance {
    Query query;
    std::string text;  // what a person calls it
  };
  // Of the row with this number in `ranked`; valid until the next call. Of a row without answers the query is needed
  // for a picture only.
  using Read = std::function<Instance(Row)>;

  // The answers of the next rows, and what they were ranked by, if that is told. DataError for more than one if there
  // shall be a picture.
  void write(CsrView ranked, std::span<const RankKeys> keys, const Read& read);
  void flush();
  void commit();

 private:
  void write_text(SparseRow ranked, const Instance& instance);
  void append_text(LabelId label, const std::vector<PathStep>& path);
  void append_json(LabelId label, std::string& json);
  void append_instead(std::string_view typed);
  void draw(const Query& query);
  std::string key(LabelId label) const;
  std::string feature_text(FeatureId feature) const;

  const ModelSet& models_;
  const XrLinearModel* linear_;  // that is explained or drawn
  std::optional<SearchOptions> search_;
  std::optional<std::uint32_t> explained_;  // features of a level
  std::optional<Explainer> explain_;
  SparseRow query_;                     // of the answers being written
  std::optional<KnownPrefixes> known_;  // of JSON lines of completions
  std::optional<PredictionWriter> predictions_;
  std::optional<OutputFile> text_, picture_;
  std::string buffer_;
  Row row_;
  bool is_drawn_ = false;
};

}  // namespace xmr::tools
