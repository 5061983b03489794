#pragma once
// Everything that determines a trained model, as JSON records it. Plans of training in parts and checkpoints hold it.
// Thread rule: plain values and pure functions.

#include <cstdint>
#include <string>

#include "xmr/io/json.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/train/train_options.hpp"

namespace xmr {

// The vectorizer's tables and the names of labels are not part of it: a part of training does not need them.
struct TrainRecipe {
  std::uint64_t features = 0;  // of X
  std::uint64_t labels = 0;
  std::uint64_t levels = 0;
  std::string x, y, tree;   // fingerprints
  std::string vectorizer;   // the fingerprint of the vectorizer of X; empty: unknown
  PredictDefaults predict;  // also the search that matches rows
  TrainOptions train;       // without `given`
  // describe(train), and the fingerprints of label rows and given negatives, as a model records them.
  Json options;

  Json content() const;
};

// Returns the first difference between two recipes: "options.eps is 0.1 there, 0.2 here". Empty: they are equal.
std::string difference(const TrainRecipe& there, const TrainRecipe& here);

}  // namespace xmr
