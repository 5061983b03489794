#include "xmr/featurize/label_texts.hpp"

#include <array>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

CsrMatrix featurize_label_texts(const LabelNames& names, const Vectorizer& vectorizer) {
  if (vectorizer.columns().size() != 1)
    throw ConfigError(
        fmt::format("label texts: the vectorizer reads {} columns, a label has one text", vectorizer.columns().size()));
  CsrMatrix texts(vectorizer.features());
  Vectorizer::Scratch scratch;
  for (LabelId label = 0; label < names.size(); ++label)
    texts.append_row(vectorizer.apply(std::array{names.text(label)}, scratch));
  return texts;
}

}  // namespace xmr
