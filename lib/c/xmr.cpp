#include "xmr.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/predict/model_set.hpp"
#include "xmr/predict/query_reader.hpp"
#include "xmr/predict/rescored_ranker.hpp"

namespace {

thread_local std::string last_error;

// Nothing thrown may reach a caller that is not C++.
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
  xmr_ranker(std::shared_ptr<const xmr::ModelSet> of, std::uint32_t k)
      : models(std::move(of)),
        reader(*models, xmr::CorpusColumns(models->text_columns()), xmr::InvalidUtf8::replace, 1),
        rank(xmr::calibrated(models->ranker({.k = k}, reader.spaces(), {}), (*models)[0].calibration())) {}

  std::shared_ptr<const xmr::ModelSet> models;  // of all rankers that xmr_share() made
  xmr::QueryReader reader;
  std::unique_ptr<xmr::Ranker> rank;
};

xmr_ranker* xmr_open(const char* path, uint32_t k) {
  return guarded<xmr_ranker*>(nullptr, [&] {
    return new xmr_ranker(std::make_shared<const xmr::ModelSet>(std::vector<std::string>{path}), k);
  });
}

xmr_ranker* xmr_share(const xmr_ranker* ranker) {
  return guarded<xmr_ranker*>(nullptr, [&] { return new xmr_ranker(ranker->models, ranker->rank->k()); });
}

void xmr_close(xmr_ranker* ranker) {
  delete ranker;
}

int xmr_rank(xmr_ranker* ranker, const char* text, size_t size, uint32_t* labels, float* scores) {
  return guarded(-1, [&] {
    const xmr::SparseRow ranked = (*ranker->rank)(ranker->reader.read({"text", 1}, std::string_view(text, size), 0));
    std::copy(ranked.indices.begin(), ranked.indices.end(), labels);
    std::copy(ranked.values.begin(), ranked.values.end(), scores);
    return static_cast<int>(ranked.size());
  });
}

const char* xmr_key(const xmr_ranker* ranker, uint32_t label, size_t* size) {
  const xmr::StoredNames& names = ranker->models->names();
  const bool known = !names.empty() && label < ranker->models->labels();
  const std::string_view key = known ? names.key(label) : std::string_view();
  *size = key.size();
  return known ? key.data() : nullptr;
}

uint64_t xmr_labels(const xmr_ranker* ranker) {
  return ranker->models->labels();
}

const char* xmr_error(void) {
  return last_error.c_str();
}
