#pragma once
// The frame of every xmr-* program: options, exit codes, signals, the end of stdout, --stats. A tool's file holds its
// options, its run() and a main():
//
//   struct Options {
//     static constexpr const char* kUsage = "...";  // if the required options do not tell how it is called
//     std::string x, output;
//     void add_to(CLI::App& app) {
//       app.add_option("-x,--x", x, "Features of the instances")->type_name("FILE")->required();
//       ...
//     }
//   };
//   void run(const Options& options, Run& run) { ... }
//
//   int main(int argc, char** argv) {
//     return Tool("xmr-index", "Builds a label tree.", "xmr-index -x X.npz -y Y.npz -o
//     tree.npz").command(run).main(argc, argv);
//   }
//
// Exit codes: 0 done; 1 could not be done (IoError, FormatError, DataError, memory); 2 wrong use (the command line,
// ConfigError); 130 interrupted by SIGINT or SIGTERM (the observer is cancelled, unwinding removes temporaries; a
// second signal ends the process at once). SIGPIPE keeps its default.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/parallel.hpp"

#include "common/progress.hpp"

namespace xmr::tools {

// The options of every command.
struct CommonOptions {
  unsigned threads = Parallel::available_processors();
  std::uint64_t seed = 0;
  bool quiet = false;
  bool verbose = false;
  std::string stats;  // path, empty: none

  void add_to(CLI::App& app);
};

// The context of a command's run(). Thread rule: belongs to the main thread.
class Run {
 public:
  Run(std::string tool, const CommonOptions& common);

  const CommonOptions& common() const { return common_; }
  Observer& observer() { return observer_; }
  // The pool of common().threads threads, started at the first call.
  Parallel& parallel();

  // Tells the expected peak of memory, bytes. `estimate` is called only if address space is limited (ulimit -v). If
  // less than half of the estimate is allowed, throws DataError: estimates are within a factor of 2. If memory ends
  // later, the error names the estimate.
  void expect_memory(const std::function<std::uint64_t()>& estimate);
  // Returns the error to throw when memory ends.
  DataError out_of_memory() const;

  // Records a figure for --stats under its name: "rows", "nnz", ...
  void record(std::string_view name, const Json& value);
  template <std::integral T>
  void record(std::string_view name, T value) {
    record_count(name, static_cast<std::uint64_t>(value));
  }
  void record(std::string_view name, double value);
  // Writes the file of --stats, if it was given. It is opened at the start, so that a bad path does not cost a run.
  void write_stats();

 private:
  void record_count(std::string_view name, std::uint64_t value);

  std::string tool_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  CommonOptions common_;
  TerminalObserver observer_;
  std::optional<Parallel> parallel_;
  std::optional<OutputFile> stats_;
  std::optional<std::uint64_t> needed_;  // bytes of memory that the run takes, if known
  Json figures_;
};

// A program with one command, or several that its first argument chooses from, or both ("xmr-train", "xmr-train plan").
// Each command is a CLI::App of its own, so that common options stand behind the command's name and the required
// options of one command do not bind another.
class Tool {
 public:
  // `about`: one or more sentences; `example`: a worked pipeline, shown at the end of --help.
  Tool(std::string name, std::string about, std::string example);

  // Adds the command that runs when the first argument names no other command.
  template <class Options>
  Tool& command(void (*run)(const Options&, Run&)) {
    return command({}, about_, example_, run);
  }
  template <class Options>
  Tool& command(std::string name, std::string about, std::string example, void (*run)(const Options&, Run&)) {
    std::string usage;
    if constexpr (requires { Options::kUsage; }) usage = Options::kUsage;
    commands_.push_back(
        {std::move(name), std::move(about), std::move(example), std::move(usage), [run](CLI::App& app) -> Action {
           auto options = std::make_shared<Options>();  // the app keeps pointers into it
           options->add_to(app);
           return [options, run](Run& context) { run(*options, context); };
         }});
    return *this;
  }

  // Parses, runs, reports; the value is the exit code.
  int main(int argc, const char* const* argv);

 private:
  using Action = std::function<void(Run&)>;
  struct Command {
    std::string name, about, example, usage;
    std::function<Action(CLI::App&)> add_options;
  };

  void run_command(const Command& command, std::vector<std::string> arguments) const;
  ConfigError unknown_command(const std::string& given) const;
  std::string list_commands() const;

  std::string name_, about_, example_;
  std::vector<Command> commands_;
};

}  // namespace xmr::tools
