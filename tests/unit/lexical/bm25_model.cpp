#include "xmr/lexical/bm25_model.hpp"

#include "xmr/featurize/label_texts.hpp"
#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/lexical/label_documents.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/plain_bm25.hpp"
#include "support/sparse_archive.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::TemporaryDirectory;

namespace {

// Three labels with texts, as a model with vectorizer and names.
struct Sample {
  LabelNames names;
  std::optional<Vectorizer> vectorizer;
  Bm25Postings postings;

  Sample() {
    names.add("a", "red car", 0);
    names.add("b", "blue car", 0);
    names.add("blue", "", 0);
    VectorizerOptions options;
    options.row_norm = Norm::none;
    BlockOptions words;
    words.idf = InverseDocumentFrequency::none;
    words.norm = Norm::none;
    options.blocks.push_back(words);
    VectorizerFit fit(options, 1);
    for (LabelId label = 0; label < names.size(); ++label)
      fit.add(std::array{names.text(label)}, 0);
    Parallel parallel;
    vectorizer.emplace(fit.finish(parallel));
    postings = build_postings(featurize_label_texts(names, *vectorizer), {}, parallel);
  }

  void write(const std::string& path, bool complete = true) const {
    write_model(NpzWriter(path), Bm25Parts{.postings = postings,
                                           .vectorizer = complete ? &*vectorizer : nullptr,
                                           .vectorizer_fingerprint = vectorizer->fingerprint(),
                                           .names = complete ? names.stored() : StoredNames{},
                                           .options = Json{{"k1", 0.9}}});
  }
};

// Fails unless the model says what the sample does. Visits all that is in it.
void require_sample(const Bm25Model& model, const Sample& sample) {
  REQUIRE(model.labels() == 3);
  REQUIRE(model.features() == sample.postings.largest.size());
  for (FeatureId feature = 0; feature < model.features(); ++feature) {
    const FeaturePostings found = model.postings()[feature];
    const auto begin = sample.postings.offsets[feature], end = sample.postings.offsets[feature + 1];
    REQUIRE(found.largest == sample.postings.largest[feature]);
    REQUIRE(std::ranges::equal(found.postings, std::span(sample.postings.postings).subspan(begin, end - begin)));
  }
}

}  // namespace

TEST_CASE("a BM25 model holds what was written") {
  const TemporaryDirectory folder;
  const Sample sample;
  SECTION("with vectorizer and names") {
    sample.write(folder / "model.npz");
    const Bm25Model model = Bm25Model::open(folder / "model.npz");
    require_sample(model, sample);
    REQUIRE(model.vectorizer() != nullptr);
    CHECK(model.vectorizer()->fingerprint() == sample.vectorizer->fingerprint());
    CHECK(model.names().key(0) == "a");
    CHECK(model.names().text(0) == "red car");
    CHECK(model.names().text(2) == "blue");
    CHECK(model.postings().verify() == sample.postings.postings.size());
  }
  SECTION("without") {
    sample.write(folder / "model.npz", false);
    const Bm25Model model = Bm25Model::open(folder / "model.npz");
    require_sample(model, sample);
    CHECK(model.vectorizer() == nullptr);
    CHECK(model.vectorizer_fingerprint() == sample.vectorizer->fingerprint());
    CHECK(model.names().empty());
  }
}

TEST_CASE("writing a BM25 model twice gives the same bytes") {
  const TemporaryDirectory folder;
  Sample().write(folder / "a.npz");
  Sample().write(folder / "b.npz");
  CHECK(test::read_file(folder / "a.npz") == test::read_file(folder / "b.npz"));
}

TEST_CASE("names for another number of labels are refused when a BM25 model is written") {
  const TemporaryDirectory folder;
  Sample sample;
  sample.names.add("four", "", 0);
  CHECK_THROWS_WITH(sample.write(folder / "model.npz"), "labels: 4 names for 3 labels");
  CHECK(folder.entries() == 0);
}

TEST_CASE("every truncation of a BM25 model is refused", "[damage]") {
  const TemporaryDirectory folder;
  Sample().write(folder / "model.npz");
  const std::string bytes = test::read_file(folder / "model.npz");
  CHECK(test::Damage("BM25 model", bytes).cut([&](const std::string& cut) {
    test::write_file(folder / "cut.npz", cut);
    static_cast<void>(Bm25Model::open(folder / "cut.npz"));
  }) == bytes.size());
}

TEST_CASE("every one-byte change of a BM25 model is refused or changes nothing", "[damage]") {
  const TemporaryDirectory folder;
  const Sample sample;
  sample.write(folder / "model.npz");
  const std::string bytes = test::read_file(folder / "model.npz");
  CHECK(test::Damage("BM25 model", bytes).change({0x20}, [&](const std::string& changed) {
    test::write_file(folder / "changed.npz", changed);
    const Bm25Model model = Bm25Model::open(folder / "changed.npz");
    require_sample(model, sample);
  }) > bytes.size() / 2);
}

// As another program could write them, with matching CRCs.
TEST_CASE("postings that do not fit each other are refused") {
  const TemporaryDirectory folder;
  Sample sample;
  const auto refusal = [&] {
    sample.write(folder / "model.npz");
    try {
      Bm25Model::open(folder / "model.npz").postings().verify();
    } catch (const FormatError& error) {
      return std::string(error.what()).substr((folder / "model.npz").size());
    }
    return std::string("accepted");
  };
  SECTION("offsets that go back") {
    std::swap(sample.postings.offsets[1], sample.postings.offsets[2]);
    CHECK(refusal() == ": features 0..2: damaged postings (offsets)");
  }
  SECTION("offsets beyond the end") {
    sample.postings.offsets.back() = 1000;
    CHECK(refusal() == ": features 0..2: damaged postings (offsets)");
  }
  SECTION("a changed impact") {
    ++sample.postings.postings[0].impact;
    CHECK(refusal() == ": features 0..2: damaged postings (checksum)");
  }
  SECTION("a checksum for a label that there is not") {
    sample.postings.postings[0].document = 3;
    sample.postings.checksums[0] =
        checksum({sample.postings.offsets, sample.postings.largest, sample.postings.postings}, 0);
    CHECK(refusal() == ": features 0..2: bad postings: document 3 is outside 0..2");
  }
  SECTION("too few checksums") {
    sample.postings.checksums.pop_back();
    CHECK(refusal() == ": checksums: 0 entries, 3 features need 1");
  }
}

TEST_CASE("postings behind 2^31 entries are found") {
  const TemporaryDirectory folder;
  const std::uint64_t hole = GENERATE(test::k2G / 8, test::k2G / 2, test::k2G + 1);
  // Features 0..15 are a hole; the one that follows has two postings.
  std::vector<std::uint64_t> offsets(17, hole);
  offsets[0] = 0;
  offsets.push_back(hole + 2);
  const std::vector<Posting> postings{{0, 7}, {2, 9}};
  const std::uint32_t largest = 9;
  const std::uint64_t sum = checksum({std::span(offsets).subspan(16), {&largest, 1}, postings}, 1);
  {
    test::SparseArchive out(folder / "large.npz");
    out.add<std::uint64_t>("offsets", offsets);
    out.add<std::uint32_t>("largest", {{{}, 16}, {{largest}, 0}});
    out.add<std::uint64_t>("checksums", std::vector<std::uint64_t>{0, sum});
    out.add<std::uint32_t>("postings", {{{}, 2 * hole}, {{0, 7, 2, 9}, 0}}, 2);
    out.commit(
        R"({"kind": "model", "format_version": 1, "tool_version": "0", "content": {"type": "bm25", "features": 17,
                   "labels": 3, "documents": 3, "mean_length": 1, "fingerprints": {"vectorizer": ""}, "options": {}}})");
  }
  const Bm25Model model = Bm25Model::open(folder / "large.npz");
  const FeaturePostings found = model.postings()[16];
  CHECK(std::ranges::equal(found.postings, postings));
  CHECK(found.largest == largest);
}
