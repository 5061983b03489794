#include "xmr.h"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "xmr/api/model.hpp"

namespace {

thread_local std::string last_error;

// Turns exceptions into an error text: a caller in C cannot catch them.
template <class Result, class Action>
Result guarded(Result failed, const Action& action) noexcept {
  try {
    return action();
  } catch (const std::exception& error) {
    try {
      last_error = error.what();
    } catch (...) {
      last_error.clear();
    }
  } catch (...) {
    last_error.clear();
  }
  return failed;
}

}  // namespace

struct xmr_ranker {
  xmr_ranker(xmr::api::Model of, std::uint32_t answers) : model(std::move(of)), k(answers), rank(model, {.k = k}) {}

  xmr::api::Model model;  // shared by all rankers that xmr_share() made
  std::uint32_t k;
  xmr::api::TextRanker rank;
};

xmr_ranker* xmr_open(const char* path, uint32_t k) {
  return guarded<xmr_ranker*>(nullptr, [&] { return new xmr_ranker(xmr::api::Model(std::string(path)), k); });
}

xmr_ranker* xmr_share(const xmr_ranker* ranker) {
  return guarded<xmr_ranker*>(nullptr, [&] { return new xmr_ranker(ranker->model, ranker->k); });
}

void xmr_close(xmr_ranker* ranker) {
  delete ranker;
}

int xmr_rank(xmr_ranker* ranker, const char* text, size_t size, uint32_t* labels, float* scores) {
  return guarded(-1, [&] {
    const xmr::SparseRow ranked = ranker->rank(std::string_view(text, size));
    std::copy(ranked.indices.begin(), ranked.indices.end(), labels);
    std::copy(ranked.values.begin(), ranked.values.end(), scores);
    return static_cast<int>(ranked.size());
  });
}

const char* xmr_key(const xmr_ranker* ranker, uint32_t label, size_t* size) {
  const std::string_view key = label < ranker->model.labels() ? ranker->model.key(label) : std::string_view();
  *size = key.size();
  return key.data();
}

uint64_t xmr_labels(const xmr_ranker* ranker) {
  return ranker->model.labels();
}

const char* xmr_error(void) {
  return last_error.c_str();
}
