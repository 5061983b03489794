#pragma once
// Reads the container of every file that a tool writes: one .npz that numpy.load opens. Arrays are used in place.
// npz_writer.hpp writes it.
//
// An archive of stored .npy members and, last, meta.json. Every member's data starts at a multiple of 64 bytes of the
// file, and so does the array inside it (its npy header is a multiple of 64 long). ZIP64 throughout, fixed date,
// members in the order in which they were added: equal content gives equal bytes. zip_layout.hpp has the bytes.
//
//   const NpzFile in("tree.npz");   const auto labels = in.array<std::uint32_t>("labels");   in.meta().kind
//
// Components (a vectorizer inside a model) write their members under a prefix: "vectorizer/words".
// Member names here are without ".npy".

#include <cstdint>
#include <memory>
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

// meta.json: the kind and the origin of the file. `content` holds the options that determine the content and the
// fingerprints of the inputs; never paths, threads, memory limits, host names or clocks.
struct Meta {
  std::string kind;        // "matrix", "vectorizer", "label-tree", "model", "predictions", ...
  int format_version = 1;  // of that kind
  Json content = {};
  std::string tool_version = std::string(version());
};

// An open archive, ours or foreign (stored or deflated members). Arrays of stored members are views of the mapped file;
// deflated ones are inflated once and kept. Opening checks the directory, meta.json and the CRC-32 of members up to 1
// MiB; check() verifies a larger one. Cost: a few µs per member, independent of the size of the file. Thread rule:
// const methods from any thread.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);
  explicit NpzFile(MappedFile file);
  // The archive that an array of bytes (u1) holds; this file must outlive it. FormatError if the array holds none.
  NpzFile nested(std::string_view member) const;
  ~NpzFile();
  NpzFile(NpzFile&&) noexcept;
  NpzFile& operator=(NpzFile&&) noexcept;

  const std::string& name() const noexcept;   // for messages
  std::string_view bytes() const noexcept;    // of the whole file
  void expect_random_reads() const noexcept;  // as of MappedFile
  void drop_pages() const noexcept;           // as of MappedFile
  std::vector<std::string> members() const;   // names without ".npy", in file order; other members unchanged
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
  // A hash of the recorded CRC-32 of all members. The CRCs are not compared with the bytes.
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
