#include "xmr/evaluate/bleu.hpp"

#include "support/catch.hpp"

using xmr::bleu;

TEST_CASE("BLEU is what a calculation by hand gives") {
  CHECK(bleu("a b c d", "a b c d") == Approx(1));
  CHECK(bleu("a", "a") == Approx(0.177828).epsilon(1e-5));                // (1 · 0.1³)^¼
  CHECK(bleu("a b", "a b c d") == Approx(0.116333).epsilon(1e-5));        // (1 · 1 · 0.1²)^¼ e^(1 - 4/2)
  CHECK(bleu("a x", "a b") == Approx(0.149535).epsilon(1e-5));            // (½ · 0.1³)^¼
  CHECK(bleu("a a a", "a b") == Approx(0.113622).epsilon(1e-5));          // (⅓ · 0.1/2 · 0.1²)^¼
  CHECK(bleu("a b c d e", "a b c d") == Approx(0.668740).epsilon(1e-5));  // (4/5 · 3/4 · 2/3 · 1/2)^¼
}

TEST_CASE("BLEU is 0 where no word is shared") {
  CHECK(bleu("a", "b") == 0);
  CHECK(bleu("", "a") == 0);
  CHECK(bleu("a", "") == 0);
  CHECK(bleu("", "") == 0);
}

TEST_CASE("BLEU does not count blanks") {
  CHECK(bleu("  a  b ", "a b") == bleu("a b", "a b"));
}
