#include "xmr/complete/words.hpp"

#include <string>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_words.hpp"

using namespace xmr;

namespace {

std::vector<std::string> words_of(std::string_view text) {
  Words words;
  words.read(text);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < words.size(); ++i)
    found.emplace_back(words[i]);
  return found;
}

std::optional<std::size_t> find(std::string_view typed_text, std::string_view label_text) {
  Words typed, label;
  typed.read(typed_text);
  label.read(label_text);
  return find_words(typed, label);
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("words are runs of letters, digits and marks, without accents") {
  CHECK(words_of("libc6-dev (amd64)") == Texts{"libc6", "dev", "amd64"});
  CHECK(words_of("").empty());
  CHECK(words_of(" -- ").empty());
  CHECK(words_of("caf\u00e9 \u0142\u00f3d\u017a") == Texts{"cafe", "lodz"});
  CHECK(words_of("\u0111i\u1ec7n tho\u1ea1i") == Texts{"dien", "thoai"});
  CHECK(words_of("\u6f22\u5b57\u3001x") == Texts{"\u6f22\u5b57", "x"});
  CHECK(words_of(std::string(200, 'a')).size() == 1);
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "a ";
  CHECK(words_of(many).size() == Words::kMaxWords);
}

TEST_CASE("half-typed Hangul begins the syllable, and text without accents the word with them") {
  CHECK(find("\ud558", "\ud55c\uad6d\uc5b4") == 0);  // the syllable ha begins han
  CHECK(find("\u1112", "\ud55c\uad6d\uc5b4") == 0);
  CHECK(find("cafe", "le caf\u00e9") == 1);
  CHECK(find("caf\u00e9", "cafe au lait") == 0);
  CHECK_FALSE(find("\ud55c", "\ud558\ub298"));
}

TEST_CASE("each finished word stands for one word of the label, and the last one begins another") {
  CHECK(find("dev lib", "libssl-dev") == 0);
  CHECK(find("dev ", "libssl-dev") == 1);
  CHECK(find("dev d", "dev-doc") == 1);
  CHECK_FALSE(find("dev d", "libssl-dev"));
  CHECK_FALSE(find("de lib", "libssl-dev"));
  CHECK_FALSE(find("dev dev ", "libssl-dev"));
  CHECK(find("dev dev ", "dev-dev") == 1);
  CHECK_FALSE(find("-", "libssl-dev"));
}

TEST_CASE("words are found as by looking at all of them") {
  Random random(5);
  const auto text = [&](std::uint64_t longest) {
    std::string made;
    for (std::uint64_t n = random.below(longest + 1); n > 0; --n)
      made += "ab -."[random.below(5)];
    return made;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string typed = text(6), label = text(12);
    CAPTURE(typed, label);
    const std::optional<std::size_t> expected = test::plain_place(typed, label);
    const std::optional<std::size_t> found = find(typed, label);
    REQUIRE(found == expected);
  }
}

TEST_CASE("ill-formed UTF-8 is read to its end") {
  for (const char* text : {"\xff", "a\xc3", "\xe1\x80", "\xf0\x9f\x98 b"})
    CHECK(words_of(text).size() <= 3);
}
