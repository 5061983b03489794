#include "xmr/featurize/stemmer.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libstemmer.h>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

// Beginnings and ends of words of many languages: each pair is a word whose stem version() takes.
constexpr std::string_view kBeginnings[] = {"general", "nation", "verkauf", "chant", "happi", "говор", "λόγ", "kahv"};
constexpr std::string_view kEnds[] = {
    "",     "s",     "es",   "ed",    "ing",  "ly",   "ness",  "ation", "ational", "iveness", "fulli",
    "ist",  "isme",  "en",   "er",    "ern",  "ung",  "heit",  "keit",  "lich",    "isch",    "eur",
    "euse", "ement", "ait",  "erons", "ción", "idad", "mente", "ando",  "iendo",   "aron",    "zione",
    "ità",  "ução",  "ável", "het",   "erna", "hed",  "ene",   "lerin", "lar",     "ssa",     "lla",
    "ista", "ами",   "ость", "ывать", "ший",  "ες",   "ους",   "nak",   "ban",     "ului",    "elor",
};

}  // namespace

std::vector<std::string> stemmer_languages() {
  std::vector<std::string> names;
  for (const char** name = sb_stemmer_list(); *name != nullptr; ++name)
    names.emplace_back(*name);
  std::ranges::sort(names);
  return names;
}

void Stemmer::Delete::operator()(sb_stemmer* stemmer) const {
  sb_stemmer_delete(stemmer);
}

Stemmer::Stemmer(const std::string& language) {
  const std::vector<std::string> known = stemmer_languages();
  if (!std::ranges::binary_search(known, language))
    throw ConfigError(
        fmt::format("{} is not a language with stems; allowed are {}", quote(language), fmt::join(known, ", ")));
  stemmer_.reset(sb_stemmer_new(language.c_str(), nullptr));
  if (stemmer_ == nullptr) throw std::bad_alloc();
}

void Stemmer::append_stem(std::string_view word, std::string& out) {
  // Longer ones are no words; the library counts in int.
  constexpr std::size_t kMaxWord = 1024;
  if (word.size() > kMaxWord) {
    out += word;
    return;
  }
  const sb_symbol* const stem =
      sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (stem == nullptr) throw std::bad_alloc();
  out.append(reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer_.get())));
}

std::string Stemmer::version() {
  std::string stems;
  for (const std::string_view beginning : kBeginnings)
    for (const std::string_view end : kEnds) {
      append_stem(std::string(beginning) += end, stems);
      stems += '\n';
    }
  return fmt::format("{:016x}", hash64(stems));
}

}  // namespace xmr
