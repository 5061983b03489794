#pragma once
// Files of the tools: "-" is stdin or stdout; an output appears whole or not at all.
//
//   OutputFile out("model.npz");
//   out.write(bytes);
//   out.commit();            // without it the destructor removes the partial file
//
// A regular (or absent) target is written under a temporary name beside it (".model.npz.XXXXXX.tmp", locked while its
// writer lives, mode by umask), fsynced and renamed over the target, through symbolic links. Anything else (FIFO,
// devices, /dev/fd/N, stdout) is written directly. Temporaries that a killed process left behind are removed by the
// next writer of the same target.
// Errors: IoError with path and errno; ConfigError for an output without a name. Thread rule: one thread at a time per
// object.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace xmr {

enum class Access {
  sequential,  // write() only
  random,      // write_at() too; an unseekable target is spooled to an unlinked temporary first
};

class OutputFile {
 public:
  explicit OutputFile(const std::string& path, Access access = Access::sequential);
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;

  void write(std::string_view bytes);
  // Overwrites bytes that were written before.
  void write_at(std::uint64_t position, std::string_view bytes);
  std::uint64_t position() const noexcept;
  // Hands buffered bytes to the system, so that a reader of a pipe sees them now.
  void flush();
  // Makes the file appear under its name; nothing can be written afterwards.
  void commit();

  const std::string& path() const noexcept;
  bool is_terminal() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class Packing : std::uint8_t;  // packing.hpp

// Bytes from a file, a pipe or stdin ("-"), in order. Unpacks gzip, zstd, xz and bzip2.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(InputFile&&) noexcept;
  InputFile& operator=(InputFile&&) noexcept;

  // Reads the available bytes: at least 1 (waits for it), at most buffer.size(). Returns 0 at the end.
  std::size_t read(std::span<char> buffer);
  // The first bytes without consuming them (fewer only when the input is shorter); n ≤ 4096.
  std::string_view peek(std::size_t n);
  // Continues with the bytes begin..end-1 only, of a file for which is_regular() holds. IoError if seeking fails.
  void narrow(std::uint64_t begin, std::uint64_t end);

  // The path, "<stdin>" for "-": for messages.
  const std::string& name() const noexcept;
  // True for a regular file that is not packed.
  bool is_regular() const noexcept;
  bool is_terminal() const noexcept;
  // Known at once for a regular file, for others after the first peek() or read().
  Packing packing() const noexcept;

 private:
  friend class MappedFile;
  struct State;
  std::unique_ptr<State> state_;
};

// True for a regular file that is not packed, whose bytes can be read from any place.
bool is_plain_file(const std::string& path);

// The whole file in memory, mapped read-only and shared; a pipe and packed text go to an unlinked temporary first.
// FormatError for packed arrays.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  // A view of bytes that must outlive it, under a name for messages.
  static MappedFile of(std::string_view bytes, std::string name);
  ~MappedFile();
  MappedFile(MappedFile&&) noexcept;
  MappedFile& operator=(MappedFile&&) noexcept;

  std::string_view bytes() const noexcept { return {data_, size_}; }
  const std::string& name() const noexcept { return name_; }
  // Prepares for random reads: bytes not in memory are then loaded page by page. By default the system reads far around
  // each page (128 kB, on some devices 8 MB), which suits reading from end to end.
  void expect_random_reads() const noexcept;
  // Frees the memory of the bytes; the next access reads them again.
  void drop_pages() const noexcept;

 private:
  MappedFile() = default;
  std::string name_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  bool is_mapped_ = false;  // here
};

// The kind of a file, recognised by its first bytes.
enum class FileKind { npz, npy, text, empty };
FileKind recognize(std::string_view first_bytes);

}  // namespace xmr
