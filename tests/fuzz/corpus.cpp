// A corpus through fit and apply, its labels given by key or by id.
#include <algorithm>

#include "xmr/featurize/corpus_features.hpp"
#include "xmr/io/names.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file, keys;
  static const xmr::LabelNames names = xmr::LabelNames::read(keys.holding("kettle\na,b\n7\n"));
  static const xmr::LabelColumn by_key(names), by_id;
  static xmr::Parallel parallel(1);
  xmr::CorpusInput input;
  input.paths = {file.holding(bytes)};
  input.skip_bad_rows = std::ranges::count(bytes, '\n') < kMaxThrown;
  xmr::VectorizerOptions options;
  options.blocks = {parse_block(xmr::GramKind::word, "1-2", {}), parse_block(xmr::GramKind::char_wb, "3", {})};
  const xmr::LearntCorpus learnt = fit_corpus(input, options, parallel);
  input.invalid_utf8 = xmr::InvalidUtf8::refuse;
  either([&] { featurize_corpus(input, learnt.vectorizer, &by_key, parallel); },
         [&] { featurize_corpus(input, learnt.vectorizer, &by_id, parallel); });
}
