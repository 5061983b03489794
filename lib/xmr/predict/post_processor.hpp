#pragma once
// Scores from margins (PECOS, JMLR 23(98), 2022, section 3; docs/methods.md, "Inference").
//
// The margin of a child is v = w·x + bias. A post-processor defines the child's own score f(v) and the combination of
// scores along the path from the root:
//
//   l<p>-hinge      f(v) = exp(-max(0, 1-v)^p)   multiply     p = 1..4
//   log-l<p>-hinge  f(v) = -max(0, 1-v)^p        add
//   sigmoid         f(v) = 1/(1+exp(-v))         multiply
//   log-sigmoid     f(v) = -ln(1+exp(-v))        add
//   noop            f(v) = v                     the parent's score is ignored
//
// Searches work on *path values*. If scores multiply, path values are sums of their logarithms: the ranking is the
// same, nothing underflows, and an answer costs one exponential. score() returns the printed score. Margins are bounded
// to ±1e30 and path values are finite; no NaN leaves this file. The bits are the same on every machine
// (util/exp_log.hpp). Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace xmr {

enum class PathRule : std::uint8_t { multiply, add, ignore_parent };

class PostProcessor {
 public:
  // If the name is unknown, throws ConfigError with the list of names.
  explicit PostProcessor(std::string_view name);

  std::string name() const;
  PathRule path_rule() const { return path_rule_; }

  // Computes the path values of the children of a parent with path value `parent` (0 for the root). Bounds the margins
  // in place.
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
