#pragma once
// Every truncation and every one-byte change of a small file, for tests of its readers:
//
//   Damage damage("vectorizer", whole);
//   CHECK(damage.cut([&](const std::string& bytes) { read(bytes); }) == whole.size());  // all of them were refused
//   damage.change({0x01, 0x80}, [&](const std::string& bytes) { read(bytes); });        // each byte, each bit mask
//   damage.replace([&](const std::string& bytes) { read(bytes); });                     // each byte by all others
//
// A reader refuses with an xmr::Error. `read` checks accepted bytes with Catch2's assertions; it must call the reader
// outside of them, because they catch exceptions. At the end a line reports the tried changes,
// `damage<TAB>reader<TAB>truncations<TAB>changes`, which tests/torture/damage.sh adds up.
// Thread rule: the main thread.

#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

namespace xmr::test {

class Damage {
 public:
  Damage(std::string reader, std::string whole) : reader_(std::move(reader)), whole_(std::move(whole)) {}
  ~Damage() {
    std::printf("damage\t%s\t%zu\t%zu\n", reader_.c_str(), truncations_, changes_);
    std::fflush(stdout);
  }
  Damage(const Damage&) = delete;
  Damage& operator=(const Damage&) = delete;

  // Each returns how many were refused.
  template <class Read>
  std::size_t cut(const Read& read) {
    const std::size_t before = refused_;
    for (std::size_t size = 0; size < whole_.size(); ++size, ++truncations_) {
      INFO(reader_ << " cut to " << size << " bytes");
      attempt(whole_.substr(0, size), read);
    }
    return refused_ - before;
  }
  template <class Read>
  std::size_t change(std::initializer_list<unsigned> masks, const Read& read) {
    const std::size_t before = refused_;
    for (std::size_t at = 0; at < whole_.size(); ++at)
      for (const unsigned mask : masks)
        change_byte(at, static_cast<unsigned char>(whole_[at]) ^ mask, read);
    return refused_ - before;
  }
  template <class Read>
  std::size_t replace(const Read& read) {
    const std::size_t before = refused_;
    for (std::size_t at = 0; at < whole_.size(); ++at)
      for (unsigned byte = 0; byte < 256; ++byte)
        if (byte != static_cast<unsigned char>(whole_[at])) change_byte(at, byte, read);
    return refused_ - before;
  }

 private:
  template <class Read>
  void change_byte(std::size_t at, unsigned byte, const Read& read) {
    INFO(reader_ << " with " << byte << " at byte " << at);
    std::string changed = whole_;
    changed[at] = static_cast<char>(byte);
    attempt(changed, read);
    ++changes_;
  }
  template <class Read>
  void attempt(const std::string& bytes, const Read& read) {
    try {
      read(bytes);
    } catch (const Error&) {
      ++refused_;
    }
  }

  std::string reader_, whole_;
  std::size_t truncations_ = 0, changes_ = 0, refused_ = 0;
};

}  // namespace xmr::test
