#pragma once
// The .npy array format, versions 1 to 3 (NumPy, "NPY format" of the NumPy reference): a header that gives dtype, order
// and shape, then the values. Only little-endian fixed-width types are read.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace xmr {

enum class DType : std::uint8_t { bool_, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4, f8, bytes };

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return DType::f4;
  else if constexpr (std::is_same_v<T, double>)
    return DType::f8;
  else if constexpr (std::is_same_v<T, bool>)
    return DType::bool_;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
    return sizeof(T) == 1 ? DType::i1 : sizeof(T) == 2 ? DType::i2 : sizeof(T) == 4 ? DType::i4 : DType::i8;
  else {
    static_assert(std::is_integral_v<T> || std::is_same_v<T, std::byte>, "no npy type for T");
    return sizeof(T) == 1 ? DType::u1 : sizeof(T) == 2 ? DType::u2 : sizeof(T) == 4 ? DType::u4 : DType::u8;
  }
}

// A view of an array: the memory belongs to whoever mapped or read it.
struct NpyArray {
  std::string name;  // "path: member", for messages
  DType dtype = DType::u1;
  std::size_t item_size = 1;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::string_view bytes;

  std::uint64_t size() const;  // product of the shape

  // The values in place. FormatError unless dtype is exactly T's and the values are aligned for T. On our own disk
  // int32 is what SciPy expects of indices, so a signed type may be viewed as its unsigned twin.
  template <class T>
  std::span<const T> as() const {
    require(dtype_of<T>(), alignof(T));
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  // The values converted to T (any numeric dtype; FormatError for a value that T cannot hold).
  template <class T>
  std::vector<T> to() const;

 private:
  void require(DType wanted, std::size_t alignment) const;
};

// Parses a whole .npy file in memory; `name` is used in messages. FormatError on anything that does not fit.
NpyArray parse_npy(std::string name, std::string_view file);

// The header of an array, padded with blanks so that its length is a multiple of 64.
// item_size is used for DType::bytes only ("|S3").
std::string npy_header(DType dtype, std::span<const std::uint64_t> shape, std::size_t item_size = 0);

std::size_t item_size(DType dtype);        // 0 for bytes
std::string_view dtype_name(DType dtype);  // "float32", "int64", ...

}  // namespace xmr
