#include "xmr/complete/known_prefix.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("what no key begins with is mended if wanted and possible, else shortened") {
  StringTableBuilder table;
  for (const char* key : {"lamp", "libc6", "libgtk", "étude"})
    table.add(key);
  const StringTable keys = table.view();
  const PopularTable counts({1, 1, 1, 1});
  const Popular popular = counts.view();
  KnownPrefixes mends(keys, popular, true), shortens(keys, popular, false);
  const auto check = [](const KnownPrefix& found, std::string_view prefix, LabelRange range, Instead instead) {
    CHECK(found.prefix == prefix);
    CHECK(found.range.first == range.first);
    CHECK(found.range.last == range.last);
    CHECK(found.instead == instead);
  };
  for (KnownPrefixes* known : {&mends, &shortens}) {
    check((*known)("lib"), "lib", {1, 3}, Instead::nothing);
    check((*known)(""), "", {0, 4}, Instead::nothing);
    check((*known)("lamp shade"), "lamp", {0, 1}, Instead::beginning);
    check((*known)("qqqq"), "", {0, 4}, Instead::beginning);
  }
  check(mends("lbigt"), "libgt", {2, 3}, Instead::mended);
  check(shortens("lbigt"), "l", {0, 3}, Instead::beginning);
  check(shortens("éa"), "é", {3, 4}, Instead::beginning);
}
