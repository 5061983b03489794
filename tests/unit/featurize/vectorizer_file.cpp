#include "xmr/featurize/vectorizer_file.hpp"

#include <string>
#include <vector>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_text.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::read_file;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

Vectorizer sample_vectorizer() {
  VectorizerOptions options;
  options.blocks = {parse_block(GramKind::word, "1-2", {}), parse_block(GramKind::char_wb, "3:idf=none", {}),
                    parse_block(GramKind::char_, "2:hash=4,column=title", {})};
  VectorizerFit fit(options, 1);
  for (const std::string_view text : {"wireless echo", "echo with screen", "écran"})
    fit.add(std::vector<std::string_view>{text, "title"}, 0);
  Parallel parallel;
  return fit.finish(parallel);
}

void write(const std::string& path, const Vectorizer& vectorizer) {
  NpzWriter out(path);
  write_vectorizer(out, vectorizer);
}

}  // namespace

TEST_CASE("a vectorizer file gives the rows that the learnt vectorizer gives") {
  const TemporaryDirectory dir;
  const Vectorizer learnt = sample_vectorizer();
  write(dir / "v.npz", learnt);
  const VectorizerFile file(dir / "v.npz");
  const Vectorizer& read = file.vectorizer();
  CHECK(read.fingerprint() == learnt.fingerprint());
  CHECK(read.columns() == std::vector<std::string>{"text", "title"});
  REQUIRE(read.features() == learnt.features());
  for (FeatureId f = 0; f < read.features(); ++f)
    CHECK(read.feature_text(f) == learnt.feature_text(f));
  Vectorizer::Scratch one, two;
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    const std::string text = i % 2 == 0 ? "Echo écran " + test::random_text(random, 5) : test::random_text(random, 20);
    const std::vector<std::string_view> texts{text, text};
    const SparseRow a = learnt.apply(texts, one), b = read.apply(texts, two);
    CHECK(std::ranges::equal(a.indices, b.indices));
    CHECK(std::ranges::equal(a.values, b.values));
  }
}

TEST_CASE("a vectorizer lives in another archive under a prefix") {
  const TemporaryDirectory dir;
  const Vectorizer learnt = sample_vectorizer();
  {
    NpzWriter out(dir / "m.npz");
    learnt.write(out, "vectorizer/");
    out.commit({.kind = "model", .content = Json{{"vectorizer", learnt.describe()}}});
  }
  const NpzFile file(dir / "m.npz");
  CHECK(Vectorizer::read(file, "vectorizer/", file.meta().content.at("vectorizer")).fingerprint() ==
        learnt.fingerprint());
  CHECK_THROWS_AS(Vectorizer::read(file, "", file.meta().content.at("vectorizer")), FormatError);
  CHECK_THROWS_AS(VectorizerFile(dir / "m.npz"), FormatError);  // another kind
}

TEST_CASE("every truncated vectorizer file is refused, and every changed one refused or the same", "[damage]") {
  const TemporaryDirectory dir;
  const Vectorizer learnt = sample_vectorizer();
  write(dir / "v.npz", learnt);
  const std::string whole = read_file(dir / "v.npz");
  const auto read = [&](const std::string& bytes) {
    write_file(dir / "damaged.npz", bytes);
    const VectorizerFile file(dir / "damaged.npz");
    REQUIRE(file.vectorizer().fingerprint() == learnt.fingerprint());
  };
  test::Damage damage("vectorizer", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.change({0x10}, read);
}

TEST_CASE("tables that do not belong together are refused") {
  const TemporaryDirectory dir;
  const Vectorizer learnt = sample_vectorizer();
  const auto refuses = [&](std::string_view member, DType dtype, std::vector<std::uint64_t> shape, std::size_t bytes) {
    write(dir / "v.npz", learnt);
    const NpzFile file(dir / "v.npz");
    {
      NpzWriter out(dir / "bad.npz");
      for (const std::string& name : file.members()) {
        if (name == "meta.json") continue;
        const NpyArray array = file.get(name);
        if (name == member) {
          out.add(name, dtype, shape, std::string(bytes, '\0'));
        } else {
          out.add(name, array.dtype, array.shape, array.bytes);
        }
      }
      out.commit(file.meta());
    }
    CHECK_THROWS_AS(VectorizerFile(dir / "bad.npz"), FormatError);
  };
  refuses("words/slots", DType::u4, {4, 2}, 32);
  refuses("words/slots", DType::u4, {8}, 32);
  refuses("words/slots", DType::u4, {0, 2}, 0);
  refuses("words/offsets", DType::u8, {1}, 8);
  refuses("block0/slots", DType::u4, {2, 4}, 32);
  refuses("block0/grams", DType::u4, {4, 3}, 48);
  refuses("block0/grams", DType::u4, {4, 2}, 32);
  refuses("block0/idf", DType::f4, {2}, 8);
  refuses("block2/idf", DType::f4, {15}, 60);
  refuses("block2/idf", DType::f8, {16}, 128);
}
