#include "xmr/train/copied_rows.hpp"

namespace xmr {

CopiedRows::CopiedRows(CsrView x, std::size_t users, Parallel& parallel) : x_(x), users_(users) {
  parallel.for_each(2, [&](std::size_t step, unsigned) {
    if (step == 0)
      indices_.assign(x.indices.begin(), x.indices.end());
    else
      values_.assign(x.values.begin(), x.values.end());
  });
}

void CopiedRows::release() {
  if (--users_ > 0) return;
  indices_ = {};
  values_ = {};
}

}  // namespace xmr
