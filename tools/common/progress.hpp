#pragma once
// Output to stderr while a tool works: warnings, with --verbose a line for each phase, and on a terminal
// one progress line ("train: 1200/9000 clusters (13 %), 310/s, 0:25 left") that is redrawn at most ten times a second
// and wiped when its phase ends. No progress line when stderr is no terminal, TERM is "dumb" or unset, or --quiet was
// given; no colour when NO_COLOR is set. Thread rule: as for every Observer; advance() costs an atomic addition and a
// look at the clock.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/file.hpp"
#include "xmr/util/observer.hpp"

namespace spdlog {
class logger;
}

namespace xmr::tools {

// Returns whether the output is a terminal and NO_COLOR is not set.
bool shows_colours(const OutputFile& output);

enum class Verbosity { quiet, normal, verbose };

class TerminalObserver : public Observer {
 public:
  TerminalObserver(const std::string& tool, Verbosity verbosity);
  ~TerminalObserver() override;

  void begin(std::string_view what, std::uint64_t total, std::string_view unit) override;
  void advance(std::uint64_t units) override;
  void end() override;
  void warn(std::string_view message) override;
  bool cancelled() const override;

  struct PhaseTime {
    std::string what;
    double seconds;
  };
  // Finished phases in the order of their first end; phases of one name are added up.
  const std::vector<PhaseTime>& phases() const { return phases_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct OpenPhase {
    std::string what, unit;
    std::uint64_t total;
    std::uint64_t done_outside;  // what done_ was in the enclosing phase
    Clock::time_point start;
  };

  void draw();
  void wipe();

  const bool quiet_, verbose_, draws_;
  std::shared_ptr<spdlog::logger> log_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<Clock::rep> next_draw_{0};
  std::mutex mutex_;  // guards what follows and the terminal
  std::vector<OpenPhase> open_;
  std::vector<PhaseTime> phases_;
  bool drawn_ = false;
};

// Returns the progress line after `seconds`: "train: 1200/9000 clusters (13 %), 310/s, 0:25 left". total 0: not known.
std::string progress_text(std::string_view what, std::uint64_t done, std::uint64_t total, std::string_view unit,
                          double seconds);

// Prints "tool: error: message" to stderr, and the hint, if any, on a second line.
void print_error(const std::string& tool, std::string_view message, std::string_view hint = {});

// Returns text of a path or a bad value with control characters as \xNN, safe for a terminal.
std::string printable(std::string_view text);

}  // namespace xmr::tools
