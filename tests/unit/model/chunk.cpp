#include "xmr/model/chunk.hpp"

#include <cstring>
#include <functional>
#include <limits>
#include <new>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_chunk.hpp"

using namespace xmr;

namespace {

constexpr std::uint32_t kChildren = 20;
constexpr std::uint64_t kFeatures = 1000;
// chunk.hpp and chunk_bytes.hpp explain the bytes below.
constexpr std::size_t kEntry = 32, kBias = 64, kTable = 192, kPayload = 256;

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

// A chunk and what it must be opened with.
struct Sample {
  std::string bytes;
  std::uint32_t children = kChildren;
  std::uint64_t features = kFeatures;
};

// Twenty children; rows of features 3 and 7, lists, and 999, masked; a hash table.
Sample hash_sample(WeightType type = WeightType::f4) {
  Sample sample;
  ChunkBuilder builder(kChildren, kFeatures, type);
  builder.set_bias(0, -1.5F);
  builder.set_bias(4, 0.25F);
  builder.add(3, std::vector<ChildWeight>{{0, 1.0F}, {4, -2.0F}});
  builder.add(7, std::vector<ChildWeight>{{2, 0.5F}});
  builder.add(999, std::vector<ChildWeight>{{1, 3.0F}, {17, 1.0F}, {19, 0.25F}});
  builder.finish(sample.bytes);
  return sample;
}

// Rows of features 30..39, a weight each: two groups of a bitmap.
Sample bitmap_sample(WeightType type = WeightType::f4) {
  Sample sample{{}, kChildren, 100};
  ChunkBuilder builder(kChildren, sample.features, type);
  for (FeatureId feature = 30; feature < 40; ++feature)
    builder.add(feature, std::vector<ChildWeight>{{feature - 30, 0.5F}});
  builder.finish(sample.bytes);
  return sample;
}

// Dense rows in a hash table.
Sample dense_sample() {
  Sample sample{{}, 2, kFeatures};
  ChunkBuilder builder(2, kFeatures, WeightType::f4);
  builder.add(3, std::vector<ChildWeight>{{0, 1.0F}, {1, -2.0F}});
  builder.add(7, std::vector<ChildWeight>{{1, 0.5F}});
  builder.finish(sample.bytes);
  return sample;
}

// Dense rows in a bitmap.
Sample dense_bitmap_sample() {
  Sample sample{{}, 1, 40};
  ChunkBuilder builder(1, sample.features, WeightType::f2);
  for (FeatureId feature = 20; feature < 40; ++feature)
    builder.add(feature, std::vector<ChildWeight>{{0, 0.5F}});
  builder.finish(sample.bytes);
  return sample;
}

std::vector<Sample> all_samples() {
  return {hash_sample(), bitmap_sample(), bitmap_sample(WeightType::f2), dense_sample(), dense_bitmap_sample()};
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

ChunkView open(const Aligned& bytes, const Sample& as) {
  return ChunkView::open(bytes.view(), as.children, as.features, "model");
}

// Returns the error of opening and sampling the bytes.
std::string refusal(std::string_view bytes, const Sample& as) {
  const Aligned aligned(bytes);
  try {
    read_rows(open(aligned, as), "model");
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
  const Sample sample = hash_sample(type);
  const Aligned bytes(sample.bytes);
  CHECK(bytes.view().size() % kChunkAlignment == 0);
  for (const ChunkView& chunk : {open(bytes, sample), ChunkView::trusted(bytes.view())}) {
    CHECK(chunk.children() == kChildren);
    CHECK(chunk.type() == type);
    CHECK(chunk.weights() == 6);
    CHECK(chunk.section(0).table == TableForm::hash);
    std::vector<float> bias(kChildren);
    bias[0] = -1.5F;
    bias[4] = 0.25F;
    CHECK(std::ranges::equal(chunk.bias(), bias));
    const ChunkRows rows = read_rows(chunk, "chunk");
    CHECK(rows.features == std::vector<FeatureId>{3, 7, 999});
    CHECK(row_of(rows, 0) == Weights{{0, 1.0F}, {4, -2.0F}});
    CHECK(row_of(rows, 1) == Weights{{2, 0.5F}});
    CHECK(row_of(rows, 2) == Weights{{1, 3.0F}, {17, 1.0F}, {19, 0.25F}});
  }
}

TEST_CASE("the table is a bitmap where that is the smaller one") {
  const WeightType type = GENERATE(WeightType::f2, WeightType::f4);
  const Sample sample = bitmap_sample(type);
  const Aligned bytes(sample.bytes);
  const ChunkView chunk = open(bytes, sample);
  CHECK(chunk.section(0).table == TableForm::bitmap);
  CHECK(chunk.section(0).rows == 10);
  const ChunkRows rows = read_rows(chunk, "model");
  CHECK(rows.features.front() == 30);
  CHECK(rows.features.back() == 39);
  CHECK(row_of(rows, 4) == Weights{{4, 0.5F}});
}

TEST_CASE("a chunk has the documented bytes") {
  const auto check_at = [](const std::string& bytes, std::size_t position, std::initializer_list<int> expected) {
    for (const int byte : expected)
      CHECK(static_cast<std::uint8_t>(bytes[position++]) == byte);
  };
  const std::string hash = hash_sample(WeightType::f2).bytes;
  CHECK(hash.size() == 0x180);
  check_at(hash, 0x08, {20, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0});
  check_at(hash, kEntry, {0xc0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0});
  check_at(hash, kEntry + 16, {1, 0, 0, 0, 3, 0, 0, 0, 10, 0, 0, 0, 0, 0});
  check_at(hash, kBias, {0, 0, 0xc0, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3e});
  check_at(hash, kTable, {3, 0, 0, 0, 7, 0, 0, 0, 0xe7, 3, 0, 0, 0xff, 0xff, 0xff, 0xff});
  check_at(hash, kTable + 48, {3, 2, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  check_at(hash, kPayload, {0, 0x3c, 0, 0xc0, 0, 4, 0, 0x38, 2, 0, 2, 0, 10, 0, 0, 0x42, 0, 0x3c, 0, 0x34, 0});
  const std::string bitmap = bitmap_sample(WeightType::f2).bytes;
  check_at(bitmap, kEntry + 16, {1, 0, 0, 0, 10, 0, 0, 0, 25, 0, 0, 0, 0, 1});
  check_at(bitmap, kTable, {0, 0, 0, 0xc0, 0, 0, 0, 0, 0xff, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0});
  check_at(bitmap, kPayload, {2, 2, 0, 0x38, 0, 0, 0, 0x38, 1, 0, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0x38, 2, 0});
}

TEST_CASE("random weights come back, sparse and dense, in one section and in several") {
  const std::uint32_t children = GENERATE(1U, 7U, 240U, 241U, 500U);
  const double density = GENERATE(0.02, 0.5, 1.0);
  Random random(children, static_cast<std::uint64_t>(100 * density));
  const test::PlainChunk plain = test::random_chunk(random, children, 700, 0.5, density);
  for (const WeightType type : {WeightType::f2, WeightType::f4}) {
    const Aligned bytes(plain.bytes(type));
    const ChunkView chunk = ChunkView::open(bytes.view(), children, 700, "chunk");
    CHECK(chunk.sections() == (children + 239) / 240);
    const ChunkRows rows = read_rows(chunk, "chunk");
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
    CHECK(ChunkView::open(bytes.view(), 20, 500, "chunk").section(0).form ==
          (density > 0.5 ? RowForm::dense : RowForm::sparse));
  }
}

TEST_CASE("weights are rounded to the chunk's type, and what becomes 0 is left out") {
  ChunkBuilder builder(2, 3, WeightType::f2);
  builder.add(1, std::vector<ChildWeight>{{0, 0.1F}, {1, 1e-9F}});
  builder.add(2, std::vector<ChildWeight>{{0, 1e-9F}});
  std::string bytes;
  builder.finish(bytes);
  const ChunkRows rows = read_rows(ChunkView::open(bytes, 2, 3, "model"), "model");
  CHECK(rows.features == std::vector<FeatureId>{1});
  CHECK(rows.weights == Weights{{0, 0.0999755859375F}});
}

TEST_CASE("a weight that its type cannot hold is refused") {
  const std::vector<ChildWeight> large{{0, -70000.0F}};
  CHECK_THROWS_WITH(ChunkBuilder(1, 1, WeightType::f2).add(0, large),
                    "weights: -70000 is too large for 16 bits, at most 65504");
  ChunkBuilder(1, 1, WeightType::f4).add(0, large);
}

TEST_CASE("a chunk may have no weights and no children") {
  for (const std::uint32_t children : {0U, 1U, 20U, 240U, 1000U}) {
    std::string bytes;
    ChunkBuilder(children, 0, WeightType::f2).finish(bytes);
    const Aligned aligned(bytes);
    const ChunkView chunk = ChunkView::open(aligned.view(), children, 0, "model");
    CHECK(chunk.bias().size() == children);
    CHECK(chunk.weights() == 0);
    CHECK(read_rows(chunk, "chunk").features.empty());
  }
}

TEST_CASE("chunks stand one after another, each on its boundary") {
  std::string bytes = hash_sample().bytes;
  const std::size_t first = bytes.size();
  ChunkBuilder(3, kFeatures, WeightType::f2).finish(bytes);
  CHECK(first % kChunkAlignment == 0);
  CHECK(bytes.size() % kChunkAlignment == 0);
  const Aligned aligned(bytes);
  CHECK(ChunkView::open(aligned.view().substr(0, first), kChildren, kFeatures, "a").weights() == 6);
  CHECK(ChunkView::open(aligned.view().substr(first), 3, kFeatures, "b").weights() == 0);
}

TEST_CASE("every truncation of a chunk is refused, with a right checksum, too", "[damage]") {
  for (const Sample& sample : all_samples()) {
    test::Damage("chunk", sample.bytes).cut([&](const std::string& bytes) {
      REQUIRE(refusal(bytes, sample).starts_with("model: "));
      if (bytes.size() >= 8) REQUIRE(refusal(with_right_checksum(bytes), sample).starts_with("model: "));
    });
    CHECK(refusal(with_right_checksum(sample.bytes + std::string(64, '\0')), sample) ==
          "model: damaged chunk (checksum)");
  }
}

TEST_CASE("every one-bit change of a chunk is refused", "[damage]") {
  for (const Sample& sample : all_samples())
    test::Damage("chunk", sample.bytes).change({1, 2, 4, 8, 16, 32, 64, 128}, [&](const std::string& bytes) {
      REQUIRE(refusal(bytes, sample) == "model: damaged chunk (checksum)");
    });
}

TEST_CASE("every forged byte is refused or harmless") {
  for (const Sample& sample : all_samples())
    for (std::size_t position = 8; position < sample.bytes.size(); ++position)
      for (const int value : {0, 1, 0x7f, 0x80, 0xff})
        static_cast<void>(refusal(forged(sample.bytes, position, static_cast<char>(value)), sample));
}

TEST_CASE("a chunk of another tree or feature space is refused") {
  const Aligned bytes(hash_sample().bytes), bitmap(bitmap_sample().bytes);
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), 6, kFeatures, "m"), "m: a chunk of 20 children, the tree has 6");
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), kChildren, 999, "m"),
                    "m: bad chunk: a feature is outside the model's");
  CHECK_THROWS_WITH(ChunkView::open(bitmap.view(), kChildren, 39, "m"),
                    "m: bad chunk: a feature is outside the model's");
  CHECK_THROWS_WITH(ChunkView::open(bitmap.view(), kChildren, 257, "m"),
                    "m: bad chunk: the bitmap is not that of the model's features");
}

TEST_CASE("a forged chunk with a right checksum is refused") {
  const Sample hash = hash_sample(), bitmap = bitmap_sample(), dense = dense_sample();
  const auto word = [](std::uint32_t value) { return value; };
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  const auto refused = [](const Sample& sample, std::size_t position, auto value) {
    return refusal(forged(sample.bytes, position, value), sample);
  };
  const std::string damaged = "model: damaged chunk (checksum)", bad = "model: bad chunk: ";
  CHECK(refused(hash, 8, word(0xffffffffU)) == damaged);            // children
  CHECK(refused(hash, 12, word(2)) == damaged);                     // sections
  CHECK(refused(hash, 16, byte(3)) == damaged);                     // type
  CHECK(refused(hash, kEntry, word(64)) == damaged);                // table
  CHECK(refused(hash, kEntry + 16, word(0xffffffffU)) == damaged);  // lines
  CHECK(refused(hash, kEntry + 24, word(0xffffffffU)) == damaged);  // units
  CHECK(refused(hash, kEntry + 28, byte(2)) == damaged);            // form of the rows
  CHECK(refused(hash, kEntry + 29, byte(2)) == damaged);            // form of the table
  CHECK(refused(hash, kEntry + 8, word(5)) == bad + "the number of weights is wrong");
  CHECK(refused(hash, kEntry + 20, word(4)) == bad + "the table is not that of the payload");
  CHECK(refused(hash, kEntry + 24, word(5)) == bad + "the table is not that of the payload");
  const std::uint32_t nan = 0x7fc00000U;
  CHECK(refused(hash, kBias, nan) == bad + "a bias is not finite");
  CHECK(refused(hash, kTable, word(1000)) == bad + "a feature is outside the model's");
  CHECK(refused(hash, kTable, word(0xffffffffU)) == bad + "a row behind a free slot");
  CHECK(refused(hash, kTable + 48, byte(0)) == bad + "the size of a row is out of range");
  CHECK(refused(hash, kTable + 48, byte(255)) == bad + "the size of a row is out of range");
  CHECK(refused(hash, kTable + 51, byte(1)) == bad + "a row behind a free slot");
  CHECK(refused(hash, kTable + 60, word(1)) == bad + "the bases are not the sums of the sizes");
  // The first row is that of feature 3: two values, two children. The last one, with masks, begins 5 units later.
  CHECK(refused(hash, kPayload + 9, byte(20)) == bad + "a weight belongs to no child");
  CHECK(refused(hash, kPayload + 9, byte(0)) == bad + "the children of a feature are not increasing");
  CHECK(refused(hash, kPayload, word(0)) == bad + "a weight is 0 or not finite");
  CHECK(refused(hash, kPayload, nan) == bad + "a weight is 0 or not finite");
  CHECK(refused(hash, kPayload + 20, byte(3)) == bad + "a mask is not that of its values");
  CHECK(refused(hash, kPayload + 22, byte(0x12)) == bad + "a weight belongs to no child");
  CHECK(refused(bitmap, kTable, word(0xe0000000U)) == bad + "the size of a row is out of range");
  CHECK(refused(bitmap, kTable + 4, word(1)) == bad + "the bases are not the sums of the sizes");
  CHECK(refused(bitmap, kTable + 27, byte(0x80)) == bad + "a feature is outside the model's");
  CHECK(refused(bitmap, kPayload, byte(0)) == bad + "the bases are not the sums of the sizes");
  const std::size_t dense_payload = kPayload - 64;  // behind fewer biases
  CHECK(refused(dense, dense_payload, nan) == bad + "a weight is 0 or not finite");
  CHECK(refused(dense, dense_payload, word(0)) == bad + "the number of weights is wrong");
}
