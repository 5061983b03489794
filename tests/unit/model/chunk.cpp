#include "xmr/model/chunk.hpp"

#include <cstring>
#include <limits>
#include <new>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

constexpr std::uint32_t kChildren = 5;
constexpr std::uint64_t kFeatures = 1000;

// Bytes at an address that is aligned as chunks are in a mapped file.
class Aligned {
 public:
  explicit Aligned(std::string_view bytes)
      : size_(bytes.size()), data_(static_cast<char*>(::operator new (bytes.size() + 1, std::align_val_t{64}))) {
    std::memcpy(data_, bytes.data(), size_);
  }
  ~Aligned() { ::operator delete (data_, std::align_val_t{64}); }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  std::string_view view() const { return {data_, size_}; }

 private:
  std::size_t size_;
  char* data_;
};

std::string sample() {
  ChunkBuilder builder(kChildren);
  builder.set_bias(0, -1.5F);
  builder.set_bias(4, 0.25F);
  builder.add(3, std::vector<ChildWeight>{{0, 1.0F}, {4, -2.0F}});
  builder.add(7, std::vector<ChildWeight>{{2, 0.5F}});
  builder.add(999, std::vector<ChildWeight>{{0, 1.0F}, {1, 2.0F}, {2, 3.0F}, {3, 4.0F}, {4, 5.0F}});
  std::string bytes;
  builder.finish(bytes);
  return bytes;
}

// Changes a 32-bit word and makes the checksum right again: what a forger would do.
std::string forged(std::string bytes, std::size_t position, std::uint32_t word) {
  std::memcpy(bytes.data() + position, &word, sizeof word);
  const std::uint64_t checksum = hash64(std::string_view(bytes).substr(8));
  std::memcpy(bytes.data(), &checksum, sizeof checksum);
  return bytes;
}

ChunkView open(const Aligned& bytes) {
  return ChunkView::open(bytes.view(), kChildren, kFeatures, "model");
}

std::string refusal(std::string_view bytes) {
  const Aligned aligned(bytes);
  try {
    open(aligned);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a chunk gives back what it was built from") {
  const Aligned bytes(sample());
  CHECK(bytes.view().size() % kChunkAlignment == 0);
  for (const ChunkView& chunk : {open(bytes), ChunkView::trusted(bytes.view())}) {
    CHECK(chunk.children == kChildren);
    CHECK(std::vector(chunk.bias.begin(), chunk.bias.end()) == std::vector{-1.5F, 0.0F, 0.0F, 0.0F, 0.25F});
    CHECK(std::vector(chunk.features.begin(), chunk.features.end()) == std::vector<FeatureId>{3, 7, 999});
    const auto first = chunk.row(0);
    CHECK(std::vector(first.begin(), first.end()) == std::vector<ChildWeight>{{0, 1.0F}, {4, -2.0F}});
    CHECK(chunk.row(2).size() == 5);
    CHECK(chunk.weights.size() == 8);
  }
}

TEST_CASE("a chunk may have no weights and no children") {
  for (const std::uint32_t children : {0U, 1U, 20U}) {
    std::string bytes;
    ChunkBuilder(children).finish(bytes);
    const Aligned aligned(bytes);
    const ChunkView chunk = ChunkView::open(aligned.view(), children, 0, "model");
    CHECK(chunk.bias.size() == children);
    CHECK(chunk.features.empty());
    CHECK(chunk.weights.empty());
  }
}

TEST_CASE("chunks stand one after another, each on its boundary") {
  std::string bytes = sample();
  const std::size_t first = bytes.size();
  ChunkBuilder(3).finish(bytes);
  CHECK(first % kChunkAlignment == 0);
  CHECK(bytes.size() % kChunkAlignment == 0);
  const Aligned aligned(bytes);
  CHECK(ChunkView::open(aligned.view().substr(0, first), kChildren, kFeatures, "a").weights.size() == 8);
  CHECK(ChunkView::open(aligned.view().substr(first), 3, kFeatures, "b").weights.empty());
}

TEST_CASE("every truncation of a chunk is refused") {
  const std::string bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO("size " << size);
    CHECK(refusal(bytes.substr(0, size)).starts_with("model: "));
  }
  CHECK(refusal(bytes + std::string(64, '\0')) == "model: damaged chunk (checksum)");
}

TEST_CASE("every one-bit change of a chunk is refused") {
  const std::string bytes = sample();
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit);
    REQUIRE(refusal(changed) == "model: damaged chunk (checksum)");
  }
}

TEST_CASE("a chunk of another tree or feature space is refused") {
  const Aligned bytes(sample());
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), 6, kFeatures, "m"), "m: a chunk of 5 children, the tree has 6");
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), kChildren, 999, "m"),
                    "m: bad chunk: a feature is outside the model's");
}

TEST_CASE("a forged chunk with a right checksum is refused") {
  // Positions: header 0, bias 64, features 128, offsets 192, weights 256 (see the byte table in docs/formats.md).
  const std::string bytes = sample();
  CHECK(refusal(forged(bytes, 8, 0xffffffffU)) == "model: damaged chunk (checksum)");   // children
  CHECK(refusal(forged(bytes, 12, 0xffffffffU)) == "model: damaged chunk (checksum)");  // features
  CHECK(refusal(forged(bytes, 16, 0xffffffffU)) == "model: damaged chunk (checksum)");  // weights, low word
  CHECK(refusal(forged(bytes, 20, 0xffffffffU)) == "model: damaged chunk (checksum)");  // weights, high word
  const std::uint32_t nan = 0x7fc00000U;
  CHECK(refusal(forged(bytes, 64, nan)) == "model: bad chunk: a bias is not finite");
  CHECK(refusal(forged(bytes, 128, 7)) == "model: bad chunk: the features are not increasing");
  CHECK(refusal(forged(bytes, 136, 1000)) == "model: bad chunk: a feature is outside the model's");
  CHECK(refusal(forged(bytes, 192, 1)) == "model: bad chunk: the offsets do not cover the weights");
  CHECK(refusal(forged(bytes, 196, 0)) == "model: bad chunk: the offsets are not increasing");
  CHECK(refusal(forged(bytes, 196, 0xfffffff0U)) == "model: bad chunk: the offsets are not increasing");
  CHECK(refusal(forged(bytes, 204, 9)) == "model: bad chunk: the offsets do not cover the weights");
  CHECK(refusal(forged(bytes, 264, 5)) == "model: bad chunk: a weight belongs to no child");
  CHECK(refusal(forged(bytes, 264, 0)) == "model: bad chunk: the children of a feature are not increasing");
  CHECK(refusal(forged(bytes, 268, 0)) == "model: bad chunk: a weight is 0 or not finite");
  CHECK(refusal(forged(bytes, 268, nan)) == "model: bad chunk: a weight is 0 or not finite");
}
