// A program in the frame of all tools with behaviour that is hard to provoke in a real one: it fails in each way,
// waits, works for long. For frame.sh.

#include <chrono>
#include <new>
#include <stdexcept>
#include <thread>

#include "xmr/io/file.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/tool.hpp"

namespace xmr::tools {
namespace {

struct FailOptions {
  std::string kind;

  void add_to(CLI::App& app) {
    app.add_option("KIND", kind, "How to fail")
        ->check(one_of({"io", "format", "data", "config", "memory", "other"}))
        ->required();
  }
};

void fail(const FailOptions& options, Run&) {
  if (options.kind == "io") throw IoError("X.npz", "open", ENOENT);
  if (options.kind == "format") throw FormatError("X.npz", "is no zip archive", "name an npz file");
  if (options.kind == "data") throw DataError("a\x1b[31m\nb.tsv", 7, "label 9 is outside 0..4");
  if (options.kind == "config") throw ConfigError("beam: 0 is outside 1..");
  if (options.kind == "memory") throw std::bad_alloc();
  throw std::logic_error("what should not happen");
}

struct WorkOptions {
  std::string output = "out";
  bool unwinds = true;

  void add_to(CLI::App& app) {
    app.add_option("-o,--output", output, "What is written")->type_name("FILE");
    app.add_flag("--stubborn{false}", unwinds, "Never look whether to stop");
  }
};

// Writes some output, reports on stdout, then works until it is stopped.
void work(const WorkOptions& options, Run& run) {
  OutputFile out(options.output);
  out.write("half");
  out.flush();
  const Phase phase(run.observer(), "work", 0, "steps");
  fmt::print("working\n");
  std::fflush(stdout);
  while (!(options.unwinds && run.observer().cancelled()))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  throw Interrupted();
}

struct ReadOptions {
  void add_to(CLI::App&) {}
};

// Reads stdin to its end and counts.
void read(const ReadOptions&, Run& run) {
  InputFile in(inputs_or_stdin({}).front());
  std::array<char, 1000> buffer{};
  std::uint64_t bytes = 0;
  {
    Phase phase(run.observer(), "read", 0, "bytes");
    while (const std::size_t n = in.read(buffer)) {
      bytes += n;
      phase.advance(n);
    }
  }
  const Phase phase(run.observer(), "write", 0, "bytes");
  run.record("bytes", bytes);
  if (bytes == 0) run.observer().warn("nothing was read");
  fmt::print("{}\n", bytes);
}

}  // namespace
}  // namespace xmr::tools

int main(int argc, char** argv) {
  using namespace xmr::tools;
  return Tool("probe", "Fails, waits and works on demand.", "probe read < file")
      .command("fail", "Fails.", "probe fail io", fail)
      .command("work", "Works until it is stopped.", "probe work -o out", work)
      .command("read", "Counts the bytes of stdin.", "probe read < file", read)
      .main(argc, argv);
}
