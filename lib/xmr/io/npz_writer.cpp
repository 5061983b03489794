#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <set>

#include <fmt/format.h>
#include <minizip/zip.h>

#include "xmr/io/file.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kLocalHeader = 30;    // ZIP APPNOTE 4.3.7, without name and extra fields
constexpr std::uint64_t kZip64Field = 20;     // which minizip adds behind our own extra field; it ends with two sizes
constexpr std::uint64_t kExtraHeader = 4;     // id and size of an extra field
constexpr std::uint16_t kPaddingId = 0xD935;  // "alignment" of Android's zipalign; readers skip what they do not know
constexpr std::uint32_t kFixedDate = 0x00210000;      // 1980-01-01 00:00, so that equal content gives equal bytes
constexpr std::size_t kPiece = std::size_t{1} << 30;  // minizip counts the bytes of a call in 32 bits

// Where the bytes of an archive go. Positions behind the end append.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void put(std::uint64_t position, std::string_view bytes) = 0;
  virtual void commit() = 0;
};

class FileSink : public Sink {
 public:
  explicit FileSink(const std::string& path) : file_(path, Access::random) {
    if (file_.is_terminal())
      throw DataError(file_.path(), "will not write binary to a terminal", "send it to a file with -o, or into a pipe");
  }
  void put(std::uint64_t position, std::string_view bytes) override {
    if (position == file_.position()) {
      file_.write(bytes);
    } else {
      file_.write_at(position, bytes);
    }
  }
  void commit() override { file_.commit(); }

 private:
  OutputFile file_;
};

// Compares instead of writing. minizip goes back to fill in sizes and checksums, so a difference counts only if it
// is still there in the end.
class CompareSink : public Sink {
 public:
  explicit CompareSink(std::string_view expected) : expected_(expected) {}
  void put(std::uint64_t position, std::string_view bytes) override {
    end_ = std::max(end_, position + bytes.size());
    if (position < expected_.size() && expected_.substr(position, bytes.size()) == bytes) {
      different_.erase(different_.lower_bound(position), different_.lower_bound(position + bytes.size()));
      return;
    }
    for (std::size_t i = 0; i < bytes.size() && different_.size() < kEnough; ++i) {
      if (position + i < expected_.size() && expected_[position + i] == bytes[i]) {
        different_.erase(position + i);
      } else {
        different_.insert(position + i);
      }
    }
  }
  void commit() override {}
  // The first byte that differs, or npos.
  std::size_t first_difference() const {
    if (!different_.empty()) return *different_.begin();
    return end_ == expected_.size() ? std::string_view::npos : std::min<std::size_t>(end_, expected_.size());
  }

 private:
  static constexpr std::size_t kEnough = std::size_t{1} << 16;
  std::string_view expected_;
  std::uint64_t end_ = 0;
  std::set<std::uint64_t> different_;
};

// minizip's file functions over a Sink. Exceptions must not pass through C, so they wait here.
struct Stream {
  std::unique_ptr<Sink> sink;
  std::uint64_t position = 0;
  std::uint64_t end = 0;
  std::exception_ptr failure;

  static Stream& of(voidpf opaque) { return *static_cast<Stream*>(opaque); }

  static uLong write(voidpf opaque, voidpf, const void* data, uLong size) {
    Stream& s = of(opaque);
    if (s.failure) return 0;
    try {
      s.sink->put(s.position, {static_cast<const char*>(data), size});
    } catch (...) {
      s.failure = std::current_exception();
      return 0;
    }
    s.position += size;
    s.end = std::max(s.end, s.position);
    return size;
  }

  static long seek(voidpf opaque, voidpf, ZPOS64_T offset, int origin) {
    Stream& s = of(opaque);
    s.position = origin == SEEK_SET ? offset : (origin == SEEK_CUR ? s.position : s.end) + offset;
    return 0;
  }

  zlib_filefunc64_def functions() {
    return {.zopen64_file = [](voidpf opaque, const void*, int) { return opaque; },
            .zread_file = [](voidpf, voidpf, void*, uLong) -> uLong { return 0; },
            .zwrite_file = write,
            .ztell64_file = [](voidpf opaque, voidpf) -> ZPOS64_T { return of(opaque).position; },
            .zseek64_file = seek,
            .zclose_file = [](voidpf, voidpf) { return 0; },
            .zerror_file = [](voidpf opaque, voidpf) { return of(opaque).failure ? 1 : 0; },
            .opaque = this};
  }
};

// Our own extra field, as long as needed to put the member's data at a multiple of kAlignment.
std::string padding_field(std::uint64_t local_header_position, std::size_t name_length) {
  const std::uint64_t fixed = local_header_position + kLocalHeader + name_length + kZip64Field + kExtraHeader;
  const std::uint64_t zeros = (kAlignment - fixed % kAlignment) % kAlignment;
  std::string field(kExtraHeader + zeros, '\0');
  field[0] = static_cast<char>(kPaddingId & 255U);
  field[1] = static_cast<char>(kPaddingId >> 8);
  field[2] = static_cast<char>(zeros);
  return field;
}

std::string meta_text(const Meta& meta) {
  nlohmann::ordered_json json;
  json["kind"] = meta.kind;
  json["format_version"] = meta.format_version;
  json["tool_version"] = meta.tool_version;
  json["content"] = meta.content.is_null() ? nlohmann::ordered_json::object() : meta.content;
  return json.dump(1) + "\n";
}

}  // namespace

struct NpzWriter::State {
  Stream stream;
  zipFile zip = nullptr;
  std::string member;                 // being written
  std::uint64_t expected = 0;         // bytes that it still misses
  std::uint64_t begin = 0, size = 0;  // where its data starts; how much there is

  explicit State(std::unique_ptr<Sink> sink) {
    stream.sink = std::move(sink);
    zlib_filefunc64_def functions = stream.functions();
    zip = ::zipOpen2_64(nullptr, APPEND_STATUS_CREATE, nullptr, &functions);
    if (zip == nullptr) throw std::bad_alloc();
  }
  ~State() {
    if (zip != nullptr) {
      stream.failure = std::make_exception_ptr(0);  // nothing is to be written any more
      ::zipClose(zip, nullptr);
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void check(int result) {
    if (stream.failure) std::rethrow_exception(stream.failure);
    if (result != ZIP_OK) throw std::bad_alloc();  // minizip reports nothing else that a caller could bring about
  }

  void open_member(const std::string& name) {
    zip_fileinfo info{};
    info.dosDate = kFixedDate;
    const std::string padding = padding_field(stream.position, name.size());
    check(::zipOpenNewFileInZip4_64(zip, name.c_str(), &info, padding.data(), static_cast<uInt>(padding.size()),
                                    nullptr, 0, nullptr, 0, 0, 0, -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY,
                                    nullptr, 0, 0, 0, /*zip64=*/1));
    begin = stream.position;
    size = 0;
  }

  // minizip leaves the ZIP64 field empty where the sizes fit into the local header. PECOS's reader of .npz files takes
  // what it finds there all the same.
  void close_member() {
    check(::zipCloseFileInZip(zip));
    static_assert(std::endian::native == std::endian::little);
    const std::uint64_t sizes[2] = {size, size};  // uncompressed, compressed
    stream.sink->put(begin - sizeof sizes, {reinterpret_cast<const char*>(sizes), sizeof sizes});
  }

  void write(std::string_view bytes) {
    size += bytes.size();
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPiece);
      check(::zipWriteInFileInZip(zip, piece.data(), static_cast<unsigned>(piece.size())));
      bytes.remove_prefix(piece.size());
    }
  }

  void commit(const std::string& meta) {
    open_member("meta.json");
    write(meta);
    close_member();
    check(::zipClose(std::exchange(zip, nullptr), nullptr));
    stream.sink->commit();
  }
};

NpzWriter::NpzWriter(const std::string& path) : state_(std::make_unique<State>(std::make_unique<FileSink>(path))) {}
NpzWriter::NpzWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
NpzWriter::~NpzWriter() = default;
NpzWriter::NpzWriter(NpzWriter&&) noexcept = default;
NpzWriter& NpzWriter::operator=(NpzWriter&&) noexcept = default;

void NpzWriter::begin(std::string_view name, DType dtype, std::span<const std::uint64_t> shape,
                      std::size_t bytes_per_item) {
  State& s = *state_;
  s.member = name;
  s.expected = dtype == DType::bytes ? bytes_per_item : item_size(dtype);
  for (const std::uint64_t extent : shape)
    s.expected *= extent;
  s.open_member(fmt::format("{}.npy", name));
  s.write(npy_header(dtype, shape, bytes_per_item));
}

void NpzWriter::append(std::string_view bytes) {
  if (bytes.size() > state_->expected) throw std::logic_error(state_->member + ": more bytes than its shape holds");
  state_->expected -= bytes.size();
  state_->write(bytes);
}

void NpzWriter::end() {
  if (state_->expected != 0) throw std::logic_error(state_->member + ": fewer bytes than its shape holds");
  state_->close_member();
}

void NpzWriter::add(std::string_view name, DType dtype, std::span<const std::uint64_t> shape, std::string_view bytes,
                    std::size_t bytes_per_item) {
  begin(name, dtype, shape, bytes_per_item);
  append(bytes);
  end();
}

void NpzWriter::commit(const Meta& meta) {
  state_->commit(meta_text(meta));
}

void NpzWriter::add_arrays(const NpzFile& file) {
  for (const std::string& member : file.members()) {
    if (member == "meta.json") continue;
    const NpyArray array = file.get(member);
    add(member, array.dtype, array.shape, array.bytes, array.item_size);
  }
}

std::size_t NpzWriter::first_difference(const NpzFile& file) {
  auto sink = std::make_unique<CompareSink>(file.bytes());
  const CompareSink& compare = *sink;
  NpzWriter writer(std::make_unique<State>(std::move(sink)));
  writer.add_arrays(file);
  writer.state_->commit(file.has_meta() ? meta_text(file.meta()) : std::string());
  return compare.first_difference();
}

bool NpzWriter::has_our_padding(const NpzFile& file) {
  const std::string_view bytes = file.bytes();
  constexpr std::size_t kNameLength = 26;  // where the first local header has it
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  const std::size_t name_length = byte(kNameLength) | byte(kNameLength + 1) << 8;
  const std::size_t extra = kLocalHeader + name_length;
  return (byte(extra) | byte(extra + 1) << 8) == kPaddingId;
}

void NpzWriter::rewrite(const NpzFile& file, const std::string& path) {
  const Meta& meta = file.meta();
  NpzWriter writer(path);
  writer.add_arrays(file);
  writer.commit(meta);
}

std::string_view version() {
  return XMR_VERSION;
}

}  // namespace xmr
