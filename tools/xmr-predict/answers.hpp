#pragma once
// Output of the answers of xmr-predict: predictions in one of their forms, JSON lines with their details
// (predict/answer_details.hpp); with --explain alone the paths, or the sources and evidence, of answers as text; with
// --dot a picture of the search.
// Thread rule: one thread at a time.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/predict/answer_details.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/explain.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/sparse/predictions.hpp"

#include "xmr-predict/options.hpp"

namespace xmr::tools {

class Answers {
 public:
  // The models must outlive the object. `content`: the record for the meta.json of predictions.
  Answers(const PredictOptions& options, const ModelSet& models, const RankRequest& request, Json content,
          Row first_row, bool has_keys);
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  // An instance as it was read, for explanations.
  struct Instance {
    Query query;
    std::string text;  // as shown to people
  };
  // Returns the instance of a row of `ranked`, valid until the next call. For a row without answers, only a picture
  // needs the query.
  using Read = std::function<Instance(Row)>;

  // Returns the id of a row of `ranked`, valid until the next call; empty: it has none.
  using ReadId = std::function<std::string_view(Row)>;

  // Writes the answers of the next rows, with the keys that they were ranked by, if there are any. Throws DataError for
  // more than one row if a picture is drawn.
  void write(CsrView ranked, std::span<const RankKeys> keys, const Read& read, const ReadId& id);
  void flush();
  void commit();

 private:
  void write_text(SparseRow ranked, const Instance& instance);
  void append_text(LabelId label, const std::vector<PathStep>& path);
  void append_text(const RetrievalReasons& reasons);
  void draw(const Query& query);
  std::string key(LabelId label) const;

  const XrLinearModel* linear_;  // that is explained or drawn
  std::optional<SearchOptions> search_;
  const StoredNames& names_;
  std::uint32_t explained_ = 0;                // features of a level, or pieces of evidence, as text
  std::optional<Explainer> explain_;           // as text
  std::optional<RetrievalExplainer> reasons_;  // as text
  std::optional<AnswerDetails> details_;       // of JSON lines
  std::optional<PredictionWriter> predictions_;
  std::optional<OutputFile> text_, picture_;
  std::string buffer_;
  Row row_;
  bool is_drawn_ = false, shows_ids_;
};

}  // namespace xmr::tools
