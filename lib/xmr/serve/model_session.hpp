#pragma once
// The rankers of one thread for one model. Answers queries as xmr-predict does, as JSON lines.
//
//   ModelSession session(model);
//   session.select(call.settings);
//   session.answer(query, row, json);   // appends {"row":0,"labels":[{"key":...,"score":...},...]}
//
// Rankers and the labels that they are restricted to are kept for the last kKept settings, so that a request with the
// same settings as an earlier one allocates nothing of the size of the model. Errors: as the search; RequestError if
// the model does not support a setting. Thread rule: one object a thread; objects share the model.

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xmr/predict/answer_details.hpp"
#include "xmr/predict/query_reader.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/serve/rank_call.hpp"
#include "xmr/serve/served_model.hpp"

namespace xmr::serve {

class ModelSession {
 public:
  static constexpr std::size_t kKept = 8;

  explicit ModelSession(std::shared_ptr<const ServedModel> model);
  ModelSession(const ModelSession&) = delete;
  ModelSession& operator=(const ModelSession&) = delete;

  const ServedModel& model() const { return *model_; }

  // Chooses the settings of the next answers.
  void select(const RankSettings& settings);
  // Appends the answers of a query. Requires select().
  void answer(const QueryInput& query, Row row, std::string& json);

 private:
  // A ranker and the objects that it refers to.
  struct Selected {
    RankSettings settings;
    std::vector<bool> allowed;  // by label; empty: all labels
    std::unique_ptr<Ranker> ranker;
    std::unique_ptr<AnswerDetails> details;
    AnswerMembers members;
  };
  std::unique_ptr<Selected> make(const RankSettings& settings) const;
  void check(const RankSettings& settings) const;
  std::vector<bool> flags_of(const RankSettings& settings) const;
  Query read(const QueryInput& input);
  Query read_features(const QueryInput& input);
  const std::string& line_of(const QueryInput& input);

  std::shared_ptr<const ServedModel> model_;
  std::optional<QueryReader> reader_;              // absent: the model holds no vectorizer
  std::list<std::unique_ptr<Selected>> selected_;  // the last one first
  std::string line_, row_members_;
  std::vector<FeatureId> features_;
  std::vector<float> values_;
};

}  // namespace xmr::serve
