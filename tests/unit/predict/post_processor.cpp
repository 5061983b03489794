#include "xmr/predict/post_processor.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

const std::vector<std::string> kNames{"l1-hinge",     "l2-hinge",     "l3-hinge",     "l4-hinge",
                                      "log-l1-hinge", "log-l2-hinge", "log-l3-hinge", "log-l4-hinge",
                                      "sigmoid",      "log-sigmoid",  "noop"};

// The score of a child below a parent, by the formulae of docs/methods.md in double precision.
double formula(const std::string& name, double parent, double v) {
  if (name == "noop") return v;
  if (name == "sigmoid") return parent / (1 + std::exp(-v));
  if (name == "log-sigmoid") return parent - std::log1p(std::exp(-std::abs(v))) + std::min(v, 0.0);
  const bool is_log = name.starts_with("log-");
  const double power = name[is_log ? 5 : 1] - '0';
  const double log_score = -std::pow(std::max(0.0, 1 - v), power);
  return is_log ? parent + log_score : parent * std::exp(log_score);
}

float path_value(const PostProcessor& post_processor, float parent, float margin) {
  float path = 0;
  post_processor.extend(parent, {&margin, 1}, &path);
  return path;
}

}  // namespace

TEST_CASE("scores along a path follow the formulae") {
  const std::string name = GENERATE(from_range(kNames));
  CAPTURE(name);
  const PostProcessor post_processor(name);
  for (const float first : {-7.5F, -1.0F, 0.0F, 0.3F, 0.999F, 1.0F, 4.0F}) {
    for (const float second : {-20.0F, -3.0F, 0.5F, 1.0F, 30.0F}) {
      const float path = path_value(post_processor, path_value(post_processor, 0, first), second);
      const double root = post_processor.path_rule() == PathRule::multiply ? 1 : 0;
      const double expected = formula(name, formula(name, root, first), second);
      CHECK(post_processor.score(path) == Approx(expected).epsilon(2e-5).margin(1e-30));
    }
  }
}

TEST_CASE("a post-processor tells its name and how scores combine") {
  for (const std::string& name : kNames)
    CHECK(PostProcessor(name).name() == name);
  CHECK(PostProcessor("l3-hinge").path_rule() == PathRule::multiply);
  CHECK(PostProcessor("sigmoid").path_rule() == PathRule::multiply);
  CHECK(PostProcessor("log-l1-hinge").path_rule() == PathRule::add);
  CHECK(PostProcessor("log-sigmoid").path_rule() == PathRule::add);
  CHECK(PostProcessor("noop").path_rule() == PathRule::ignore_parent);
}

TEST_CASE("an unknown post-processor is refused with the list of names") {
  for (const std::string name :
       {"", "l0-hinge", "l5-hinge", "l3_hinge", "L3-hinge", "log-noop", "log-", "hinge", "l33-hinge"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(PostProcessor(name), ConfigError);
  }
  CHECK_THROWS_WITH(PostProcessor("softmax"),
                    "post-processor: 'softmax' is not one of l1-hinge, l2-hinge, l3-hinge, l4-hinge, log-l1-hinge, "
                    "log-l2-hinge, log-l3-hinge, log-l4-hinge, sigmoid, log-sigmoid, noop");
}

TEST_CASE("log-sigmoid is exact where 1/(1+exp(-v)) would round to 0 or 1") {
  const PostProcessor post_processor("log-sigmoid");
  CHECK(path_value(post_processor, 0, -500) == -500);
  CHECK(path_value(post_processor, 0, 40) == Approx(-std::exp(-40.0)));
}

TEST_CASE("infinite and undefined margins give finite path values") {
  const std::string name = GENERATE(from_range(kNames));
  CAPTURE(name);
  const PostProcessor post_processor(name);
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float margin : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
    const float path = path_value(post_processor, path_value(post_processor, 0, margin), margin);
    CHECK(std::isfinite(path));
    CHECK(std::isfinite(post_processor.score(path)));
  }
}

TEST_CASE("no step of a path raises the path value or the score, except that of noop") {
  const std::string name = GENERATE(from_range(kNames));
  if (name == "noop") return;
  CAPTURE(name);
  const PostProcessor post_processor(name);
  Random random(16);
  for (int round = 0; round < 20000; ++round) {
    // Path values near the multiples of ln(2)/2, where the pieces of the exponential meet, and elsewhere.
    float parent = round % 2 == 0 ? -0.34657359F * static_cast<float>(random.below(300))
                                  : -std::exp(static_cast<float>(random.below(2000)) / 100 - 15);
    for (std::uint64_t steps = random.below(8); steps > 0; --steps)
      parent = std::nextafter(parent, -1e30F);
    const float margin = (static_cast<float>(random.below(2000)) - 1000) / 100;
    const float child = path_value(post_processor, parent, margin), below = std::nextafter(parent, -1e30F);
    REQUIRE(child <= parent);
    REQUIRE(post_processor.score(child) <= post_processor.score(parent));
    REQUIRE(post_processor.score(below) <= post_processor.score(parent));
  }
}
