// xmr-inspect verify: reads every byte of files and tells which ones are damaged.

#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-inspect/check.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/input.hpp"

namespace xmr::tools {
namespace {

struct VerifyOptions {
  std::vector<std::string> files;

  void add_to(CLI::App& app) { app.add_option("FILE", files, "npz and npy files to check; - is stdin")->required(); }
};

void verify(const VerifyOptions& options, Run& run) {
  check_dash_once("stdout", {{"-", run.common().stats}});
  const std::vector<std::string> files = reopenable(options.files);
  OutputFile out("-");
  std::size_t bad = 0;
  for (const std::string& file : files) {
    try {
      out.write(printable(fmt::format("{}: {}", file, check_file(file))) + '\n');
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      out.write(printable(error.what()) + '\n');
      ++bad;
    }
    out.flush();
  }
  out.commit();
  run.record("files", files.size());
  run.record("bad", bad);
  if (bad > 0) throw DataError(fmt::format("{} of {} files failed the check", bad, files.size()));
}

}  // namespace

void add_verify(Tool& tool) {
  tool.command("verify", "Reads every byte of files and tells which ones are damaged.", "xmr-inspect verify *.npz",
               verify);
}

}  // namespace xmr::tools
