#pragma once
// 64-bit hashes of bytes (XXH3) for tables, checksums, and fingerprints by which a file names its inputs. They protect
// against mistakes and damage, not against forgery.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace xmr {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

template <class T>
std::uint64_t hash64(std::span<const T> values, std::uint64_t seed = 0) {
  return hash64(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()), seed);
}

// Hash of content that arrives in pieces. The result does not depend on how the content is cut.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(Fingerprint&&) noexcept;
  Fingerprint& operator=(Fingerprint&&) noexcept;

  Fingerprint& add(std::string_view bytes);
  Fingerprint& add(std::uint64_t value);
  template <class T>
  Fingerprint& add(std::span<const T> values) {
    return add(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  }
  // 16 lower-case hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr
