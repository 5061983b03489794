#include "xmr/io/label_set.hpp"

#include <algorithm>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("a set of labels that was cut off or changed is refused or counts what it names", "[damage]") {
  const test::TemporaryDirectory dir;
  LabelNames names;
  for (const char* key : {"kettle", "lamp", "7"})
    names.add(key, {}, 0);
  const bool by_key = GENERATE(true, false);
  const auto read = [&](const std::string& bytes) {
    test::write_file(dir / "set", bytes);
    const LabelSet set = read_label_set(dir / "set", by_key ? &names : nullptr, names.size());
    REQUIRE(set.has.size() == names.size());
    REQUIRE(set.size > 0);
    REQUIRE(set.size == static_cast<std::uint64_t>(std::ranges::count(set.has, true)));
  };
  test::Damage damage("set of labels", by_key ? "lamp\tdesk lamp\nother\r\nkettle\n" : "2\n0\n2\r\n1");
  damage.cut(read);
  damage.replace(read);
}
