#include "common/help.hpp"

#include <sstream>

#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "support/catch.hpp"

using namespace xmr::tools;

namespace {

struct Example {
  CLI::App app{"Builds a label tree from the features of the instances of each label, by balanced k-means clustering.",
               "xmr-index"};
  std::string x, method = "kmeans";
  unsigned branching = 16;
  std::vector<std::string> corpora;
  std::vector<int> cutoffs = {1, 3};

  Example() {
    app.option_defaults()->always_capture_default();
    app.add_option("-x,--x", x, "Features of the instances")->type_name("FILE")->required();
    app.add_option("--branching", branching, "Children of a node")->transform(range(2U, 256U))->group("Tree");
    app.add_option("--method", method, "How labels are put together")
        ->check(one_of({"kmeans", "random"}))
        ->group("Tree");
    app.add_option("--cutoffs", cutoffs, "Lengths of the list")->group("Tree");
    app.add_option("CORPUS", corpora, "Text files");
  }

  Misuse misuse(const std::string& arguments) {
    try {
      app.parse(arguments);
    } catch (const CLI::ParseError& error) {
      return explain(error, app);
    }
    return {};
  }
};

}  // namespace

TEST_CASE("help shows usage, groups, allowed values and defaults in 80 columns") {
  const Example example;
  const std::string help = help_text(example.app, {"", "xmr-index -x X.npz -y Y.npz -o tree.npz"});
  CHECK(help == R"(Builds a label tree from the features of the instances of each label, by
balanced k-means clustering.

Usage: xmr-index -x FILE [options] [CORPUS...]

Arguments:
  CORPUS...               Text files

Options:
  -h, --help              Print this help message and exit
  -x, --x FILE            Features of the instances [required]

Tree:
  --branching N           Children of a node [2..256; default 16]
  --method WORD           How labels are put together [kmeans|random; default
                          kmeans]
  --cutoffs N...          Lengths of the list [default 1 3]

Example:
  xmr-index -x X.npz -y Y.npz -o tree.npz
)");
}

TEST_CASE("help lists commands, and says when one of them is needed") {
  const Example example;
  const std::string plan = help_entry("plan", "Plans the work.");
  CHECK(help_text(example.app, {plan}).find(R"(
Usage: xmr-index -x FILE [options] [CORPUS...]
       xmr-index COMMAND [options]

Commands:
  plan                    Plans the work.
)") != std::string::npos);
  CHECK(help_text(example.app, {.commands = plan, .needs_command = true})
            .find("\nUsage: xmr-index COMMAND [options]\n") != std::string::npos);
}

TEST_CASE("help shows the usage that a command tells") {
  const Example example;
  CHECK(help_text(example.app, {.usage = "-x FILE\n--clusters FILE"}).find(R"(
Usage: xmr-index -x FILE
       xmr-index --clusters FILE
)") != std::string::npos);
}

TEST_CASE("all options that are missing are named") {
  Example example;
  std::string y, tree;
  example.app.add_option("-y,--y", y, "")->required();
  CHECK(example.misuse("").message == "--x and --y are required");
  example.app.add_option("-t,--tree", tree, "")->required();
  CHECK(example.misuse("").message == "--x, --y and --tree are required");
  CHECK(example.misuse("-y Y.npz").message == "--x and --tree are required");
}

TEST_CASE("wrong use is explained in one line") {
  Example example;
  CHECK(example.misuse("").message == "--x is required");
  CHECK(example.misuse("-x").message == "--x: a value is missing");
  CHECK(example.misuse("-x a --branching 1").message == "--branching: 1 is outside 2..256");
  CHECK(example.misuse("-x a --branching 99999999999").message == "--branching: 99999999999 is outside 2..256");
  CHECK(example.misuse("-x a --branching 4x").message == "--branching: '4x' is not a whole number in 2..256");
  CHECK(example.misuse("-x a --branching -4").message == "--branching: '-4' is not a whole number in 2..256");
  CHECK(example.misuse("-x a --branching 4 --branching 8").message == "--branching: given more than once");
  CHECK(example.misuse("-x a --method kmean").message ==
        "--method: 'kmean' is not one of kmeans|random (did you mean kmeans?)");
}

TEST_CASE("an unknown option is named before a missing one, with the nearest that exists") {
  Example example;
  const auto abbreviated = example.misuse("--meth a");
  CHECK(abbreviated.message == "unknown option '--meth'");
  CHECK(abbreviated.hint == "did you mean --method?");
  CHECK(example.misuse("-x a --braching=4").hint == "did you mean --branching?");
  CHECK(example.misuse("-x a --something").hint == "xmr-index --help lists the options");
}

TEST_CASE("numbers with a leading zero are decimal") {
  Example example;
  example.app.parse("-x a --branching 010");
  CHECK(example.branching == 10);
}

TEST_CASE("real numbers have ranges too, and NaN is in none") {
  CLI::App app;
  double value = 0.5;
  app.add_option("--threshold", value, "")->transform(range(0.0, 1.0));
  app.parse("--threshold 0.25");
  CHECK(value == 0.25);
  for (const std::string bad : {"nan", "inf", "1.5", "-0.1", "x", "0.1.2"})
    CHECK_THROWS_AS(app.parse("--threshold " + bad), CLI::ValidationError);
}

TEST_CASE("a dash can stand for stdin once only") {
  CHECK_NOTHROW(check_dash_once("stdin", {{"a", "-"}, {"b"}}));
  CHECK_THROWS_WITH(check_dash_once("stdin", {{"a", "-"}, {"-"}}), "-: given 2 times, but stdin can be used once");
  CHECK_THROWS_AS(check_dash_once("stdin", {{"-", "-"}}), xmr::ConfigError);
}

TEST_CASE("two outputs are not the same file") {
  CHECK_THROWS_WITH(check_dash_once("stdout", {{"a", "b"}, {"b"}}), "b: two outputs have this name");
  CHECK_NOTHROW(check_dash_once("stdout", {{"a", "", "-", "/dev/null"}, {"", "/dev/null"}}));
  CHECK_NOTHROW(check_dash_once("stdin", {{"a"}, {"a"}}));
}

TEST_CASE("the nearest name is an abbreviation's or one with few wrong letters") {
  const std::vector<std::string> known = {"--branching", "--beam", "-k"};
  CHECK(nearest("--bea", known) == "--beam");
  CHECK(nearest("--baem", known) == "--beam");
  CHECK(nearest("plna", {"part", "plan"}) == "plan");
  CHECK(nearest("--output", known).empty());
  CHECK(nearest("-z", known).empty());
}
