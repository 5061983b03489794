#pragma once
// xmr-eval --side-by-side: the first answers of all files for some rows, right and wrong ones marked.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <CLI/CLI.hpp>

#include "xmr/io/names.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr::tools {

struct SideBySideOptions {
  std::string output, rows, texts, columns = "labels,text";
  std::uint64_t sample = 20;
  std::uint32_t k = 10;

  void add_to(CLI::App& app);
  bool is_wanted() const { return !output.empty(); }
};

// Writes the page or the text.
void write_side_by_side(const SideBySideOptions& options, CsrView truth, std::span<const PredictionFile> systems,
                        const LabelNames* names, std::uint64_t seed);

}  // namespace xmr::tools
