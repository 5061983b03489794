#pragma once
// Turns the texts of labels (labels.txt) into features: a row for each label, labels × features. One thread; memory of
// the result. Errors: ConfigError for a vectorizer of several columns. Thread rule: pure function.

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

CsrMatrix featurize_label_texts(const LabelNames& names, const Vectorizer& vectorizer);

}  // namespace xmr
