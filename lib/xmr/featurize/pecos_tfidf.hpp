#pragma once
// Reads TF-IDF vectorizers of PECOS: a folder with meta.json and, for each base vectorizer, <i>.base/ with tokenizer/
// (config.json, vocab.txt) and vectorizer/ (config.json, tfidf-model.txt); or a single base folder.
//
//   const Vectorizer vectorizer = read_pecos_vectorizer("preprocessor", parallel);
//
// A base vectorizer becomes a block with PECOS's features in PECOS's order, so matrices of one program serve models of
// the other. char_wb is read as PECOS predicts with it, which differs from its counting: as characters of the whole
// line, without outer boundaries. So the block's kind is char. Words stand between spaces (PECOS) or tabs (here too).
// Errors: IoError, FormatError with the file, DataError with file and line. Memory: a few times the files.

#include <string>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

Vectorizer read_pecos_vectorizer(const std::string& folder, Parallel& parallel);

}  // namespace xmr
