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

// A chunk and the arguments to open it.
struct Sample {
  std::string bytes;
  std::uint32_t children = kChildren;
  std::uint64_t features = kFeatures;
};

// Rows of features 3 and 7, lists, and 999, masked.
void add_rows(ChunkBuilder& builder) {
  builder.add(3, std::vector<ChildWeight>{{0, 1.0F}, {4, -2.0F}});
  builder.add(7, std::vector<ChildWeight>{{2, 0.5F}});
  builder.add(999, std::vector<ChildWeight>{{1, 3.0F}, {17, 1.0F}, {18, 2.0F}, {19, 0.25F}});
}

// Twenty children; a hash table.
Sample hash_sample(WeightType type = WeightType::f4) {
  Sample sample;
  ChunkBuilder builder(kChildren, kFeatures, type);
  builder.set_bias(0, -1.5F);
  builder.set_bias(4, 0.25F);
  add_rows(builder);
  builder.finish(sample.bytes);
  return sample;
}

// The same rows for a model with so many features that 16 bits cannot distinguish them in one block.
Sample wide_sample(WeightType type = WeightType::f4) {
  Sample sample{{}, kChildren, 20'000'000};
  ChunkBuilder builder(kChildren, sample.features, type);
  add_rows(builder);
  builder.finish(sample.bytes);
  return sample;
}

// Rows of features 30..47, a weight each: two groups of a bitmap.
Sample bitmap_sample(WeightType type = WeightType::f4) {
  Sample sample{{}, kChildren, 100};
  ChunkBuilder builder(kChildren, sample.features, type);
  for (FeatureId feature = 30; feature < 48; ++feature)
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
  return {hash_sample(),   hash_sample(WeightType::i1),   wide_sample(),
          bitmap_sample(), bitmap_sample(WeightType::i1), bitmap_sample(WeightType::f2),
          dense_sample(),  dense_bitmap_sample()};
}

std::string with_right_checksum(std::string bytes) {
  const std::uint64_t checksum = hash64(std::string_view(bytes).substr(8));
  std::memcpy(bytes.data(), &checksum, sizeof checksum);
  return bytes;
}

// Changes bytes and corrects the checksum, as a forger would.
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
  const bool is_wide = GENERATE(false, true);
  const Sample sample = is_wide ? wide_sample(type) : hash_sample(type);
  const Aligned bytes(sample.bytes);
  CHECK(bytes.view().size() % kChunkAlignment == 0);
  for (const ChunkView& chunk : {open(bytes, sample), ChunkView::trusted(bytes.view())}) {
    CHECK(chunk.children() == kChildren);
    CHECK(chunk.type() == type);
    CHECK(chunk.weights() == 7);
    CHECK(chunk.section(0).table == (is_wide ? TableForm::wide_hash : TableForm::hash));
    std::vector<float> bias(kChildren);
    bias[0] = is_wide ? 0 : -1.5F;
    bias[4] = is_wide ? 0 : 0.25F;
    CHECK(std::ranges::equal(chunk.bias(), bias));
    const ChunkRows rows = read_rows(chunk, "chunk");
    CHECK(rows.features == std::vector<FeatureId>{3, 7, 999});
    CHECK(row_of(rows, 0) == Weights{{0, 1.0F}, {4, -2.0F}});
    CHECK(row_of(rows, 1) == Weights{{2, 0.5F}});
    CHECK(row_of(rows, 2) == Weights{{1, 3.0F}, {17, 1.0F}, {18, 2.0F}, {19, 0.25F}});
  }
}

TEST_CASE("the table is a bitmap where that is the smaller one") {
  const WeightType type = GENERATE(WeightType::f2, WeightType::f4);
  const Sample sample = bitmap_sample(type);
  const Aligned bytes(sample.bytes);
  const ChunkView chunk = open(bytes, sample);
  CHECK(chunk.section(0).table == TableForm::bitmap);
  CHECK(chunk.section(0).rows == 18);
  const ChunkRows rows = read_rows(chunk, "model");
  CHECK(rows.features.front() == 30);
  CHECK(rows.features.back() == 47);
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
  check_at(hash, kEntry, {0xc0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0});
  check_at(hash, kEntry + 16, {1, 0, 0, 0, 3, 0, 0, 0, 21, 0, 0, 0, 0, 0, 10, 0});
  check_at(hash, kBias, {0, 0, 0xc0, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3e});
  // 633 times 3, 7 and 999, modulo 2^10.
  check_at(hash, kTable, {0x6b, 3, 0x4f, 1, 0x2f, 2, 0, 0});
  check_at(hash, kTable + 40, {2, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const auto rows = {0, 0x3c, 0, 0xc0, 0, 4, 0, 0x38, 2, 2, 0, 0xe, 0, 0, 0x42, 0, 0x3c, 0, 0x40, 0, 0x34, 0};
  check_at(hash, kPayload, rows);
  const std::string wide = wide_sample(WeightType::f2).bytes;
  check_at(wide, kEntry + 16, {1, 0, 0, 0, 3, 0, 0, 0, 21, 0, 0, 0, 0, 2, 0, 0});
  check_at(wide, kTable, {3, 0, 0, 0, 7, 0, 0, 0, 0xe7, 3, 0, 0, 0xff, 0xff, 0xff, 0xff});
  check_at(wide, kTable + 48, {2, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  check_at(wide, kPayload, rows);
  // The scales follow the biases: the largest weights over 127, to 16 bits, rounded up.
  const std::string steps = hash_sample(WeightType::i1).bytes;
  check_at(steps, kEntry, {0x40, 1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0});
  check_at(steps, kTable, {0, 3, 1, 0x3c, 0, 0x84, 0xc1, 0x3c});
  check_at(steps, kPayload + 128, {127, 0x81, 0, 4, 127, 2, 2, 0, 0xe, 0, 127, 127, 127, 127, 0});
  const std::string bitmap = bitmap_sample(WeightType::f2).bytes;
  check_at(bitmap, kEntry + 16, {1, 0, 0, 0, 18, 0, 0, 0, 72, 0, 0, 0, 0, 1, 0});
  check_at(bitmap, kTable, {0, 0, 0, 0xc0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 72, 0, 0, 0});
  check_at(bitmap, kPayload,
           {1, 1, 0, 0x38, 0, 0, 0x38, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0x38, 2});
}

TEST_CASE("a key and its block tell the feature") {
  const std::uint32_t bits = GENERATE(1U, 5U, 12U);
  for (std::uint32_t blocks = 1; blocks <= std::uint32_t{1} << bits; blocks += 1 + blocks / 3) {
    const FeatureHash hash(bits, blocks);
    for (FeatureId feature = 0; feature >> bits == 0; ++feature) {
      const FeatureHash::Place home = hash.place(feature);
      REQUIRE(home.block < blocks);
      REQUIRE(home.key < hash.step());
      for (const std::uint32_t moved : {0U, 1U, 2U})
        REQUIRE(hash.feature((home.block + moved) % blocks, home.key + moved * hash.step()) == feature);
    }
  }
  const FeatureHash large(32, 100'000);
  for (const FeatureId feature : {0U, 1U, 0x12345678U, 0xfffffffeU})
    CHECK(large.feature(large.place(feature).block, large.place(feature).key) == feature);
}

TEST_CASE("a key that no feature has is found out") {
  const FeatureHash hash(10, 3);  // keys of 9 bits: 3 × 512 of 1024 features
  std::size_t features = 0;
  for (std::uint32_t block = 0; block < 3; ++block)
    for (std::uint32_t key = 0; key < hash.step(); ++key)
      features += hash.feature(block, key) != kNoFeature ? 1 : 0;
  CHECK(features == 1024);
}

TEST_CASE("a model of the most features has keys of 16 bits, too, where a section has many rows") {
  constexpr std::uint32_t kRows = 700'000;
  ChunkBuilder builder(1, kNoFeature, WeightType::f2);
  builder.reserve(kRows);
  for (std::uint32_t row = 0; row < kRows; ++row)
    builder.add(row * 6'000, std::vector<ChildWeight>{{0, 1.0F}});
  std::string bytes;
  builder.finish(bytes);
  const Aligned aligned(bytes);
  const ChunkView chunk = ChunkView::open(aligned.view(), 1, kNoFeature, "chunk");
  CHECK(chunk.section(0).table == TableForm::hash);
  const ChunkRows rows = read_rows(chunk, "chunk");
  REQUIRE(rows.features.size() == kRows);
  CHECK(rows.features[1] == 6'000);
  CHECK(rows.features.back() == (kRows - 1) * 6'000);
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

TEST_CASE("8-bit weights are steps of a scale of their child, and keep their bits when stored again") {
  Random random(7);
  constexpr std::uint32_t kMany = 300;
  std::vector<std::vector<ChildWeight>> given(200);
  ChunkBuilder builder(kMany, given.size(), WeightType::i1);
  for (FeatureId feature = 0; feature < given.size(); ++feature) {
    for (std::uint32_t child = 1; child < kMany; child += 1 + static_cast<std::uint32_t>(random.below(9)))
      given[feature].push_back({child, static_cast<float>(child * (random.uniform() - 0.5))});
    builder.add(feature, given[feature]);
  }
  std::string bytes;
  builder.finish(bytes);
  const Aligned aligned(bytes);
  const ChunkView chunk = ChunkView::open(aligned.view(), kMany, given.size(), "chunk");
  REQUIRE(chunk.scales().size() == kMany);
  CHECK(chunk.scales()[0] == 0);  // a child without weights
  const ChunkRows rows = read_rows(chunk, "chunk");
  ChunkBuilder again(kMany, given.size(), WeightType::i1);
  for (std::size_t n = 0; n < rows.features.size(); ++n) {
    again.add(rows.features[n], rows.row(n));
    std::vector<float> found(kMany);
    for (const ChildWeight& weight : rows.row(n))
      found[weight.child] = weight.value;
    for (const ChildWeight& weight : given[rows.features[n]]) {
      const float scale = chunk.scales()[weight.child];
      REQUIRE(scale <= static_cast<float>(weight.child) * 0.5F / 126);
      REQUIRE(std::abs(found[weight.child] - weight.value) <= scale * 0.5001F);
    }
  }
  std::string same;
  again.finish(same);
  CHECK(same == bytes);
}

TEST_CASE("a weight that a scale cannot hold is refused, and one that is nearly 0 is left out") {
  std::string bytes;
  ChunkBuilder large(1, 1, WeightType::i1);
  large.add(0, std::vector<ChildWeight>{{0, -std::numeric_limits<float>::max()}});
  CHECK_THROWS_WITH(large.finish(bytes), "weights: 3.4028235e+38 is too large for 8 bits");
  bytes.clear();
  ChunkBuilder small(2, 2, WeightType::i1);
  small.add(0, std::vector<ChildWeight>{{0, 1.0F}, {1, 1e-30F}});
  small.add(1, std::vector<ChildWeight>{{0, 0.003F}});
  small.finish(bytes);
  const ChunkRows rows = read_rows(ChunkView::open(bytes, 2, 2, "model"), "model");
  CHECK(rows.features == std::vector<FeatureId>{0});
  CHECK(rows.weights.size() == 1);
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
  CHECK(ChunkView::open(aligned.view().substr(0, first), kChildren, kFeatures, "a").weights() == 7);
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
  CHECK_THROWS_WITH(ChunkView::open(bitmap.view(), kChildren, 47, "m"),
                    "m: bad chunk: a feature is outside the model's");
  CHECK_THROWS_WITH(ChunkView::open(bytes.view(), kChildren, 1025, "m"),
                    "m: bad chunk: the table is not that of the model's features");
  CHECK_THROWS_WITH(ChunkView::open(bitmap.view(), kChildren, 257, "m"),
                    "m: bad chunk: the bitmap is not that of the model's features");
}

TEST_CASE("a forged chunk with a right checksum is refused") {
  const Sample hash = hash_sample(), wide = wide_sample(), bitmap = bitmap_sample(), dense = dense_sample();
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
  CHECK(refused(hash, kEntry + 29, byte(3)) == damaged);            // form of the table
  CHECK(refused(hash, kEntry + 8, word(5)) == bad + "the number of weights is wrong");
  CHECK(refused(hash, kEntry + 20, word(4)) == bad + "the table is not that of the payload");
  CHECK(refused(hash, kEntry + 24, word(5)) == bad + "the table is not that of the payload");
  const std::uint32_t nan = 0x7fc00000U;
  CHECK(refused(hash, kBias, nan) == bad + "a bias is not finite");
  CHECK(refused(hash, kEntry + 30, byte(9)) == bad + "the table is not that of the model's features");
  CHECK(refused(hash, kEntry + 30, byte(0)) == bad + "the table is not that of the model's features");
  CHECK(refused(hash, kTable, static_cast<std::uint16_t>(633 * 1000 % 1024)) ==
        bad + "a feature is outside the model's");
  CHECK(refused(hash, kTable + 40, byte(0)) == bad + "a row behind a free slot");
  CHECK(refused(hash, kTable + 40, byte(255)) == bad + "the size of a row is out of range");
  CHECK(refused(hash, kTable + 44, byte(1)) == bad + "a row behind a free slot");
  CHECK(refused(wide, kTable, word(20'000'000)) == bad + "a feature is outside the model's");
  CHECK(refused(wide, kTable, word(0xffffffffU)) == bad + "a row behind a free slot");
  CHECK(refused(wide, kTable + 48, byte(0)) == bad + "the size of a row is out of range");
  CHECK(refused(wide, kTable + 51, byte(1)) == bad + "a row behind a free slot");
  const Sample steps = hash_sample(WeightType::i1);
  for (const std::uint32_t scale : {nan, 0xbf800000U})
    CHECK(refused(steps, kTable, scale) == bad + "a scale is not a number of at least 0");
  CHECK(refused(steps, kTable, word(0)) == bad + "a weight is 0 or not finite");
  CHECK(refused(hash, kTable + 60, word(1)) == bad + "the bases are not the sums of the sizes");
  // The first row belongs to feature 3: two values, two children. The last one, with masks, begins 15 bytes in.
  CHECK(refused(hash, kPayload + 9, byte(20)) == bad + "a weight belongs to no child");
  CHECK(refused(hash, kPayload + 9, byte(0)) == bad + "the children of a feature are not increasing");
  CHECK(refused(hash, kPayload, word(0)) == bad + "a weight is 0 or not finite");
  CHECK(refused(hash, kPayload, nan) == bad + "a weight is 0 or not finite");
  CHECK(refused(hash, kPayload + 15, byte(3)) == bad + "a mask is not that of its values");
  CHECK(refused(hash, kPayload + 17, byte(0x16)) == bad + "a weight belongs to no child");
  CHECK(refused(bitmap, kTable, word(0xe0000000U)) == bad + "the bases are not the sums of the sizes");
  CHECK(refused(bitmap, kTable + 4, word(1)) == bad + "the bases are not the sums of the sizes");
  CHECK(refused(bitmap, kTable + 27, byte(0x80)) == bad + "a feature is outside the model's");
  CHECK(refused(bitmap, kPayload, byte(0)) == bad + "the bases are not the sums of the sizes");
  const std::size_t dense_payload = kPayload - 64;  // behind fewer biases
  CHECK(refused(dense, dense_payload, nan) == bad + "a weight is 0 or not finite");
  CHECK(refused(dense, dense_payload, word(0)) == bad + "the number of weights is wrong");
}
