#include "xmr/io/npy.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"

using namespace xmr;

namespace {

// A version 1 file with this dictionary, as a program that we do not know may write it.
std::string npy(const std::string& dictionary, const std::string& bytes) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(dictionary.size() & 255U);
  file += static_cast<char>(dictionary.size() >> 8U);
  return file + dictionary + bytes;
}

template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

std::string vector_of(const std::string& descr, const std::string& bytes, std::size_t count) {
  return npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }", bytes);
}

}  // namespace

TEST_CASE("headers are a multiple of 64 long and read back") {
  const std::vector<std::uint64_t> shape = GENERATE(std::vector<std::uint64_t>{}, std::vector<std::uint64_t>{3},
                                                    std::vector<std::uint64_t>{2, 5}, std::vector<std::uint64_t>{0});
  std::string file = npy_header(DType::u2, shape);
  CHECK(file.size() % 64 == 0);
  std::uint64_t count = 1;
  for (const auto extent : shape)
    count *= extent;
  file.append(count * 2, '\1');
  const NpyArray array = parse_npy("a", file);
  CHECK(array.shape == shape);
  CHECK(array.dtype == DType::u2);
  CHECK(array.size() == count);
}

TEST_CASE("any numeric dtype is converted") {
  CHECK(parse_npy("a", vector_of("|b1", bytes_of<std::uint8_t>({0, 1}), 2)).to<float>() == std::vector<float>{0, 1});
  CHECK(parse_npy("a", vector_of("<i8", bytes_of<std::int64_t>({-3, 5}), 2)).to<float>() == std::vector<float>{-3, 5});
  CHECK(parse_npy("a", vector_of("<f8", bytes_of<double>({0.5, 2}), 2)).to<float>() == std::vector<float>{0.5, 2});
  CHECK(parse_npy("a", vector_of("<f2", bytes_of<std::uint16_t>({0x3800, 0xC000, 0x0001}), 3)).to<float>() ==
        std::vector<float>{0.5F, -2.0F, 0x1p-24F});
  CHECK(parse_npy("a", vector_of("<i4", bytes_of<std::int32_t>({7}), 1)).to<std::uint64_t>() ==
        std::vector<std::uint64_t>{7});
}

TEMPLATE_TEST_CASE("numbers of any width are read, and whole ones as indices", "", std::int8_t, std::int16_t,
                   std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, float,
                   double) {
  const char kind = std::is_floating_point_v<TestType> ? 'f' : std::is_signed_v<TestType> ? 'i' : 'u';
  const std::string descr =
      (sizeof(TestType) == 1 ? "|" : "<") + std::string(1, kind) + std::to_string(sizeof(TestType));
  const std::string file = vector_of(descr, bytes_of<TestType>({0, 7, 127}), 3);
  const NpyArray array = parse_npy("a", file);
  CHECK(array.to<float>() == std::vector<float>{0, 7, 127});
  CHECK(array.to<std::uint64_t>() == std::vector<std::uint64_t>{0, 7, 127});
  CHECK(array.to<std::uint32_t>() == std::vector<std::uint32_t>{0, 7, 127});
}

TEST_CASE("a floating-point number that is not whole, negative or too large is no index") {
  const double value = GENERATE(0.5, -1.0, 4294967296.0, 1e300, std::numeric_limits<double>::quiet_NaN());
  const std::string file = vector_of("<f8", bytes_of<double>({value}), 1);
  CHECK_THROWS_AS(parse_npy("a", file).to<std::uint32_t>(), FormatError);
}

TEST_CASE("values that do not fit the wanted type are refused with their position") {
  const std::string file = vector_of("<i8", bytes_of<std::int64_t>({1, -1}), 2);
  CHECK_THROWS_WITH(parse_npy("a", file).to<std::uint32_t>(), "a: item 1: -1 is outside 0..4294967295");
}

TEST_CASE("headers that are damaged or not supported are refused") {
  const auto message = [](const std::string& file) -> std::string {
    try {
      parse_npy("a", file);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(message("hello") == "a: is not an npy array");
  CHECK(message(vector_of(">f4", "abcd", 1)) ==
        "a: dtype '>f4' is not supported; allowed are little-endian numbers and bool");
  CHECK(message(vector_of("|O", "abcd", 1)) ==
        "a: dtype '|O' is not supported; allowed are little-endian numbers and bool");
  CHECK(message(vector_of("|f4", "abcd", 1)) ==
        "a: dtype '|f4' is not supported; allowed are little-endian numbers and bool");
  CHECK(message(vector_of("<f4", "abc", 1)) == "a: shape asks for 4 bytes, there are 3");
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "")) ==
        "a: shape is larger than any memory");
  CHECK(message(npy("{'descr': '<f4', 'shape': (1,), }", "abcd")) ==
        "a: npy header lacks descr, fortran_order or shape");
  CHECK(message(npy("{'descr': '<f4', 'descr': '<f4', }", "")) ==
        "a: npy header has an unexpected or repeated key 'descr'");
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "abcd")) ==
        "a: npy header: fortran_order is neither True nor False");
}

TEST_CASE("every truncation and every changed byte of a header is refused or harmless", "[damage]") {
  const std::string whole = vector_of("<f4", bytes_of<float>({1, 2, 3}), 3);
  const auto read = [](const std::string& bytes) {
    const NpyArray array = parse_npy("a", bytes);
    REQUIRE(array.bytes.size() <= bytes.size());
  };
  test::Damage damage("npy", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.replace(read);
}
