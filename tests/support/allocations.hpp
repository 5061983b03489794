#pragma once
// Counts what a test program takes from the heap. It replaces operator new, so one file of a program includes it.
// Inlined, delete would look to the compiler like free() of memory that is not from malloc().

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace xmr::test {

inline std::atomic<std::size_t> allocations{0};

}  // namespace xmr::test

// Both forms: a sanitizer's own nothrow form does not fit the delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++xmr::test::allocations;
  return std::malloc(size > 0 ? size : 1);
}
void* operator new(std::size_t size) {
  if (void* const memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
