#include "support/packed.hpp"

#include <cstdint>
#include <stdexcept>

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

namespace xmr::test {
namespace {

void require(bool done) {
  if (!done) throw std::logic_error("the text cannot be packed");
}

std::size_t pack_gzip(std::string_view text, std::string& out) {
  z_stream stream{};
  require(::deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  require(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  ::deflateEnd(&stream);
  return stream.total_out;
}

std::size_t pack_xz(std::string_view text, std::string& out) {
  std::size_t size = 0;
  require(::lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size,
                                    out.size()) == LZMA_OK);
  return size;
}

std::size_t pack_bzip2(std::string_view text, std::string& out) {
  auto size = static_cast<unsigned>(out.size());
  require(::BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                     static_cast<unsigned>(text.size()), 1, 0, 0) == BZ_OK);
  return size;
}

}  // namespace

std::string packed(Packing packing, std::string_view text) {
  std::string out(2 * text.size() + 1024, '\0');
  switch (packing) {
    case Packing::none:
      return std::string(text);
    case Packing::gzip:
      out.resize(pack_gzip(text, out));
      break;
    case Packing::zstd: {
      const std::size_t size = ::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
      require(::ZSTD_isError(size) == 0);
      out.resize(size);
      break;
    }
    case Packing::xz:
      out.resize(pack_xz(text, out));
      break;
    case Packing::bzip2:
      out.resize(pack_bzip2(text, out));
      break;
  }
  return out;
}

}  // namespace xmr::test
