#include "xmr/complete/query_maker.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "xmr/complete/words.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

std::vector<std::string> pieces_of(std::string_view query) {
  std::vector<std::string_view> cut;
  cut_pieces(query, cut);
  return {cut.begin(), cut.end()};
}

using Texts = std::vector<std::string>;

// The contexts of queries in maps.
struct PlainGrams {
  std::map<std::string, std::map<std::string, double>> nexts;

  explicit PlainGrams(const std::set<std::string>& queries) {
    std::map<std::string, int> occurrences;
    for (const bool counts : {false, true})
      for (const std::string& query : queries) {
        Texts pieces = pieces_of(query);
        pieces.emplace_back();
        for (std::size_t i = 0; i < pieces.size(); ++i) {
          const std::string one = "\t" + (i > 0 ? pieces[i - 1] : "");
          const std::string two = i > 0 ? "\t" + (i > 1 ? pieces[i - 2] : "") + one : "";
          if (!counts) ++occurrences[two];
          if (!counts) continue;
          ++nexts[one][pieces[i]];
          if (i > 0) ++nexts[""][pieces[i]];
          if (i > 0 && occurrences[two] > 1) ++nexts[two][pieces[i]];
        }
      }
  }
  double probability(const Texts& pieces, std::size_t i) const {
    Texts contexts;
    if (i > 0) contexts = {"", "\t" + pieces[i - 1], "\t" + (i > 1 ? pieces[i - 2] : "") + "\t" + pieces[i - 1]};
    if (i == 0) contexts = {"\t"};
    std::set<std::string> known{""};
    for (const auto& [context, counts] : nexts)
      for (const auto& [piece, count] : counts)
        known.insert(piece);
    double p = (known.contains(pieces[i]) ? 1 : 0.1) / static_cast<double>(known.size());
    for (const std::string& context : contexts) {
      const auto found = nexts.find(context);
      if (found == nexts.end()) continue;
      double total = 0;
      for (const auto& [piece, count] : found->second)
        total += count;
      const auto of_piece = found->second.find(pieces[i]);
      const auto different = static_cast<double>(found->second.size());
      p = ((of_piece == found->second.end() ? 0 : of_piece->second) + different * p) / (total + different);
    }
    return p;
  }
};

}  // namespace

TEST_CASE("a query is cut before the separators of each word") {
  CHECK(pieces_of("libssl1.1-dev") == Texts{"libssl1", ".1", "-dev"});
  CHECK(pieces_of("new york ") == Texts{"new", " york", " "});
  CHECK(pieces_of("-x") == Texts{"-x"});
  CHECK(pieces_of("+ +") == Texts{"+ +"});
  CHECK(pieces_of("caf\u00e9 \u6f22") == Texts{"caf\u00e9", " \u6f22"});
  CHECK(pieces_of("").empty());
}

TEST_CASE("made queries have the probability of their pieces, hold the typed words and are no keys") {
  Random random(4);
  std::vector<std::string> queries;
  for (int i = 0; i < 300; ++i) {
    std::string query(1, "abcd"[random.below(4)]);
    for (std::uint64_t n = random.below(4); n > 0; --n)
      query += std::string("-") + "abcdefgh"[random.below(8)] + (random.below(3) == 0 ? "x" : "");
    queries.push_back(query);
  }
  QueryGramCounter counter;
  StringTableBuilder table;
  for (const std::string& query : queries)
    counter.add(query);
  const std::set<std::string> known(queries.begin(), queries.begin() + 200);
  for (const std::string& query : known)
    table.add(query);
  const test::TemporaryDirectory dir;
  {
    NpzWriter out(dir / "grams.npz");
    counter.table().write(out, "grams/");
    out.commit({"model", 1, {}});
  }
  const NpzFile file(dir / "grams.npz");
  const QueryGrams grams = QueryGrams::read(file, "grams/");
  const StringTable keys = table.view();
  const PlainGrams plain({queries.begin(), queries.end()});
  QueryMaker make(grams, keys);
  std::size_t made = 0, reordered = 0;
  Words typed_words, made_words;
  for (const char* typed : {"a-", "a-b", "b-c-", "c-d-e", "d-ex", "ab-", "a-zz", "zz-a"}) {
    make("", typed);
    double before = 1e300;
    for (const MadeQuery& query : make.all()) {
      CAPTURE(typed, query.text);
      ++made;
      typed_words.read(typed);
      made_words.read(query.text);
      const bool is_ordered = query.text.starts_with(typed);
      CHECK((is_ordered || find_words(typed_words, made_words)));
      CHECK(
          (is_ordered || std::ranges::none_of(known, [&](const std::string& key) { return key.starts_with(typed); })));
      CHECK((query.text != typed || query.is_begun_known));
      CHECK_FALSE(known.contains(query.text));
      CHECK(query.share >= QueryMaker::kMinShare);
      CHECK(query.probability <= before);
      before = query.probability;
      Texts pieces = pieces_of(query.text);
      pieces.emplace_back();
      const Texts typed_pieces = pieces_of(typed);
      double expected = is_ordered ? 1 : 0.1;
      for (std::size_t i = is_ordered ? typed_pieces.size() - 1 : 0; i < pieces.size(); ++i)
        expected *= plain.probability(pieces, i);
      for (std::size_t i = 0; i + 1 < typed_pieces.size() && !is_ordered; ++i)
        expected /= plain.probability(typed_pieces, i);
      // Pieces that no query has there have another probability.
      if (is_ordered ? !query.is_begun_known : std::string_view(typed).find("zz") != std::string_view::npos) continue;
      reordered += is_ordered ? 0 : 1;
      CHECK(query.probability == Approx(expected).epsilon(1e-9));
    }
  }
  CHECK(made > 20);
  CHECK(reordered > 3);
}

TEST_CASE("if no key begins with the typed text, its words are tried in other orders and behind the previous query") {
  QueryGramCounter counter;
  for (const char* query : {"libssl-dev", "libfoo-dev", "python3-foo", "libfoo-doc"})
    counter.add(query);
  QueryGramCounter many;  // of few words, the likeliest 10 queries are other ones
  for (int i = 0; i < 200; ++i)
    many.add("w" + std::to_string(i) + "-v" + std::to_string(i));
  StringTableBuilder table;
  table.add("libssl-dev");
  const StringTable keys = table.view();
  const QueryGramTable grams_table = counter.table();
  const QueryGrams grams = grams_table.view();
  QueryMaker make(grams, keys);
  const auto is_made = [&](const char* previous, const char* typed, std::string_view text) {
    make(previous, typed);
    return std::ranges::count(make.all(), text, &MadeQuery::text) == 1;
  };
  CHECK(is_made("", "dev-libf", "libfoo-dev"));
  CHECK(is_made("", "dev-libbar", "libbar-dev"));
  CHECK(is_made("", "dev-libbar-", "libbar-dev"));
  CHECK_FALSE(is_made("", "awre", "ruby-awre"));
  const QueryGramTable many_table = many.table();
  const QueryGrams of_many = many_table.view();
  QueryMaker make_of_many(of_many, keys);
  make_of_many("ruby-all", "awre");
  CHECK(std::ranges::count(make_of_many.all(), "ruby-awre", &MadeQuery::text) == 1);
  CHECK_FALSE(is_made("", "dev-libssl", "libssl-dev"));  // a key
  CHECK_FALSE(is_made("", "libs", "libs-dev"));          // a key begins so
  CHECK_FALSE(is_made("", "a-b-c-d-libf", "libfoo-a-b-c-d"));
}

TEST_CASE("queries are made of words of the previous query, and of words behind another separator") {
  QueryGramCounter counter;
  for (const char* query : {"libssl-dev", "libfoo-dev", "old-foo"})
    counter.add(query);
  const QueryGramTable table = counter.table();
  const QueryGrams grams = table.view();
  const StringTable keys;
  QueryMaker make(grams, keys);
  const auto share = [&](const char* previous, const char* typed, std::string_view text) {
    make(previous, typed);
    const auto found = std::ranges::find(make.all(), text, &MadeQuery::text);
    return found == make.all().end() ? 0 : found->share;
  };
  CHECK(share("bar-utils", "libfoo-ut", "libfoo-utils") > 0);
  CHECK(share("", "libfoo-ut", "libfoo-utils") == 0);
  CHECK(share("bar-utils-dev", "libssl-ut", "libssl-utils-dev") > share("bar-utils", "libssl-ut", "libssl-utils-dev"));
  CHECK(share("", "my-libf", "my-libfoo") > 0);
  CHECK(share("", "de", "dev") > 0);
  CHECK(share("", "my-libx", "my-libfoo") == 0);
}

TEST_CASE("the typed text is a made query if its last word is known") {
  QueryGramCounter counter;
  counter.add("libssl-dev");
  const QueryGramTable table = counter.table();
  const QueryGrams grams = table.view();
  StringTableBuilder key;
  key.add("libssl");
  const StringTable none, keys = key.view();
  const auto is_made = [&](const StringTable& known, const char* previous, std::string_view typed) {
    QueryMaker make(grams, known);
    make(previous, typed);
    return std::ranges::count(make.all(), typed, &MadeQuery::text) == 1;
  };
  CHECK(is_made(none, "", "libssl"));
  CHECK(is_made(none, "", "libbar-dev"));
  CHECK(is_made(none, "bar-utils", "utils"));
  CHECK_FALSE(is_made(none, "", "utils"));
  CHECK_FALSE(is_made(none, "", "libs"));
  CHECK_FALSE(is_made(keys, "", "libssl"));
}

TEST_CASE("nothing is made of short, long or ill-formed texts, and no text is too odd") {
  QueryGramCounter counter;
  counter.add("libssl-dev");
  counter.add("libfoo-dev");
  const QueryGramTable table = counter.table();
  const QueryGrams grams = table.view();
  const StringTable keys;
  QueryMaker make(grams, keys);
  const auto made = [&](const std::string& typed) {
    make("", typed);
    return make.all().size();
  };
  CHECK(made("") == 0);
  CHECK(made("l") == 0);
  CHECK(made(std::string(QueryMaker::kMaxTyped + 1, 'l')) == 0);
  CHECK(made("libbar-d") > 0);
  CHECK(make.all()[0].text == "libbar-dev");
  CHECK(make.all()[0].share > 0.5);
  make("bar-utils", "bar-");
  CHECK(std::ranges::count(make.all(), "bar-utils-dev", &MadeQuery::text) == 1);
  make("other", "bar-");
  CHECK(std::ranges::count(make.all(), "bar-utils-dev", &MadeQuery::text) == 0);
  made("\xff\xff-d");
  made("--");
}

TEST_CASE("n-grams without an end, or of pieces that there are not, are refused") {
  const test::TemporaryDirectory dir;
  const auto forge = [&](std::string_view first, PieceId next) {
    NpzWriter out(dir / "forged.npz");
    StringTableBuilder pieces;
    pieces.add(first);
    pieces.add("x");
    pieces.write(out, "grams/pieces/");
    PairTable contexts;
    contexts.previous.add("\t");
    contexts.labels = {next};
    contexts.counts = {1};
    contexts.offsets = {0, 1};
    contexts.write(out, "grams/contexts/");
    out.commit({"model", 1, {}});
    const NpzFile file(dir / "forged.npz");
    return QueryGrams::read(file, "grams/").pieces().size();
  };
  CHECK(forge("", 1) == 2);
  CHECK_THROWS_AS(forge("", 2), FormatError);
  CHECK_THROWS_WITH(forge("a", 1),
                    (dir / "forged.npz") + ": member grams/pieces/offsets: the first piece is not empty");
}
