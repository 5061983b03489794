#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/fit_merge.hpp"
#include "xmr/distributed/fit_part.hpp"
#include "xmr/featurize/corpus_features.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_text.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::Damage;
using test::read_file;
using test::TemporaryDirectory;
using test::write_file;

namespace {

BlockOptions block(GramKind kind, std::string_view text) {
  return parse_block(kind, text, {});
}

// Rows of two columns, title and text.
std::string random_rows(std::uint64_t seed, std::size_t rows) {
  Random random(seed);
  std::string lines;
  for (std::size_t row = 0; row < rows; ++row)
    for (const char end : {'\t', '\n'}) {
      std::string text = test::random_text(random, 40);
      std::ranges::replace_if(
          text, [](char c) { return c == '\t' || c == '\r'; }, ' ');
      lines += text + end;
    }
  return lines;
}

// A corpus in a folder, and the files made of it there.
struct Fits {
  explicit Fits(const std::string& rows) {
    write_file(folder / "a.tsv", rows);
    write_file(folder / "b.tsv", rows.substr(0, rows.find('\n') + 1));
  }

  CorpusInput input() const {
    return {.paths = {folder / "a.tsv", folder / "b.tsv"}, .columns = CorpusColumns("title,text")};
  }
  std::string write(const Vectorizer& vectorizer) const {
    {
      NpzWriter out(folder / "v.npz");
      write_vectorizer(out, vectorizer);
    }
    return read_file(folder / "v.npz");
  }
  std::string whole(const VectorizerOptions& options) const {
    Parallel parallel(2);
    return write(fit_corpus(input(), options, parallel).vectorizer);
  }
  std::string part(const VectorizerOptions& options, PartOf part, unsigned threads = 1) const {
    return this->part(input(), options, part, threads);
  }
  std::string part(CorpusInput input, const VectorizerOptions& options, PartOf part, unsigned threads = 1) const {
    input.part = part;
    std::string path = folder / fmt::format("part-{}-{}.npz", part.part, part.parts);
    const auto origin = fit_origin(input, options);
    Parallel parallel(threads);
    VectorizerFit fit(options, threads);
    count_corpus(input, fit, parallel);
    NpzWriter out(path);
    write_fit_part(out, origin, options, fit.counts(parallel));
    return path;
  }
  std::vector<std::string> parts(const VectorizerOptions& options, std::uint32_t parts) const {
    std::vector<std::string> paths;
    for (std::uint32_t i = 0; i < parts; ++i)
      paths.push_back(part(options, {i, parts}, i % 3 + 1));
    return paths;
  }
  std::string merged(std::vector<std::string> paths) const {
    std::ranges::reverse(paths);
    Parallel parallel(2);
    return write(merge_fit_parts(paths, parallel));
  }

  TemporaryDirectory folder;
};

// Blocks of every kind.
VectorizerOptions sample() {
  return {.blocks = {block(GramKind::word, "1-2"), block(GramKind::char_wb, "3:idf=none,column=title"),
                     block(GramKind::char_, "2:hash=4"), block(GramKind::word, "1:hash=4,idf=none")}};
}

std::string refusal(const std::vector<std::string>& paths) {
  Parallel parallel;
  try {
    merge_fit_parts(paths, parallel);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("parts of a fit become the vectorizer of one fit of all rows", "[threads]") {
  const Fits fits(random_rows(7, 150));
  const std::vector<VectorizerOptions> all = {
      sample(),
      {.blocks = {block(GramKind::word, "1-3:min-df=2,max-features=40"), block(GramKind::word, "2:column=title")}},
      {.blocks = {block(GramKind::char_, "1-4:min-df=0.05,max-df=0.5,tf=position,column=title")}},
      {.blocks = {block(GramKind::char_wb, "2-3:max-df=20,tf=word-position"), block(GramKind::word, "1:max-tokens=3")}},
      {.blocks = {block(GramKind::word, "1:idf=pecos,max-df=0.98")},
       .tokenizer = {.tokens = Tokens::whitespace, .fold_case = false}},
      {.blocks = {block(GramKind::word, "1-2:hash=10"), block(GramKind::char_, "3:idf=none,max-features=9")}},
  };
  for (const VectorizerOptions& options : all) {
    INFO(to_json(options).dump());
    const std::string whole = fits.whole(options);
    for (const std::uint32_t parts : {1, 2, 3, 5, 8})
      CHECK(fits.merged(fits.parts(options, parts)) == whole);
  }
}

TEST_CASE("a part of a fit has the same bytes for any number of threads", "[threads]") {
  const Fits fits(random_rows(8, 3000));
  const std::string one = read_file(fits.part(sample(), {1, 2}, 1));
  for (const unsigned threads : {2U, 7U})
    CHECK(read_file(fits.part(sample(), {1, 2}, threads)) == one);
}

TEST_CASE("parts of a fit may have no rows, but not all of them") {
  const Fits fits("a title\ta text\nanother\tб\n");
  CHECK(fits.merged(fits.parts(sample(), 9)) == fits.whole(sample()));
  const Fits empty("");
  CHECK(refusal(empty.parts(sample(), 3)) == "no instances");
  const VectorizerOptions strict{.blocks = {block(GramKind::word, "1:min-df=9")}};
  CHECK(refusal(fits.parts(strict, 2)) == "no n-gram occurs in as many rows as min-df and max-df allow");
}

TEST_CASE("parts of a fit are wanted once each, all of them, of the same fit") {
  const Fits fits(random_rows(9, 20));
  const std::vector<std::string> paths = fits.parts(sample(), 4);
  const std::string& first = paths[0];
  CHECK(refusal({first, paths[3]}) == fmt::format("the fit of {}: 2 of 4 parts missing: 1, 2", first));
  const std::string copy = fits.folder / "copy.npz";
  write_file(copy, read_file(paths[2]));
  CHECK(refusal({first, paths[2], copy}) == fmt::format("{}: is the same part as {}", copy, paths[2]));
  const std::string of_two = fits.part(sample(), {1, 2});
  CHECK(refusal({first, of_two}) == fmt::format("{}: is one of 2 parts, but {} is one of 4 parts", of_two, first));
  const std::string alone = fits.part(sample(), {0, 1});
  CHECK(refusal({alone, first}) ==
        fmt::format("{}: is one of 4 parts, but {} is not a part of the rows", first, alone));

  const auto is_foreign = [&](const std::string& path) {
    CHECK(refusal({first, path}) ==
          fmt::format("{}: was not made from what {} was made from, or with other options", path, first));
  };
  VectorizerOptions others = sample();
  others.blocks[0].min_df.value = 2;
  is_foreign(fits.part(others, {1, 4}));
  CorpusInput input = fits.input();
  input.columns = CorpusColumns("text,title");
  is_foreign(fits.part(input, sample(), {1, 4}));
  write_file(fits.folder / "b.tsv", "a longer\tfile\n");
  is_foreign(fits.part(sample(), {1, 4}));
}

TEST_CASE("a fit has parts of files only, and not too many") {
  const Fits fits("a title\ta text\n");
  CorpusInput input = fits.input();
  input.part = {0, FitPart::kMaxParts + 1};
  CHECK_THROWS_WITH(fit_origin(input, sample()), "a fit of 65537 parts; at most 65536 can be merged");
  input.part = {0, 1};
  input.paths = {"/dev/null"};
  CHECK_THROWS_WITH(fit_origin(input, sample()), "/dev/null: is not a regular file, which a part needs");
}

TEST_CASE("a part of a fit that was cut off or changed in one byte is refused or read as it was", "[damage]") {
  const Fits fits("title\tsome text\nother\ttext\n");
  const std::string good = fits.part(sample(), {0, 1}), whole = read_file(good);
  const std::string expected = fits.merged({good});
  const auto read = [&](const std::string& bytes) {
    write_file(fits.folder / "bad.npz", bytes);
    const std::string merged = fits.merged({fits.folder / "bad.npz"});
    REQUIRE(merged == expected);
  };
  Damage damage("part of a fit", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.change({0x01, 0x80}, read);
}

TEST_CASE("a part of a fit whose words or n-grams are none, or in disorder, is refused") {
  const Fits fits("t\tb a\nt\ta\n");
  const NpzFile good(fits.part({.blocks = {block(GramKind::word, "1-2"), block(GramKind::char_, "2:hash=4")}}, {0, 1}));
  REQUIRE(good.get("block0/grams").shape == std::vector<std::uint64_t>{3, 2});  // a; b; b a
  const auto refused = [&](std::string_view member, std::vector<std::uint64_t> shape, auto values) {
    const std::string bad = fits.folder / "bad.npz";
    {
      NpzWriter out(bad);
      for (const std::string& name : good.members()) {
        if (name == "meta.json") continue;
        const NpyArray array = good.get(name);
        const auto* const bytes = reinterpret_cast<const char*>(values.data());
        if (name == member)
          out.add(name, array.dtype, shape, {bytes, values.size() * sizeof(values[0])});
        else
          out.add(name, array.dtype, array.shape, array.bytes);
      }
      out.commit(good.meta());
    }
    const std::string message = refusal({bad});
    return message.substr(std::min(message.size(), bad.size() + 2));
  };
  using U4 = std::vector<std::uint32_t>;
  constexpr std::uint32_t none = kNoEntry;
  CHECK(refused("block0/grams", {3, 2}, U4{0, none, 1, none, 1, 0}) == "");  // unchanged
  const std::string in_disorder = " is not an n-gram, or does not come after the one before";
  CHECK(refused("block0/grams", {3, 2}, U4{0, none, 1, 0, 1, none}) == "member block0/grams: 2" + in_disorder);
  CHECK(refused("block0/grams", {3, 2}, U4{0, none, 0, none, 1, 0}) == "member block0/grams: 1" + in_disorder);
  CHECK(refused("block0/grams", {3, 2}, U4{0, none, 1, none, 1, 2}) == "member block0/grams: 2" + in_disorder);
  CHECK(refused("block0/grams", {3, 2}, U4{none, none, 1, none, 1, 0}) == "member block0/grams: 0" + in_disorder);
  CHECK(refused("block0/grams", {3, 2}, U4{none, 0, 1, none, 1, 0}) == "member block0/grams: 0" + in_disorder);
  CHECK(refused("block0/grams", {2, 3}, U4{0, none, 1, none, 1, 0}) ==
        "member block0/grams: must be 3 n-grams of 2 symbols");
  CHECK(refused("block0/rows", {3}, U4{2, 0, 1}) == "member block0/rows: item 1: 0 is outside 1..3");
  CHECK(refused("block0/rows", {3}, U4{4, 1, 1}) == "member block0/rows: item 0: 4 is outside 1..3");
  CHECK(refused("block1/rows", {3}, U4{2, 1, 1}) == "member block1/rows: must have 16 items");
  const std::string words = "ba";
  CHECK(refused("words/bytes", {2}, words) == "member words/bytes: word 1 does not come after the one before");
}
