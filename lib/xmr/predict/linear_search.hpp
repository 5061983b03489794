#pragma once
// The search that a request asks of an XR-Linear model, and its record in the meta.json of predictions.
//
// With RankRequest::search.exact it drops no node. It then finds the best labels of all, which a beam may miss.

#include "xmr/io/json.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/rank_request.hpp"

namespace xmr {

// Absent values of the request come from the model. If the model records a setting that does not exist, throws
// FormatError.
SearchOptions search_of(const XrLinearModel& model, const RankRequest& request);

// Returns the options of a search that drops no node. Equal scores rank by TieRule::margin. Many scores of 1 (a
// saturated hinge) and small differences between scores add visits. If the scores have no bound (noop), throws
// ConfigError.
SearchOptions exact_search(SearchOptions options, const LabelTree& tree);

// Returns the beams of a search as predictions record them: a number if all are equal, else a list.
Json describe_beams(const SearchOptions& search);

}  // namespace xmr
