#include "xmr/sparse/csr.hpp"

#include <cstdint>
#include <span>
#include <vector>

#include <sys/mman.h>

#include "support/catch.hpp"

using namespace xmr;

namespace {

// Zeros for which memory is taken where they are written to.
template <class T>
class Reserved {
 public:
  explicit Reserved(std::size_t size)
      : bytes_(size * sizeof(T)),
        data_(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Reserved() {
    if (exists()) munmap(data_, bytes_);
  }
  Reserved(const Reserved&) = delete;
  Reserved& operator=(const Reserved&) = delete;

  bool exists() const { return data_ != MAP_FAILED; }
  std::span<T> items() const { return {static_cast<T*>(data_), bytes_ / sizeof(T)}; }

 private:
  std::size_t bytes_;
  void* data_;
};

}  // namespace

TEST_CASE("rows behind 2^31 and 2^32 entries are found") {
  const Offset before = GENERATE((Offset{1} << 31) - 1, (Offset{1} << 32) + 5);
  const Reserved<std::uint32_t> indices(before + 2);
  const Reserved<float> values(before + 2);
  if (!indices.exists() || !values.exists()) {
    WARN("skipped: the system does not reserve " << before << " entries");
    return;
  }
  indices.items()[before] = 3;
  indices.items()[before + 1] = 7;
  values.items()[before] = 0.5F;
  values.items()[before + 1] = 2;
  const std::vector<Offset> indptr = {0, 0, before, before + 2};
  const CsrView view{3, 10, indptr, indices.items(), values.items()};
  CHECK(view.nnz() == before + 2);
  CHECK(view.row(1).size() == before);
  const SparseRow row = view.row(2);
  REQUIRE(row.size() == 2);
  CHECK((row.indices[0] == 3 && row.indices[1] == 7));
  CHECK((row.values[0] == 0.5F && row.values[1] == 2));
}
