#include "xmr/util/vector_sort.hpp"

#include <algorithm>
#include <bit>

#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/util/vector_sort.cpp"
#include <hwy/foreach_target.h>  // must come before all others
#include <hwy/highway.h>

#include "hwy/contrib/sort/traits-inl.h"
#include "hwy/contrib/sort/traits128-inl.h"
#include "hwy/contrib/sort/vqsort-inl.h"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

#if VQSORT_ENABLED

namespace hn = hwy::HWY_NAMESPACE;

// hwy::Sort() draws its samples with random numbers that its shared library seeds. Otherwise this is the same. The
// depth is bounded, so inputs that are made against the seed cost O(n log n) too.
template <class Traits, class T>
void quick_sort(Traits traits, T* items, std::size_t count) {
  HWY_ALIGN T buffer[hwy::SortConstants::BufNum<T>(HWY_LANES(T))] = {};
  hn::detail::Generator random(0x9e3779b97f4a7c15U ^ count);
  for (int i = 0; i < 4; ++i)  // the first numbers are small
    random();
  const std::size_t levels = 2 * std::bit_width(count) + 4;
  hn::detail::Recurse(hn::SortTag<T>(), traits, items, items + count, count, buffer, random, levels);
}

template <class T>
using Ascending = hn::detail::SharedTraits<hn::detail::TraitsLane<hn::detail::OrderAscending<T>>>;
using AscendingKeys = hn::detail::SharedTraits<hn::detail::Traits128<hn::detail::OrderAscendingKV128>>;

void sort_32(std::uint32_t* items, std::size_t count) {
  quick_sort(Ascending<std::uint32_t>(), items, count);
}
void sort_64(std::uint64_t* items, std::size_t count) {
  quick_sort(Ascending<std::uint64_t>(), items, count);
}
void sort_keyed(KeyedValue* items, std::size_t count) {
  quick_sort(AscendingKeys(), reinterpret_cast<std::uint64_t*>(items), 2 * count);
}

#else

void sort_32(std::uint32_t* items, std::size_t count) {
  std::sort(items, items + count);
}
void sort_64(std::uint64_t* items, std::size_t count) {
  std::sort(items, items + count);
}
void sort_keyed(KeyedValue* items, std::size_t count) {
  std::sort(items, items + count, [](const KeyedValue& a, const KeyedValue& b) { return a.key < b.key; });
}

#endif

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

void vector_sort(std::span<std::uint32_t> items) {
  if (!items.empty()) XMR_BEST_TARGET(sort_32)(items.data(), items.size());
}
void vector_sort(std::span<std::uint64_t> items) {
  if (!items.empty()) XMR_BEST_TARGET(sort_64)(items.data(), items.size());
}
void vector_sort(std::span<KeyedValue> items) {
  if (!items.empty()) XMR_BEST_TARGET(sort_keyed)(items.data(), items.size());
}

}  // namespace xmr
#endif
