#pragma once
// The sources of completions (completer.hpp) and their names.

#include "xmr/util/enum_names.hpp"

namespace xmr {

enum class CompletionSource { fused, popular, pairs, words, tree };
template <>
struct EnumNames<CompletionSource> {
  static constexpr EnumName<CompletionSource> kTable[] = {
      {CompletionSource::fused, "fused", "all sources"},
      {CompletionSource::popular, "popular", "counts of queries"},
      {CompletionSource::pairs, "pairs", "counts of queries after the previous one"},
      {CompletionSource::words, "words", "the same for queries that hold the typed words in any order"},
      {CompletionSource::tree, "tree", "the XR-Linear model"},
  };
};

}  // namespace xmr
