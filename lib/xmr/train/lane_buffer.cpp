#include "xmr/train/lane_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

#include <sys/mman.h>

namespace xmr {

namespace {

constexpr std::size_t kLineBytes = kLanes * sizeof(float);
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

void LaneBuffer::Free::operator()(float* memory) const noexcept {
  std::free(memory);
}

void LaneBuffer::reserve(std::size_t lines) {
  if (lines <= capacity_) return;
  if (lines > (std::numeric_limits<std::size_t>::max() - kHugePage) / kLineBytes) throw std::bad_alloc();
  memory_.reset();
  capacity_ = 0;
  const std::size_t alignment = lines * kLineBytes >= kHugePage ? kHugePage : kLineBytes;
  const std::size_t bytes = (std::max<std::size_t>(lines, 1) * kLineBytes + alignment - 1) / alignment * alignment;
  memory_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
  if (!memory_) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // Only advice: where it is not taken, it is slower.
  if (alignment == kHugePage) madvise(memory_.get(), bytes, MADV_HUGEPAGE);
#endif
  capacity_ = lines;
}

}  // namespace xmr
