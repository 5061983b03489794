#include "common/estimate.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace xmr::tools {

namespace {

// With two digits: more would promise too much.
double rounded(std::uint64_t bytes) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(static_cast<double>(bytes))) - 1));
  return std::round(static_cast<double>(bytes) / unit) * unit;
}

}  // namespace

void print_estimate(std::uint64_t memory_bytes, double seconds, std::uint64_t file_bytes, Run& run) {
  fmt::print("memory_bytes\t{:.0f}\nseconds\t{:.1g}\nfile_bytes\t{:.0f}\n", rounded(memory_bytes), seconds,
             rounded(file_bytes));
  run.record("estimate",
             nlohmann::ordered_json{{"memory_bytes", memory_bytes}, {"seconds", seconds}, {"file_bytes", file_bytes}});
}

}  // namespace xmr::tools
