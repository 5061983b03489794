#include "xmr/io/json_file.hpp"

#include <cmath>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("JSON that was cut off or changed is refused or gives members of the kinds that are asked for", "[damage]") {
  const test::TemporaryDirectory dir;
  const auto read = [&](const std::string& bytes) {
    test::write_file(dir / "j", bytes);
    const JsonObject json(dir / "j");
    const double bias = json.number("bias");
    const std::uint64_t depth = json.count("depth", 1, 64);
    REQUIRE(std::isfinite(bias));
    REQUIRE((depth >= 1 && depth <= 64));
    static_cast<void>(json.text("type"));
    static_cast<void>(json.object("inner").flag("on"));
    static_cast<void>(json.array("list").size());
  };
  const std::string whole = R"({"bias": 1e-3, "depth": 12, "type": "a\u00e9", "inner": {"on": true}, "list": [1, -2]})";
  read(whole);
  test::Damage damage("JSON", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.replace(read);
}
