#include "common/estimate.hpp"

#include <cmath>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "xmr/io/json.hpp"

namespace xmr::tools {

namespace {

// Rounds to two digits: more would promise too much.
double rounded(double value) {
  if (value <= 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(value)) - 1);
  return std::round(value / unit) * unit;
}

void warn_of_disk(std::uint64_t file_bytes, const std::string& output, Run& run) {
  if (output == "-") return;
  const std::filesystem::path folder = std::filesystem::path(output).parent_path();
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder.empty() ? "." : folder, error);
  if (error || space.available >= file_bytes) return;
  run.observer().warn(fmt::format("{}: needs about {} MB, but the disk has {} MB left", output, file_bytes / 1'000'000,
                                  space.available / 1'000'000));
}

}  // namespace

void print_estimate(std::uint64_t memory_bytes, double seconds, std::uint64_t file_bytes, const std::string& output,
                    Run& run) {
  fmt::print("memory_bytes\t{:.0f}\nseconds\t{:g}\nfile_bytes\t{:.0f}\n", rounded(static_cast<double>(memory_bytes)),
             rounded(seconds), rounded(static_cast<double>(file_bytes)));
  run.record("estimate", Json{{"memory_bytes", memory_bytes}, {"seconds", seconds}, {"file_bytes", file_bytes}});
  warn_of_disk(file_bytes, output, run);
}

}  // namespace xmr::tools
