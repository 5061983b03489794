#pragma once
// Memory of 64-byte lines of 16 floats, one float a lane: line i is data()[16·i .. 16·i+15]. Large buffers ask for huge
// pages: the solver visits lines at random, and the walks of page tables cost 10 to 20 % of its time without them.
// Thread rule: one thread at a time.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace xmr {

inline constexpr std::size_t kLanes = 16;

class LaneBuffer {
 public:
  // Room for `lines` lines; what was there is lost if it has to grow.
  void reserve(std::size_t lines);
  float* data() { return memory_.get(); }
  const float* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(float* memory) const noexcept;
  };
  std::unique_ptr<float, Free> memory_;
  std::size_t capacity_ = 0;  // lines
};

}  // namespace xmr
