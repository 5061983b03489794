#pragma once
// Writes the container of npz_file.hpp. Members keep the order in which they are added; equal content gives equal
// bytes.
//
//   NpzWriter out("tree.npz");   out.add("labels", std::span(labels));   out.commit({"label-tree", 1, options});
//
// Errors: IoError; DataError if a name or a size does not fit. Thread rule: one thread at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/npy.hpp"
#include "xmr/io/npz_file.hpp"

namespace xmr {

// Bytes in memory that begin at a multiple of 64, as the arrays of an archive must.
class AlignedBytes {
  struct alignas(64) Line {
    char bytes[64];
  };

 public:
  // Avoids copies while the first `bytes` bytes are put.
  void reserve(std::uint64_t bytes) { lines_.reserve(bytes / sizeof(Line) + 1); }
  void put(std::uint64_t position, std::string_view bytes);
  std::string_view view() const { return {reinterpret_cast<const char*>(lines_.data()), size_}; }

 private:
  std::vector<Line> lines_;
  std::uint64_t size_ = 0;
};

class NpzWriter {
 public:
  // "-" and pipes are spooled and sent at commit(). Refuses to write to a terminal (DataError).
  explicit NpzWriter(const std::string& path);
  // Writes into memory, which must outlive the writer.
  explicit NpzWriter(AlignedBytes& bytes);
  ~NpzWriter();
  NpzWriter(NpzWriter&&) noexcept;
  NpzWriter& operator=(NpzWriter&&) noexcept;

  template <class T>
  void add(std::string_view name, std::span<const T> values) {
    const std::uint64_t length = values.size();
    add(name, dtype_of<T>(), {&length, 1}, as_bytes(values));
  }
  template <class T>
  void add(std::string_view name, const std::vector<T>& values) {
    add(name, std::span<const T>(values));
  }
  void add(std::string_view name, DType dtype, std::span<const std::uint64_t> shape, std::string_view bytes,
           std::size_t item_size = 0);

  // The same in pieces whose sizes add up to the shape.
  void begin(std::string_view name, DType dtype, std::span<const std::uint64_t> shape, std::size_t item_size = 0);
  template <class T>
  void append(std::span<const T> values) {
    append(as_bytes(values));
  }
  void append(std::string_view bytes);
  void end();

  // Adds the members of another file but meta.json, in their order, that `takes` accepts; null: all.
  void add_arrays(const NpzFile& file, const std::function<bool(std::string_view member)>& takes = nullptr);

  // Writes meta.json and the directory, and makes the file appear.
  void commit(const Meta& meta);

  // The first byte in which `file` differs from what this writer makes of its arrays, CRCs and meta.json, npos if there
  // is none. Together with check_all() this finds every changed bit of our own files. FormatError for a member that is
  // no array.
  static std::size_t first_difference(const NpzFile& file);
  // Writes the members and the meta.json of `file` anew: stored and aligned, whoever packed it. FormatError without
  // meta.json.
  static void rewrite(const NpzFile& file, const std::string& path);

 private:
  template <class T>
  static std::string_view as_bytes(std::span<const T> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
  }
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr
