#include "xmr/io/npy.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxDimensions = 32;  // NumPy's own limit

struct TypeInfo {
  DType dtype;
  std::string_view descr;  // without the byte order
  std::string_view name;
  std::size_t size;
};
constexpr std::array<TypeInfo, 12> kTypes{{{DType::bool_, "b1", "bool", 1},
                                           {DType::i1, "i1", "int8", 1},
                                           {DType::i2, "i2", "int16", 2},
                                           {DType::i4, "i4", "int32", 4},
                                           {DType::i8, "i8", "int64", 8},
                                           {DType::u1, "u1", "uint8", 1},
                                           {DType::u2, "u2", "uint16", 2},
                                           {DType::u4, "u4", "uint32", 4},
                                           {DType::u8, "u8", "uint64", 8},
                                           {DType::f2, "f2", "float16", 2},
                                           {DType::f4, "f4", "float32", 4},
                                           {DType::f8, "f8", "float64", 8}}};

const TypeInfo* find_type(DType dtype) {
  for (const TypeInfo& type : kTypes)
    if (type.dtype == dtype) return &type;
  return nullptr;
}

// Reads the Python dictionary of an npy header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(const std::string& name, std::string_view text) : name_(name), text_(text) {}

  void parse(NpyArray& array) {
    expect('{');
    bool descr = false, order = false, shape = false;
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !std::exchange(descr, true)) {
        parse_descr(quoted(), array);
      } else if (key == "fortran_order" && !std::exchange(order, true)) {
        array.fortran_order = parse_bool();
      } else if (key == "shape" && !std::exchange(shape, true)) {
        parse_shape(array.shape);
      } else {
        fail(fmt::format("npy header has an unexpected or repeated key '{}'", key));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (!text_.empty()) fail("npy header goes on behind its closing brace");
    if (!descr || !order || !shape) fail("npy header lacks descr, fortran_order or shape");
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::string hint = {}) const {
    throw FormatError(name_, what, std::move(hint));
  }
  void skip_blanks() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n'))
      text_.remove_prefix(1);
  }
  bool accept(char c) {
    skip_blanks();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("npy header: expected '{}'", c));
  }
  std::string_view quoted() {
    skip_blanks();
    if (text_.starts_with('['))
      fail("its items have fields, numbers are needed",
           "in Python: numpy.save('X.npy', numpy.lib.recfunctions.structured_to_unstructured(array))");
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) fail("npy header: expected a quoted string");
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) fail("npy header: a string does not end");
    const std::string_view inside = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return inside;
  }
  bool parse_bool() {
    skip_blanks();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"False", false}, {"True", true}}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    fail("npy header: fortran_order is neither True nor False");
  }
  std::uint64_t number() {
    skip_blanks();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc{}) fail("npy header: expected a number in the shape");
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }
  void parse_shape(std::vector<std::uint64_t>& shape) {
    expect('(');
    while (!accept(')')) {
      if (shape.size() == kMaxDimensions) fail("npy header: more than 32 dimensions");
      shape.push_back(number());
      if (!accept(',')) {
        expect(')');
        return;
      }
    }
  }
  void parse_descr(std::string_view descr, NpyArray& array) {
    const std::string_view type = descr.empty() ? descr : descr.substr(1);
    if (!descr.empty() && (descr[0] == '<' || descr[0] == '|')) {
      for (const TypeInfo& known : kTypes) {
        if (known.descr != type || (descr[0] == '|' && known.size > 1)) continue;
        array.dtype = known.dtype;
        array.item_size = known.size;
        return;
      }
    }
    // Text: S is bytes, U is UTF-32; both only ever name a sparse format here.
    std::size_t length = 0;
    if (type.size() > 1 && (type[0] == 'S' || type[0] == 'U')) {
      const auto [end, error] = std::from_chars(type.data() + 1, type.data() + type.size(), length);
      if (error == std::errc{} && end == type.data() + type.size() && length < 4096) {
        array.dtype = DType::bytes;
        array.item_size = type[0] == 'S' ? length : 4 * length;
        return;
      }
    }
    fail(fmt::format("dtype '{}' is not supported; allowed are little-endian numbers and bool", descr),
         "in Python: scipy.sparse.save_npz('X.npz', matrix.astype('float32'))");
  }

  const std::string& name_;
  std::string_view text_;
};

float half_to_float(std::uint16_t half) {
  const std::uint32_t exponent = (half >> 10) & 31U, mantissa = half & 1023U;
  const float sign = (half >> 15) != 0 ? -1.0F : 1.0F;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  if (exponent == 31)
    return mantissa == 0 ? sign * std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), static_cast<int>(exponent) - 25);
}

// Calls visit(i, value) for every item, whatever its type; items are copied out because they may not be aligned.
template <class Visit>
void for_each_item(const NpyArray& array, Visit visit) {
  const auto run = [&]<class From>(From, auto convert) {
    const std::size_t count = array.bytes.size() / sizeof(From);
    for (std::size_t i = 0; i < count; ++i) {
      From item;
      std::memcpy(&item, array.bytes.data() + i * sizeof(From), sizeof(From));
      visit(i, convert(item));
    }
  };
  const auto same = [](auto value) { return value; };
  switch (array.dtype) {
    case DType::bool_:
      return run(std::uint8_t{}, [](std::uint8_t v) { return static_cast<std::uint8_t>(v != 0); });
    case DType::i1:
      return run(std::int8_t{}, [](std::int8_t v) { return static_cast<int>(v); });
    case DType::i2:
      return run(std::int16_t{}, same);
    case DType::i4:
      return run(std::int32_t{}, same);
    case DType::i8:
      return run(std::int64_t{}, same);
    case DType::u1:
      return run(std::uint8_t{}, same);
    case DType::u2:
      return run(std::uint16_t{}, same);
    case DType::u4:
      return run(std::uint32_t{}, same);
    case DType::u8:
      return run(std::uint64_t{}, same);
    case DType::f2:
      return run(std::uint16_t{}, half_to_float);
    case DType::f4:
      return run(float{}, same);
    case DType::f8:
      return run(double{}, same);
    case DType::bytes:
      throw FormatError(array.name, "is text; numbers are expected");
  }
}

template <class To, class From>
bool holds(From value) {
  if constexpr (std::is_floating_point_v<To>) {
    return true;  // rounding to float is what everybody expects; infinities are the caller's to refuse
  } else if constexpr (std::is_floating_point_v<From>) {
    return value >= 0 && value < 0x1p63 && value == std::floor(value) &&
           static_cast<std::uint64_t>(value) <= static_cast<std::uint64_t>(std::numeric_limits<To>::max());
  } else {
    return std::in_range<To>(value);
  }
}

}  // namespace

std::uint64_t NpyArray::size() const {
  std::uint64_t product = 1;
  for (const std::uint64_t extent : shape)
    product *= extent;  // parse_npy saw that it does not overflow
  return product;
}

void NpyArray::require(DType wanted, std::size_t alignment) const {
  const auto is_twin = [](DType a, DType b) {
    return (a == DType::i4 && b == DType::u4) || (a == DType::i8 && b == DType::u8);
  };
  if (dtype != wanted && !is_twin(dtype, wanted))
    throw FormatError(name, fmt::format("dtype is {}, must be {}", dtype_name(dtype), dtype_name(wanted)));
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment != 0)
    throw FormatError(name, "array is not aligned in the file", "rewrite the file with xmr-inspect convert");
}

template <class T>
std::vector<T> NpyArray::to() const {
  std::vector<T> values(bytes.size() / std::max<std::size_t>(item_size, 1));
  for_each_item(*this, [&](std::size_t i, auto value) {
    if (!holds<T>(value))
      throw FormatError(name, fmt::format("item {}: {} is outside 0..{}", i, value, std::numeric_limits<T>::max()));
    values[i] = static_cast<T>(value);
  });
  return values;
}
template std::vector<float> NpyArray::to() const;
template std::vector<double> NpyArray::to() const;
template std::vector<std::uint32_t> NpyArray::to() const;
template std::vector<std::uint64_t> NpyArray::to() const;

NpyArray parse_npy(std::string name, std::string_view file) {
  NpyArray array;
  array.name = std::move(name);
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(file[i])); };
  if (!file.starts_with(kMagic) || file.size() < 12) throw FormatError(array.name, "is not an npy array");
  const std::size_t major = byte(6);
  if (major < 1 || major > 3) throw FormatError(array.name, fmt::format("npy version {} is outside 1..3", major));
  const std::size_t start = major == 1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (major > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > file.size() - start) throw FormatError(array.name, "npy header is cut off");
  HeaderParser(array.name, file.substr(start, length)).parse(array);
  array.bytes = file.substr(start + length);

  std::uint64_t bytes = array.item_size;
  for (const std::uint64_t extent : array.shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) throw FormatError(array.name, "shape is larger than any memory");
  }
  if (bytes != array.bytes.size())
    throw FormatError(array.name, fmt::format("shape asks for {} bytes, there are {}", bytes, array.bytes.size()));
  return array;
}

std::string npy_header(DType dtype, std::span<const std::uint64_t> shape, std::size_t item_size) {
  std::string descr;
  if (dtype == DType::bytes) {
    descr = fmt::format("|S{}", item_size);
  } else {
    const TypeInfo& type = *find_type(dtype);
    descr = fmt::format("{}{}", type.size == 1 ? '|' : '<', type.descr);
  }
  std::string extents;
  for (const std::uint64_t extent : shape)
    extents += fmt::format("{}, ", extent);
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  if (shape.size() == 1) extents.resize(extents.size() - 1);  // a tuple of one: (3,)
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, extents);
  constexpr std::size_t kPreamble = 10;  // magic, version, length
  const std::size_t total = (kPreamble + header.size() + 1 + 63) / 64 * 64;
  header.append(total - kPreamble - header.size() - 1, ' ');
  header += '\n';
  std::string out(kMagic);
  out += '\x01';
  out += '\0';
  out += static_cast<char>(header.size() & 255U);
  out += static_cast<char>(header.size() >> 8);
  return out + header;
}

std::size_t item_size(DType dtype) {
  const TypeInfo* type = find_type(dtype);
  return type == nullptr ? 0 : type->size;
}

std::string_view dtype_name(DType dtype) {
  const TypeInfo* type = find_type(dtype);
  return type == nullptr ? "bytes" : type->name;
}

}  // namespace xmr
