#include "common/tool.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <new>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/help.hpp"
#include "common/options.hpp"
#include "common/signals.hpp"

namespace xmr::tools {

namespace {

constexpr int kDone = 0, kFailed = 1, kWrongUse = 2, kInterrupted = 130;  // exit codes

// A closed standard stream would lend its number to the next file that is opened, and results would end up in it. Its
// replacement fails on use.
void fill_closed_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) != -1) continue;
    const int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", mode) != fd) return;
  }
}

void close_stdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw IoError("<stdout>", "write", errno);
  // Some file systems report a failed write only here.
  if (close(STDOUT_FILENO) != 0 && errno != EBADF) throw IoError("<stdout>", "write", errno);
}

// Bytes. VmHWM, because ru_maxrss starts with the size of the process that started this one.
std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

// Bytes of address space, if the process is limited (ulimit -v).
std::optional<std::uint64_t> allowed_memory() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

Verbosity verbosity(const CommonOptions& common) {
  if (common.quiet) return Verbosity::quiet;
  return common.verbose ? Verbosity::verbose : Verbosity::normal;
}

// Runs `action` and turns an exception into an error line and an exit code.
int guarded(const std::string& name, const std::function<void()>& action) {
  try {
    action();
    return kDone;
  } catch (const std::exception& error) {
    if (interrupted() || dynamic_cast<const Interrupted*>(&error) != nullptr) {
      print_error(name, "interrupted");
      return kInterrupted;
    }
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
      print_error(name, "not enough memory");
      return kFailed;
    }
    const auto* ours = dynamic_cast<const Error*>(&error);
    print_error(name, error.what(), ours == nullptr ? "" : ours->hint());
    return dynamic_cast<const ConfigError*>(&error) != nullptr ? kWrongUse : kFailed;
  }
}

}  // namespace

void CommonOptions::add_to(CLI::App& app) {
  app.add_option("-j,--threads", threads, "Number of threads; default: the processors that this process may use")
      ->transform(range(1U, 1024U))
      ->default_str("")
      ->group("Common");
  app.add_option("-s,--seed", seed, "Seed of random choices")->transform(range<std::uint64_t>(0))->group("Common");
  app.add_option("--stats", stats, "Figures of the run to write, as JSON")->type_name("FILE")->group("Common");
  app.add_flag("-q,--quiet", quiet, "Prints errors only")->group("Common");
  app.add_flag("-v,--verbose", verbose, "Prints the time of each phase")->group("Common");
}

Run::Run(std::string tool, const CommonOptions& common)
    : tool_(std::move(tool)), common_(common), observer_(tool_, verbosity(common)) {
  if (!common.stats.empty()) stats_.emplace(common.stats);
}

Parallel& Run::parallel() {
  if (!parallel_) parallel_.emplace(common_.threads, observer_);
  return *parallel_;
}

void Run::expect_memory(const std::function<std::uint64_t()>& estimate) {
  const std::optional<std::uint64_t> allowed = allowed_memory();
  if (!allowed) return;
  needed_ = estimate();
  if (*needed_ / 2 > *allowed) throw out_of_memory();
}

DataError Run::out_of_memory() const {
  constexpr std::uint64_t kMebi = std::uint64_t{1} << 20;
  const std::optional<std::uint64_t> allowed = allowed_memory();
  if (!allowed) return DataError("not enough memory");
  const std::string needed = needed_ ? fmt::format("about {} MiB are needed, ", *needed_ / kMebi + 1) : "";
  return DataError(fmt::format("not enough memory: {}{} MiB are allowed (ulimit -v)", needed, *allowed / kMebi));
}

void Run::record(std::string_view name, const Json& value) {
  figures_[std::string(name)] = value;
}
void Run::record_count(std::string_view name, std::uint64_t value) {
  figures_[std::string(name)] = value;
}
void Run::record(std::string_view name, double value) {
  figures_[std::string(name)] = value;
}

void Run::write_stats() {
  if (!stats_) return;
  Json report = {{"tool", tool_}, {"version", XMR_VERSION}, {"threads", common_.threads}};
  report.update(figures_);
  report["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  auto& phases = report["phases"] = Json::array();
  for (const auto& [what, seconds] : observer_.phases())
    phases.push_back({{"name", what}, {"seconds", seconds}});
  report["peak_memory_bytes"] = peak_memory();
  stats_->write(report.dump(2) + '\n');
  stats_->commit();
}

Tool::Tool(std::string name, std::string about, std::string example)
    : name_(std::move(name)), about_(std::move(about)), example_(std::move(example)) {}

int Tool::main(int argc, const char* const* argv) {
  fill_closed_streams();
  take_signals(name_);
  return guarded(name_, [&] {
    std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const Command none{"", about_, example_, "", nullptr};
    const Command* chosen = &none;
    for (const auto& command : commands_)
      if (command.name.empty()) chosen = &command;
    for (const auto& command : commands_)
      if (!arguments.empty() && !command.name.empty() && arguments.front() == command.name) chosen = &command;
    if (!chosen->name.empty()) arguments.erase(arguments.begin());
    run_command(*chosen, std::move(arguments));
    close_stdout();
  });
}

void Tool::run_command(const Command& command, std::vector<std::string> arguments) const {
  CLI::App app(command.about, command.name.empty() ? name_ : name_ + " " + command.name);
  app.option_defaults()->always_capture_default();
  app.set_help_flag();
  CommonOptions common;
  Action action;
  if (command.add_options) {
    action = command.add_options(app);
    common.add_to(app);
  }
  app.set_help_flag("-h,--help", "Shows this help")->group("Common");
  app.set_version_flag("-V,--version", name_ + " " XMR_VERSION, "Shows the version")->group("Common");
  const bool takes_words = action && !app.get_options([](const CLI::Option* o) { return o->get_positional(); }).empty();
  if (command.name.empty() && !takes_words && !arguments.empty() && !arguments.front().starts_with('-'))
    throw unknown_command(arguments.front());
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    const std::string text =
        help_text(app, {command.name.empty() ? list_commands() : "", command.example, command.usage, !action});
    // Longer than the buffer of stdout, so that it may fail before close_stdout().
    if (std::fputs(text.c_str(), stdout) == EOF) throw IoError("<stdout>", "write", errno);
    return;
  } catch (const CLI::CallForVersion& version) {
    fmt::print("{}\n", version.what());
    return;
  } catch (const CLI::ParseError& error) {
    const Misuse misuse = explain(error, app);
    throw ConfigError(misuse.message, misuse.hint);
  }
  if (!action) throw ConfigError("no command was given", name_ + " --help lists the commands");
  Run run(name_, common);
  try {
    action(run);
  } catch (const std::bad_alloc&) {
    throw run.out_of_memory();
  } catch (const ConfigError& error) {
    if (!error.hint().empty()) throw;
    throw ConfigError(error.what(), see_help(app));
  }
  run.write_stats();
}

ConfigError Tool::unknown_command(const std::string& given) const {
  std::vector<std::string> names;
  for (const auto& command : commands_)
    names.push_back(command.name);
  const std::string meant = nearest(given, names);
  const std::string see_help = name_ + " --help lists the commands";
  if (!meant.empty()) return ConfigError("unknown command " + quote(given), fmt::format("did you mean {}?", meant));
  if (std::filesystem::exists(given)) return ConfigError(quote(given) + " is a file: a command comes first", see_help);
  return ConfigError("unknown command " + quote(given), see_help);
}

std::string Tool::list_commands() const {
  std::string list;
  for (const auto& command : commands_)
    if (!command.name.empty()) list += help_entry(command.name, command.about);
  return list;
}

}  // namespace xmr::tools
