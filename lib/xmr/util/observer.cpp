#include "xmr/util/observer.hpp"

namespace xmr {

Observer& Observer::none() {
  static Observer silent;
  return silent;
}

}  // namespace xmr
