#pragma once
// Does a feature matrix belong to a model? A matrix of another width, or one made by another vectorizer, would give
// answers that look like any others and mean nothing.

#include "xmr/predict/ranking_model.hpp"
#include "xmr/sparse/matrix_file.hpp"

namespace xmr {

// DataError unless `x` has as many columns as the model has features and, where both say so, was made by the model's
// vectorizer; and holds counts, if the model needs them.
void require_fit(const RankingModel& model, const MatrixFile& x);

}  // namespace xmr
