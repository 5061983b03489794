#pragma once
// An archive of ours that is larger than any memory: zeros in its members are holes of the file.
//
//   SparseArchive out(path);
//   out.add<std::uint32_t>("indices", {{{1, 2}, k4G}, {{7}, 0}});  // 1, 2, then 2^32 zeros, then 7
//   out.copy(file, "labels");                                      // a member of another archive
//   out.commit(file.raw("meta.json"));
//
// Thread rule: one thread.

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/zip_layout.hpp"

#include "support/plain_zip.hpp"

namespace xmr::test {

inline constexpr std::uint64_t k2G = std::uint64_t{1} << 31, k4G = std::uint64_t{1} << 32, k8G = std::uint64_t{1} << 33;

// Values, and how many zeros follow them.
template <class T>
struct Stretch {
  std::vector<T> values;
  std::uint64_t zeros = 0;
};

class SparseArchive {
 public:
  explicit SparseArchive(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {}
  ~SparseArchive() { ::close(descriptor_); }
  SparseArchive(const SparseArchive&) = delete;
  SparseArchive& operator=(const SparseArchive&) = delete;

  // A member of bytes that is no array. Returns where its data begins in the file.
  std::uint64_t add_bytes(const std::string& member, const std::vector<Stretch<char>>& pieces) {
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
    for (const Stretch<char>& piece : pieces) {
      const std::string_view bytes(piece.values.data(), piece.values.size());
      crc = PlainZip::joined(crc, PlainZip::crc_of(bytes), bytes.size());
      crc = PlainZip::joined(crc, PlainZip::crc_of_zeros(piece.zeros), piece.zeros);
      size += bytes.size() + piece.zeros;
    }
    write(layout_.add(member, size, crc));
    const std::uint64_t begin = end_;
    for (const Stretch<char>& piece : pieces) {
      write({piece.values.data(), piece.values.size()});
      end_ += piece.zeros;
    }
    return begin;
  }

  // An array of one dimension, or, if `columns` is not 1, of two.
  template <class T>
  void add(const std::string& member, const std::vector<Stretch<T>>& pieces, std::uint64_t columns = 1) {
    std::vector<std::uint64_t> shape{0};
    std::vector<Stretch<char>> bytes(1);
    for (const Stretch<T>& piece : pieces) {
      shape[0] += piece.values.size() + piece.zeros;
      const auto* const begin = reinterpret_cast<const char*>(piece.values.data());
      bytes.push_back({std::vector<char>(begin, begin + piece.values.size() * sizeof(T)), piece.zeros * sizeof(T)});
    }
    if (columns > 1) shape = {shape[0] / columns, columns};
    const std::string header = npy_header(dtype_of<T>(), shape);
    bytes[0].values.assign(header.begin(), header.end());
    add_bytes(member + ".npy", bytes);
  }
  template <class T>
  void add(const std::string& member, const std::vector<T>& values) {
    add<T>(member, std::vector<Stretch<T>>{{values, 0}});
  }

  void copy(const NpzFile& file, const std::string& member) {
    const std::string_view bytes = file.raw(member);
    add_bytes(member + ".npy", {{std::vector<char>(bytes.begin(), bytes.end()), 0}});
  }

  void commit(std::string_view meta) {
    add_bytes("meta.json", {{std::vector<char>(meta.begin(), meta.end()), 0}});
    write(layout_.directory());
  }

 private:
  void write(std::string_view bytes) {
    if (::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(end_)) !=
        static_cast<ssize_t>(bytes.size()))
      throw std::system_error(errno, std::generic_category(), path_);
    end_ += bytes.size();
  }

  std::string path_;
  int descriptor_;
  ZipLayout layout_;
  std::uint64_t end_ = 0;
};

}  // namespace xmr::test
