#pragma once
// The container of every file that a tool writes: one .npz that numpy.load opens, whose arrays can be used in place.
//
// An archive of stored .npy members and, last, meta.json. Every member's data starts at a multiple of 64 bytes of the
// file, and so does the array inside it (its npy header is a multiple of 64 long). ZIP64 throughout, fixed date,
// members in the order in which they were added: equal content gives equal bytes. docs/formats.md has the byte tables.
//
//   NpzWriter out("tree.npz");                       NpzFile in("tree.npz");
//   out.add("labels", std::span(labels));            auto labels = in.array<std::uint32_t>("labels");
//   out.commit({"label-tree", 1, options});          in.meta().kind
//
// Components (a vectorizer inside a model) write their members under a prefix: "vectorizer/words".
// Member names here are without ".npy".

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npy.hpp"

namespace xmr {

// The version of the tools, as in meta.json.
std::string_view version();

// meta.json: what the file is and where it comes from. `content` holds the options that determine the content and the
// fingerprints of what it was made from; never paths, threads, memory limits, host names or clocks.
struct Meta {
  std::string kind;        // "matrix", "vectorizer", "label-tree", "model", "predictions", ...
  int format_version = 1;  // of that kind
  JsonValue content = {};
  std::string tool_version = std::string(version());
};

class NpzFile;

class NpzWriter {
 public:
  // "-" and pipes are spooled and sent at commit(). Refuses to write to a terminal (DataError).
  explicit NpzWriter(const std::string& path);
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

  // All members of another file but meta.json, in their order.
  void add_arrays(const NpzFile& file);

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

// An open archive, ours or anybody's (stored or deflated members). Arrays of stored members are views of the mapped
// file, those of deflated ones are inflated once and kept. Opening checks the directory, meta.json and the CRC-32 of
// members up to 1 MiB; check() does it for a larger one. Costs: a few µs per member, nothing that grows with the file.
// Thread rule: const methods from any thread.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);
  explicit NpzFile(MappedFile file);
  ~NpzFile();
  NpzFile(NpzFile&&) noexcept;
  NpzFile& operator=(NpzFile&&) noexcept;

  const std::string& name() const noexcept;   // for messages
  std::string_view bytes() const noexcept;    // of the whole file
  void expect_random_reads() const noexcept;  // as of MappedFile
  std::vector<std::string> members() const;   // names without ".npy", in file order; other members as they are
  bool has(std::string_view member) const;

  // FormatError if there is no such member, or it is no well-formed array.
  NpyArray get(std::string_view member) const;
  // A one-dimensional array of exactly T.
  template <class T>
  std::span<const T> array(std::string_view member) const {
    const NpyArray found = get(member);
    require_vector(found);
    return found.as<T>();
  }
  // Bytes of a member that is no array.
  std::string_view raw(std::string_view member) const;
  // The CRC-32 of a member as the directory has it.
  std::uint32_t crc(std::string_view member) const;
  // Verifies a member's CRC-32 (FormatError).
  void check(std::string_view member) const;
  void check_all() const;
  // Of all members by their CRC-32, which are not compared with the bytes.
  std::string fingerprint() const;

  bool has_meta() const;  // false for files of other programs
  const Meta& meta() const;
  // FormatError unless meta says this kind and a format version that this program reads (1..newest).
  void require_kind(std::string_view kind, int newest) const;

 private:
  static void require_vector(const NpyArray& array);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr
