#include "xmr/model/chunk.hpp"

#include <cstring>
#include <functional>
#include <limits>
#include <new>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"
#include "support/random_chunk.hpp"

using namespace xmr;

namespace {

constexpr std::uint32_t kChildren = 5;
constexpr std::uint64_t kFeatures = 1000;
// See the byte table in docs/formats.md.
constexpr std::size_t kEntry = 32, kBias = 64, kTable = 128, kPayload = 192;

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

// Five children; rows of features 3, 7 and 999.
std::string sample(WeightType type = WeightType::f4) {
  ChunkBuilder builder(kChildren, type);
  builder.set_bias(0, -1.5F);
  builder.set_bias(4, 0.25F);
  builder.add(3, std::vector<ChildWeight>{{0, 1.0F}, {4, -2.0F}});
  builder.add(7, std::vector<ChildWeight>{{2, 0.5F}});
  builder.add(999, std::vector<ChildWeight>{{1, 3.0F}});
  std::string bytes;
  builder.finish(bytes);
  return bytes;
}

// The same in dense form.
std::string dense_sample() {
  ChunkBuilder builder(2, WeightType::f4);
  builder.add(3, std::vector<ChildWeight>{{0, 1.0F}, {1, -2.0F}});
  builder.add(7, std::vector<ChildWeight>{{1, 0.5F}});
  std::string bytes;
  builder.finish(bytes);
  return bytes;
}

std::string with_right_checksum(std::string bytes) {
  const std::uint64_t checksum = hash64(std::string_view(bytes).substr(8));
  std::memcpy(bytes.data(), &checksum, sizeof checksum);
  return bytes;
}

// Changes bytes and makes the checksum right again: what a forger would do.
template <class T>
std::string forged(std::string bytes, std::size_t position, T value) {
  std::memcpy(bytes.data() + position, &value, sizeof value);
  return with_right_checksum(std::move(bytes));
}

ChunkView open(const Aligned& bytes, std::uint32_t children = kChildren) {
  return ChunkView::open(bytes.view(), children, kFeatures, "model");
}

std::string refusal(std::string_view bytes, std::uint32_t children = kChildren) {
  const Aligned aligned(bytes);
  try {
    open(aligned, children);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

using Weights = std::vector<ChildWeight>;

Weights row_of(const ChunkRows& rows, std::size_t n) {
  const auto row = rows.row(n);
  return {row.begin(), row.end()};
}

}  // namespace

TEST_CASE("a chunk gives back what it was built from") {
  const WeightType type = GENERATE(WeightType::f2, WeightType::f4);
  const Aligned bytes(sample(type));
  CHECK(bytes.view().size() % kChunkAlignment == 0);
  for (const ChunkView& chunk : {open(bytes), ChunkView::trusted(bytes.view())}) {
    CHECK(chunk.children() == kChildren);
    CHECK(chunk.type() == type);
    CHECK(chunk.weights() == 4);
    CHECK(std::vector(chunk.bias().begin(), chunk.bias().end()) == std::vector{-1.5F, 0.0F, 0.0F, 0.0F, 0.25F});
    const ChunkRows rows = read_rows(chunk);
    CHECK(rows.features == std::vector<FeatureId>{3, 7, 999});
    CHECK(row_of(rows, 0) == Weights{{0, 1.0F}, {4, -2.0F}});
    CHECK(row_of(rows, 1) == Weights{{2, 0.5F}});
    CHECK(row_of(rows, 2) == Weights{{1, 3.0F}});
  }
}

TEST_CASE("a chunk has the bytes that docs/formats.md shows") {
  const std::string bytes = sample(WeightType::f2);
  CHECK(bytes.size() == 0x140);
  const auto at = [&](std::size_t position, std::initializer_list<int> expected) {
    for (const int byte : expected)
      CHECK(static_cast<std::uint8_t>(bytes[position++]) == byte);
  };
  at(0x00, {0x5b, 0xb2, 0x25, 0xcb, 0x68, 0x26, 0x78, 0x5e});
  at(0x08, {5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0});
  at(kEntry, {0x80, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0});
  at(kBias, {0, 0, 0xc0, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3e});
  at(kTable, {3, 0, 0, 0, 7, 0, 0, 0, 0xe7, 3, 0, 0, 0xff, 0xff, 0xff, 0xff});
  at(kTable + 48, {2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  at(kPayload, {0, 0x3c, 0, 0xc0, 0, 4, 0, 0x38, 2, 0, 0x42, 1, 0});
}

TEST_CASE("random weights come back, sparse and dense, in one section and in several") {
  const std::uint32_t children = GENERATE(1U, 7U, 240U, 241U, 500U);
  const double density = GENERATE(0.02, 0.5, 1.0);
  Random random(children, static_cast<std::uint64_t>(100 * density));
  const test::PlainChunk plain = test::random_chunk(random, children, 700, 0.5, density);
  for (const WeightType type : {WeightType::f2, WeightType::f4}) {
    const Aligned bytes(plain.bytes(type));
    const ChunkView chunk = open(bytes, children);
    CHECK(chunk.sections() == (children + 239) / 240);
    const ChunkRows rows = read_rows(chunk);
    std::vector<std::vector<float>> found(700, std::vector<float>(children));
    for (std::size_t n = 0; n < rows.features.size(); ++n)
      for (const ChildWeight& weight : rows.row(n))
        found[rows.features[n]][weight.child] = weight.value;
    CHECK(found == plain.weights);
    CHECK(chunk.weights() == rows.weights.size());
  }
}

TEST_CASE("rows that most children use are stored dense") {
  for (const double density : {0.1, 0.9}) {
    Random random(4);
    const Aligned bytes(test::random_chunk(random, 20, 500, 0.5, density).bytes(WeightType::f2));
    CHECK(open(bytes, 20).section(0).form == (density > 0.5 ? RowForm::dense : RowForm::sparse));
  }
}

TEST_CASE("weights are rounded to the chunk's type, and what becomes 0 is left out") {
  ChunkBuilder builder(2, WeightType::f2);
  builder.add(1, std::vector<ChildWeight>{{0, 0.1F}, {1, 1e-9F}});
  builder.add(2, std::vector<ChildWeight>{{0, 1e-9F}});
  std::string bytes;
  builder.finish(bytes);
  const ChunkRows rows = read_rows(ChunkView::open(bytes, 2, 3, "model"));
  CHECK(rows.features == std::vector<FeatureId>{1});
  CHECK(rows.weights == Weights{{0, 0.0999755859375F}});
}

TEST_CASE("a weight that its type cannot hold is refused") {
  const std::vector<ChildWeight> large{{0, -70000.0F}};
  CHECK_THROWS_WITH(ChunkBuilder(1, WeightType::f2).add(0, large),
                    "weights: -70000 is too large for 16 bits, at most 65504");
  ChunkBuilder(1, WeightType::f4).add(0, large);
  CHECK_THROWS_AS(ChunkBuilder(1, WeightType::f4).add(0xffffffffU, large), DataError);
}

TEST_CASE("a chunk may have no weights and no children") {
  for (const std::uint32_t children : {0U, 1U, 20U, 240U, 1000U}) {
    std::string bytes;
    ChunkBuilder(children, WeightType::f2).finish(bytes);
    const Aligned aligned(bytes);
    const ChunkView chunk = ChunkView::open(aligned.view(), children, 0, "model");
    CHECK(chunk.bias().size() == children);
    CHECK(chunk.weights() == 0);
    CHECK(read_rows(chunk).features.empty());
  }
}

TEST_CASE("chunks stand one after another, each on its boundary") {
  std::string bytes = sample();
  const std::size_t first = bytes.size();
  ChunkBuilder(3, WeightType::f2).finish(bytes);
  CHECK(first % kChunkAlignment == 0);
  CHECK(bytes.size() % kChunkAlignment == 0);
  const Aligned aligned(bytes);
  CHECK(ChunkView::open(aligned.view().substr(0, first), kChildren, kFeatures, "a").weights() == 4);
  CHECK(ChunkView::open(aligned.view().substr(first), 3, kFeatures, "b").weights() == 0);
}

TEST_CASE("every truncation of a chunk is refused, with a right checksum, too") {
  const std::string bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO("size " << size);
    CHECK(refusal(bytes.substr(0, size)).starts_with("model: "));
    if (size >= 8) CHECK(refusal(with_right_checksum(bytes.substr(0, size))).starts_with("model: "));
  }
  CHECK(refusal(with_right_checksum(bytes + std::string(64, '\0'))) == "model: damaged chunk (checksum)");
}

TEST_CASE("every one-bit change of a chunk is refused") {
  for (const auto& [bytes, children] : {std::pair(sample(), kChildren), {dense_sample(), 2U}})
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      INFO("bit " << bit);
      REQUIRE(refusal(changed, children) == "model: damaged chunk (checksum)");
    }
}

TEST_CASE("every forged byte is refused or harmless") {
  for (const auto& [bytes, children] : {std::pair(sample(), kChildren), {dense_sample(), 2U}})
    for (std::size_t position = 8; position < bytes.size(); ++position)
      for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
        const Aligned aligned(forged(bytes, position, static_cast<char>(value)));
        try {
          read_rows(open(aligned, children));
        } catch (const FormatError&) {
          continue;
        }
      }
}

TEST_CASE("a chunk of another tree or feature space is refused") {
  const Aligned bytes(sample());
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), 6, kFeatures, "m"), "m: a chunk of 5 children, the tree has 6");
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), kChildren, 999, "m"),
                    "m: bad chunk: a feature is outside the model's");
}

TEST_CASE("a forged chunk with a right checksum is refused") {
  const std::string bytes = sample();
  const auto word = [](std::uint32_t value) { return value; };
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  CHECK(refusal(forged(bytes, 8, word(0xffffffffU))) == "model: damaged chunk (checksum)");            // children
  CHECK(refusal(forged(bytes, 12, word(2))) == "model: damaged chunk (checksum)");                     // sections
  CHECK(refusal(forged(bytes, 16, byte(3))) == "model: damaged chunk (checksum)");                     // type
  CHECK(refusal(forged(bytes, kEntry, word(64))) == "model: damaged chunk (checksum)");                // table
  CHECK(refusal(forged(bytes, kEntry + 16, word(0xffffffffU))) == "model: damaged chunk (checksum)");  // blocks
  CHECK(refusal(forged(bytes, kEntry + 24, word(0xffffffffU))) == "model: damaged chunk (checksum)");  // units
  CHECK(refusal(forged(bytes, kEntry + 28, byte(2))) == "model: damaged chunk (checksum)");            // form
  CHECK(refusal(forged(bytes, kEntry + 8, word(5))) == "model: bad chunk: the number of weights is wrong");
  CHECK(refusal(forged(bytes, kEntry + 20, word(4))) == "model: bad chunk: the table is not that of the payload");
  CHECK(refusal(forged(bytes, kEntry + 24, word(5))) == "model: bad chunk: the table is not that of the payload");
  const std::uint32_t nan = 0x7fc00000U;
  CHECK(refusal(forged(bytes, kBias, nan)) == "model: bad chunk: a bias is not finite");
  CHECK(refusal(forged(bytes, kTable, word(1000))) == "model: bad chunk: a feature is outside the model's");
  CHECK(refusal(forged(bytes, kTable, word(0xffffffffU))) == "model: bad chunk: a row behind a free slot");
  CHECK(refusal(forged(bytes, kTable + 48, byte(0))) == "model: bad chunk: the size of a row is out of range");
  CHECK(refusal(forged(bytes, kTable + 48, byte(6))) == "model: bad chunk: the size of a row is out of range");
  CHECK(refusal(forged(bytes, kTable + 51, byte(1))) == "model: bad chunk: a row behind a free slot");
  CHECK(refusal(forged(bytes, kTable + 60, word(1))) == "model: bad chunk: the bases are not the sums of the sizes");
  // The first row is that of feature 3: two values, two children.
  CHECK(refusal(forged(bytes, kPayload + 9, byte(5))) == "model: bad chunk: a weight belongs to no child");
  CHECK(refusal(forged(bytes, kPayload + 9, byte(0))) ==
        "model: bad chunk: the children of a feature are not increasing");
  CHECK(refusal(forged(bytes, kPayload, word(0))) == "model: bad chunk: a weight is 0 or not finite");
  CHECK(refusal(forged(bytes, kPayload, nan)) == "model: bad chunk: a weight is 0 or not finite");
  CHECK(refusal(forged(dense_sample(), kPayload, nan), 2) == "model: bad chunk: a weight is not finite");
  CHECK(refusal(forged(dense_sample(), kPayload, word(0)), 2) == "model: bad chunk: the number of weights is wrong");
}
