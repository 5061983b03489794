#pragma once
// Members of JSON lines of answers besides key and score: the paths or the sources and evidence of explained answers.
// For a completion model: the prefix completed in place of the typed one, the matched parts of answers
// (complete/matched.hpp), and the mark of queries that are no labels (complete/other_queries.hpp). Shared by
// xmr-predict and xmr-serve.
//
//   AnswerDetails details(models, request, {.explain = 3});
//   details.begin(query);
//   details.append_to_row(row_members);
//   append_json_row(line, 0, row_members, ranked, key, details.of_answers());
//
// Cost: with `explain`, an Explainer call for each answer. Errors: as Explainer. Thread rule: one object a thread;
// objects share the models.

#include <cstdint>
#include <optional>
#include <string>

#include "xmr/complete/known_prefix.hpp"
#include "xmr/complete/matched.hpp"
#include "xmr/complete/other_queries.hpp"
#include "xmr/predict/explain.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/predict/retrieval_explain.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr {

class AnswerDetails {
 public:
  // The models must outlive the object. `explain`: the number of features told at each level, or of pieces of evidence;
  // absent: none. If it is given, the first model must have ModelCapabilities::linear or retrieval.
  AnswerDetails(const ModelSet& models, const RankRequest& request, std::optional<std::uint32_t> explain);
  AnswerDetails(const AnswerDetails&) = delete;
  AnswerDetails& operator=(const AnswerDetails&) = delete;

  // Returns true if the members depend on the query.
  bool reads_query() const { return explain_ || reasons_ || known_; }
  // Returns true if answers may be queries that are no labels.
  bool makes_queries() const { return find_other_.has_value(); }
  // The key of an answer of the query: of a label, or a query that is none. The model must have names. Valid until
  // begin().
  std::string_view key(LabelId label);
  // Starts the answers of a query, which must stay valid.
  void begin(const Query& query);
  // Appends the members of the row, each with a comma before it.
  void append_to_row(std::string& json);
  // Returns the function that appends the members of an answer; absent: there are none. Valid as long as the object.
  AnswerMembers of_answers();

 private:
  void append_matched(LabelId label, std::string& json);
  void append_path(LabelId label, std::string& json);
  void append_reasons(LabelId label, std::string& json);

  const XrLinearModel* linear_;
  std::uint32_t told_ = 0;  // features at each level, or pieces of evidence
  std::optional<Explainer> explain_;
  std::optional<RetrievalExplainer> reasons_;
  std::optional<KnownPrefixes> known_;
  std::optional<MatchedParts> matched_;
  KnownPrefix completed_;  // of query_
  std::optional<OtherQueries> find_other_;
  const StoredNames* names_ = nullptr;
  Query query_;
};

}  // namespace xmr
