#pragma once
// Vectors for random access. Blocks of 2 MiB or more ask for huge pages: with pages of 4 KiB, a fifth of the time of
// training is spent on page table walks.
//
//   HugeVector<float> lines;
//   renew(lines, count, 0.0F);
//
// Large blocks are rounded up to 2 MiB. All blocks begin at a multiple of 64 bytes, the size of a cache line. Thread
// rule: as std::vector.

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace xmr {

template <class T>
class HugePages {
 public:
  using value_type = T;

  HugePages() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as every allocator
  template <class U>
  HugePages(const HugePages<U>& /*other*/) noexcept {}

  T* allocate(std::size_t count) {
    if (count > (std::numeric_limits<std::size_t>::max() - kHugePage) / sizeof(T)) throw std::bad_alloc();
    const std::size_t alignment = alignment_of(count), bytes = bytes_of(count);
    void* const memory = std::aligned_alloc(alignment, bytes);
    if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (alignment == kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);  // if the system refuses, access is only slower
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t /*count*/) noexcept {
    std::free(memory);
  }

  bool operator==(const HugePages& /*other*/) const noexcept {
    return true;
  }

  // The number of bytes that allocate() takes.
  static std::size_t bytes_of(std::size_t count) noexcept {
    const std::size_t alignment = alignment_of(count);
    return (count * sizeof(T) + alignment - 1) / alignment * alignment;
  }

 private:
  static constexpr std::size_t kLine = 64, kHugePage = std::size_t{2} << 20;
  static std::size_t alignment_of(std::size_t count) noexcept {
    return count * sizeof(T) >= kHugePage ? kHugePage : kLine;
  }
};

template <class T>
using HugeVector = std::vector<T, HugePages<T>>;

// Sets `vector` to `count` copies of `value`. If the capacity is too small, frees the old memory before it allocates.
template <class T>
void renew(HugeVector<T>& vector, std::size_t count, T value) {
  if (vector.capacity() < count) vector = {};
  vector.assign(count, value);
}

}  // namespace xmr
