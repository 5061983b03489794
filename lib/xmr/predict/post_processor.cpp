#include "xmr/predict/post_processor.hpp"

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

namespace {

// The bound of margins and of one step of a path. Deep paths stay far below the largest float, 3.4e38.
constexpr float kBound = 1e30F;

// The order of the comparisons maps NaN (infinity minus infinity) to the lowest value.
float bounded(float value) {
  const float low = value > -kBound ? value : -kBound;
  return low < kBound ? low : kBound;
}

float log_sigmoid(float v) {
  const float magnitude = v < 0 ? -v : v;
  return (v < 0 ? v : 0.0F) - portable_log1p(portable_exp(-magnitude));
}

template <int kPower>
void extend_hinge(float parent, std::span<const float> margins, float* paths) {
  for (std::size_t i = 0; i < margins.size(); ++i) {
    const float loss = margins[i] < 1.0F ? 1.0F - margins[i] : 0.0F;
    float step = loss;
    for (int factor = 1; factor < kPower; ++factor)
      step *= loss;
    paths[i] = parent - (step < kBound ? step : kBound);
  }
}

}  // namespace

PostProcessor::PostProcessor(std::string_view name) {
  const bool is_log = name.starts_with("log-");
  const std::string_view base = is_log ? name.substr(4) : name;
  if (name == "noop") return;
  path_rule_ = is_log ? PathRule::add : PathRule::multiply;
  if (base == "sigmoid") {
    function_ = Function::sigmoid;
  } else if (base.size() == 8 && base.front() == 'l' && base.ends_with("-hinge") && base[1] >= '1' && base[1] <= '4') {
    function_ = Function::hinge;
    power_ = static_cast<std::uint8_t>(base[1] - '0');
  } else {
    throw ConfigError(fmt::format(
        "post-processor: {} is not one of l1-hinge, l2-hinge, l3-hinge, l4-hinge, log-l1-hinge, log-l2-hinge, "
        "log-l3-hinge, log-l4-hinge, sigmoid, log-sigmoid, noop",
        quote(name)));
  }
}

std::string PostProcessor::name() const {
  const std::string_view prefix = path_rule_ == PathRule::add ? "log-" : "";
  switch (function_) {
    case Function::hinge:
      return fmt::format("{}l{}-hinge", prefix, power_);
    case Function::sigmoid:
      return fmt::format("{}sigmoid", prefix);
    case Function::identity:
      break;
  }
  return "noop";
}

void PostProcessor::extend(float parent, std::span<float> margins, float* paths) const {
  for (float& margin : margins)
    margin = bounded(margin);
  switch (function_) {
    case Function::hinge:
      if (power_ == 1) return extend_hinge<1>(parent, margins, paths);
      if (power_ == 2) return extend_hinge<2>(parent, margins, paths);
      if (power_ == 3) return extend_hinge<3>(parent, margins, paths);
      return extend_hinge<4>(parent, margins, paths);
    case Function::sigmoid:
      for (std::size_t i = 0; i < margins.size(); ++i)
        paths[i] = parent + log_sigmoid(margins[i]);
      return;
    case Function::identity:
      for (std::size_t i = 0; i < margins.size(); ++i)
        paths[i] = margins[i];
      return;
  }
}

float PostProcessor::score(float path) const {
  return path_rule_ == PathRule::multiply ? portable_exp(path) : path;
}

}  // namespace xmr
