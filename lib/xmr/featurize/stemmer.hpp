#pragma once
// The stems of words of one language, by Snowball (libstemmer): "connected" and "connection" are "connect".
//
//   Stemmer stemmer("english");
//   stemmer.append_stem("connected", text);
//
// Versions of the library differ in few words. version() tells them apart; a vectorizer records it.
// Thread rule: one thread at a time per object.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace xmr {

// The languages of the library, sorted: "arabic", "danish", "english", ...
std::vector<std::string> stemmer_languages();

class Stemmer {
 public:
  // If the library has no such language, throws ConfigError with the languages.
  explicit Stemmer(const std::string& language);

  // Appends the stem of a word in UTF-8 to `out`.
  void append_stem(std::string_view word, std::string& out);
  // Returns a fingerprint of the stems of fixed words: 16 hexadecimal digits.
  std::string version();

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const;
  };
  std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

}  // namespace xmr
