#include "xmr/util/enum_names.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

enum class Fruit { apple = 1, pear = 3 };

}  // namespace

template <>
struct xmr::EnumNames<Fruit> {
  static constexpr EnumName<Fruit> kTable[] = {{Fruit::apple, "apple", "red"}, {Fruit::pear, "pear"}};
};

TEST_CASE("a value and its name are found by each other") {
  CHECK(name_of(Fruit::pear) == "pear");
  CHECK(find_named<Fruit>("apple") == Fruit::apple);
  CHECK(!find_named<Fruit>("Apple"));
  CHECK(parse_named<Fruit>("--fruit", "pear") == Fruit::pear);
  CHECK(names_of<Fruit>() == std::vector<std::string_view>{"apple", "pear"});
}

TEST_CASE("an unknown name is refused with the names that there are") {
  CHECK_THROWS_WITH(parse_named<Fruit>("--fruit", "plum"), "--fruit: 'plum' is not one of apple|pear");
  CHECK_THROWS_AS(parse_named<Fruit>("--fruit", ""), ConfigError);
}

TEST_CASE("a value without a name is noticed") {
  CHECK(enum_names::is_enumerator<Fruit, Fruit::pear>());
  CHECK(!enum_names::is_enumerator<Fruit, static_cast<Fruit>(2)>());
  CHECK(enum_names::are_named<Fruit>(std::make_index_sequence<6>()));
}
