#pragma once
// Unpacks gzip (zlib), zstd, xz (liblzma) and bzip2 streams, piece by piece. Members, frames and streams that follow
// each other are one text, as the programs of these formats read them (bgzip, pigz, pbzip2, pzstd, `cat a.gz b.gz`).
//
//   const auto decoder = make_decoder(Packing::gzip);
//   while (...) decoder->decode(in, out, /*is_last=*/false);   // in: packed bytes; out: room for unpacked ones
//
// Memory: gzip 40 KiB, bzip2 4 MiB, zstd and xz their window, at most 2 GiB.
// Errors: DecodeError. Thread rule: one thread at a time per object.

#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "xmr/io/packing.hpp"

namespace xmr {

// A damaged stream. The message is the library's.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Takes bytes off the front of `in` and room off the front of `out`, until one of them is empty. `is_last`: no byte
  // follows `in`.
  virtual void decode(std::span<const char>& in, std::span<char>& out, bool is_last) = 0;
  // True between two members: the file may end here.
  virtual bool is_complete() const = 0;
};

// `packing` is not none.
std::unique_ptr<Decoder> make_decoder(Packing packing);

}  // namespace xmr
