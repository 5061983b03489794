#include "xmr/io/decoder.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>

#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

namespace xmr {
namespace {

constexpr std::uint64_t kMaxWindow = std::uint64_t{2} << 30;  // bytes
constexpr int kMaxWindowLog = 31;

// The libraries count in 32 bits.
template <class Count>
Count piece(std::size_t size) {
  return static_cast<Count>(std::min<std::size_t>(size, std::numeric_limits<Count>::max()));
}

template <class Byte>
Byte* bytes_of(std::span<const char> in) {
  return reinterpret_cast<Byte*>(const_cast<char*>(in.data()));
}

class GzipDecoder : public Decoder {
 public:
  GzipDecoder() {
    constexpr int kGzipOnly = 16;
    if (::inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { ::inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  void decode(std::span<const char>& in, std::span<char>& out, bool) override {
    while (!out.empty()) {
      if (complete_) {
        // Zeros may fill the last block of a tape; other bytes begin the next member.
        const auto next = std::ranges::find_if(in, [](char c) { return c != '\0'; });
        padded_ |= next != in.begin();
        in = in.subspan(static_cast<std::size_t>(next - in.begin()));
        if (in.empty()) return;
        if (padded_ || in.front() != '\x1f') throw DecodeError("bytes that are no gzip member follow the last one");
        ::inflateReset(&stream_);
        complete_ = false;
      }
      stream_.next_in = bytes_of<Bytef>(in);
      stream_.avail_in = piece<uInt>(in.size());
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = piece<uInt>(out.size());
      const uInt in_before = stream_.avail_in, out_before = stream_.avail_out;
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      const uInt written = out_before - stream_.avail_out;
      in = in.subspan(in_before - stream_.avail_in);
      out = out.subspan(written);
      if (result == Z_MEM_ERROR) throw std::bad_alloc();
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        throw DecodeError(stream_.msg != nullptr ? stream_.msg : "damaged data");
      complete_ = result == Z_STREAM_END;
      if (in.empty() && written == 0) return;
    }
  }
  bool is_complete() const override { return complete_; }

 private:
  z_stream stream_{};
  bool complete_ = false, padded_ = false;
};

class ZstdDecoder : public Decoder {
 public:
  ZstdDecoder() : stream_(::ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ::ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~ZstdDecoder() override { ::ZSTD_freeDStream(stream_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  void decode(std::span<const char>& in, std::span<char>& out, bool) override {
    while (!out.empty()) {
      ZSTD_inBuffer from{in.data(), in.size(), 0};
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      const std::size_t result = ::ZSTD_decompressStream(stream_, &to, &from);
      if (::ZSTD_isError(result) != 0) throw DecodeError(::ZSTD_getErrorName(result));
      in = in.subspan(from.pos);
      out = out.subspan(to.pos);
      if (from.pos > 0 || to.pos > 0) complete_ = result == 0;
      if (in.empty() && to.pos == 0) return;  // nothing is left inside either
      if (in.empty() && complete_) return;
    }
  }
  bool is_complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

class XzDecoder : public Decoder {
 public:
  XzDecoder() {
    if (::lzma_stream_decoder(&stream_, kMaxWindow, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }
  ~XzDecoder() override { ::lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  void decode(std::span<const char>& in, std::span<char>& out, bool is_last) override {
    while (!out.empty() && !complete_ && (!in.empty() || is_last)) {
      stream_.next_in = bytes_of<const std::uint8_t>(in);
      stream_.avail_in = in.size();
      stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
      stream_.avail_out = out.size();
      const lzma_ret result = ::lzma_code(&stream_, is_last ? LZMA_FINISH : LZMA_RUN);
      const std::size_t read = in.size() - stream_.avail_in;
      const std::size_t written = out.size() - stream_.avail_out;
      in = in.subspan(read);
      out = out.subspan(written);
      complete_ = result == LZMA_STREAM_END;
      if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
      if (result == LZMA_BUF_ERROR && is_last) return;  // cut off
      if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR)
        throw DecodeError(message(result));
      if (read == 0 && written == 0) return;
    }
  }
  bool is_complete() const override { return complete_; }

 private:
  static const char* message(lzma_ret result) {
    switch (result) {
      case LZMA_MEMLIMIT_ERROR:
        return "needs more than 2 GiB of memory";
      case LZMA_FORMAT_ERROR:
        return "bytes that are no xz stream";
      case LZMA_OPTIONS_ERROR:
        return "an option of xz that is not known";
      default:
        return "damaged data";
    }
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool complete_ = false;
};

class Bzip2Decoder : public Decoder {
 public:
  Bzip2Decoder() { start(); }
  ~Bzip2Decoder() override { ::BZ2_bzDecompressEnd(&stream_); }
  Bzip2Decoder(const Bzip2Decoder&) = delete;
  Bzip2Decoder& operator=(const Bzip2Decoder&) = delete;

  void decode(std::span<const char>& in, std::span<char>& out, bool) override {
    while (!out.empty()) {
      if (complete_) {
        if (in.empty()) return;
        ::BZ2_bzDecompressEnd(&stream_);
        start();
      }
      stream_.next_in = bytes_of<char>(in);
      stream_.avail_in = piece<unsigned>(in.size());
      stream_.next_out = out.data();
      stream_.avail_out = piece<unsigned>(out.size());
      const unsigned in_before = stream_.avail_in, out_before = stream_.avail_out;
      const int result = ::BZ2_bzDecompress(&stream_);
      const unsigned written = out_before - stream_.avail_out;
      in = in.subspan(in_before - stream_.avail_in);
      out = out.subspan(written);
      if (result == BZ_MEM_ERROR) throw std::bad_alloc();
      if (result == BZ_DATA_ERROR_MAGIC) throw DecodeError("bytes that are no bzip2 stream");
      if (result != BZ_OK && result != BZ_STREAM_END) throw DecodeError("damaged data");
      complete_ = result == BZ_STREAM_END;
      if (in.empty() && written == 0) return;
    }
  }
  bool is_complete() const override { return complete_; }

 private:
  void start() {
    stream_ = {};
    if (::BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    complete_ = false;
  }

  bz_stream stream_{};
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(Packing packing) {
  switch (packing) {
    case Packing::gzip:
      return std::make_unique<GzipDecoder>();
    case Packing::zstd:
      return std::make_unique<ZstdDecoder>();
    case Packing::xz:
      return std::make_unique<XzDecoder>();
    case Packing::bzip2:
      return std::make_unique<Bzip2Decoder>();
    case Packing::none:
      break;
  }
  throw std::logic_error("no packing");
}

}  // namespace xmr
