#include "xmr/serve/http.hpp"

#include <utility>

namespace xmr::serve {

void HttpReply::clear() {
  HttpReply empty;
  empty.body = std::move(body);
  empty.model_version = std::move(model_version);
  empty.body.clear();
  empty.model_version.clear();
  *this = std::move(empty);
}

}  // namespace xmr::serve
