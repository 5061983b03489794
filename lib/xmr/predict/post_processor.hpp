#pragma once
// From margins to scores (PECOS, JMLR 23(98), 2022, section 3; docs/methods.md, "Inference").
//
// A ranker gives a child the margin v = w·x + bias. A post-processor turns it into the child's own score f(v), and says
// how scores combine along the path from the root:
//
//   l<p>-hinge      f(v) = exp(-max(0, 1-v)^p)   multiply     p = 1..4
//   log-l<p>-hinge  f(v) = -max(0, 1-v)^p        add
//   sigmoid         f(v) = 1/(1+exp(-v))         multiply
//   log-sigmoid     f(v) = -ln(1+exp(-v))        add
//   noop            f(v) = v                     the parent's score is ignored
//
// Searches work on *path values*: where scores multiply, their logarithms are added instead, which ranks alike, cannot
// underflow, and leaves one exponential an answer; score() makes the printed score. Margins are bounded to ±1e30 and
// path values stay finite, so that every value can be ranked and printed. No NaN leaves this file.
// Same bits on every machine (util/exp_log.hpp). Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace xmr {

enum class PathRule : std::uint8_t { multiply, add, ignore_parent };

class PostProcessor {
 public:
  // ConfigError for an unknown name; the message lists the names.
  explicit PostProcessor(std::string_view name);

  std::string name() const;
  PathRule path_rule() const { return path_rule_; }

  // Path values of the children of a parent with path value `parent` (0 for the root). Bounds the margins in place.
  void extend(float parent, std::span<float> margins, float* paths) const;
  // The printed score of a path value.
  float score(float path) const;

 private:
  enum class Function : std::uint8_t { hinge, sigmoid, identity };

  Function function_ = Function::identity;
  PathRule path_rule_ = PathRule::ignore_parent;
  std::uint8_t power_ = 1;  // of a hinge
};

}  // namespace xmr
