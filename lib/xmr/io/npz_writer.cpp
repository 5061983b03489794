#include "xmr/io/npz_writer.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <zlib.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/zip_layout.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kMetaMember = "meta.json";
constexpr std::size_t kCheckedBytes = std::size_t{1} << 20;  // stays in a cache between CRC-32 and writing

std::uint32_t crc_behind(std::uint32_t before, std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string array_member(std::string_view name) {
  return fmt::format("{}.npy", name);
}

// Compares a file with bytes that come in order.
class Comparison {
 public:
  explicit Comparison(std::string_view file) : file_(file) {}

  void expect(std::string_view bytes) {
    const std::string_view found = file_.substr(std::min(position_, file_.size()), bytes.size());
    const bool same = found.size() == bytes.size() && (found.data() == bytes.data() || found == bytes);
    if (!same && !difference_) {
      const auto [at, unused] = std::ranges::mismatch(found, bytes);
      difference_ = position_ + static_cast<std::size_t>(at - found.begin());
    }
    position_ += bytes.size();
  }
  // The first byte that differs, or npos.
  std::size_t first_difference() const {
    if (difference_) return *difference_;
    return position_ == file_.size() ? std::string_view::npos : position_;
  }

 private:
  std::string_view file_;
  std::size_t position_ = 0;
  std::optional<std::size_t> difference_;
};

std::string meta_text(const Meta& meta) {
  Json json;
  json["kind"] = meta.kind;
  json["format_version"] = meta.format_version;
  json["tool_version"] = meta.tool_version;
  json["content"] = meta.content.is_null() ? Json::object() : meta.content;
  return json.dump(1) + "\n";
}

}  // namespace

void AlignedBytes::put(std::uint64_t position, std::string_view bytes) {
  size_ = std::max(size_, position + bytes.size());
  lines_.resize((size_ + sizeof(Line) - 1) / sizeof(Line));
  if (!bytes.empty()) std::memcpy(reinterpret_cast<char*>(lines_.data()) + position, bytes.data(), bytes.size());
}

struct NpzWriter::State {
  std::optional<OutputFile> file;
  AlignedBytes* memory = nullptr;  // instead of a file
  ZipLayout layout;
  std::string member;          // being written
  std::uint64_t expected = 0;  // bytes that it still misses
  std::uint32_t crc = 0;       // of its bytes so far

  explicit State(const std::string& path) : file(std::in_place, path, Access::random) {
    if (file->is_terminal())
      throw DataError(file->path(), "will not write binary to a terminal", "send it to a file with -o, or into a pipe");
  }
  explicit State(AlignedBytes& bytes) : memory(&bytes) {}

  void put(std::string_view bytes) {
    if (memory != nullptr)
      memory->put(memory->view().size(), bytes);
    else
      file->write(bytes);
  }

  void open_member(const std::string& name, std::uint64_t size) {
    put(layout.add(name, size, 0));
    crc = 0;
  }
  void write(std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(kCheckedBytes, bytes.size()))) {
      const std::string_view piece = bytes.substr(0, kCheckedBytes);
      crc = crc_behind(crc, piece);
      put(piece);
    }
  }
  void close_member() {
    const std::uint64_t position = layout.set_crc(crc);
    const std::string bytes{static_cast<char>(crc), static_cast<char>(crc >> 8), static_cast<char>(crc >> 16),
                            static_cast<char>(crc >> 24)};
    if (memory != nullptr)
      memory->put(position, bytes);
    else
      file->write_at(position, bytes);
  }
};

NpzWriter::NpzWriter(const std::string& path) : state_(std::make_unique<State>(path)) {}
NpzWriter::NpzWriter(AlignedBytes& bytes) : state_(std::make_unique<State>(bytes)) {}
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
  const std::string header = npy_header(dtype, shape, bytes_per_item);
  s.open_member(array_member(name), header.size() + s.expected);
  s.write(header);
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
  const std::string text = meta_text(meta);
  state_->open_member(std::string(kMetaMember), text.size());
  state_->write(text);
  state_->close_member();
  state_->put(state_->layout.directory());
  if (state_->file) state_->file->commit();
}

void NpzWriter::add_arrays(const NpzFile& file, const std::function<bool(std::string_view)>& takes) {
  for (const std::string& member : file.members()) {
    if (member == kMetaMember || (takes && !takes(member))) continue;
    const NpyArray array = file.get(member);
    add(member, array.dtype, array.shape, array.bytes, array.item_size);
  }
}

std::size_t NpzWriter::first_difference(const NpzFile& file) {
  Comparison comparison(file.bytes());
  ZipLayout layout;
  for (const std::string& member : file.members()) {
    if (member == kMetaMember) continue;
    const NpyArray array = file.get(member);
    const std::string header = npy_header(array.dtype, array.shape, array.item_size);
    comparison.expect(layout.add(array_member(member), header.size() + array.bytes.size(), file.crc(member)));
    comparison.expect(header);
    comparison.expect(array.bytes);
  }
  const std::string text = file.has_meta() ? meta_text(file.meta()) : std::string();
  comparison.expect(layout.add(kMetaMember, text.size(), crc_behind(0, text)));
  comparison.expect(text);
  comparison.expect(layout.directory());
  return comparison.first_difference();
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
