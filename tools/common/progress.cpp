#include "common/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "xmr/util/error.hpp"

#include "common/signals.hpp"

namespace xmr::tools {

namespace {

constexpr std::chrono::milliseconds kDrawPeriod{100};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool stderr_is_smart_terminal() {
  return isatty(STDERR_FILENO) != 0 && is_set("TERM") && std::string_view(std::getenv("TERM")) != "dumb";
}

std::size_t terminal_columns() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& tool) {
  const auto colour = is_set("NO_COLOR") ? spdlog::color_mode::never : spdlog::color_mode::automatic;
  auto log = std::make_shared<spdlog::logger>(tool, std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colour));
  log->set_pattern("%n: %^%l%$: %v");
  return log;
}

}  // namespace

bool shows_colours(const OutputFile& output) {
  return output.is_terminal() && !is_set("NO_COLOR");
}

TerminalObserver::TerminalObserver(const std::string& tool, Verbosity verbosity)
    : quiet_(verbosity == Verbosity::quiet),
      verbose_(verbosity == Verbosity::verbose),
      draws_(!quiet_ && stderr_is_smart_terminal()),
      log_(make_logger(tool)) {}

TerminalObserver::~TerminalObserver() {
  wipe();
}

void TerminalObserver::begin(std::string_view what, std::uint64_t total, std::string_view unit) {
  if (cancelled()) throw Interrupted();  // input that ended because its writer was interrupted too must not be used
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  phases_.reserve(phases_.size() + open_.size() + 1);  // end() must not ask for memory: a destructor calls it
  open_.push_back({std::string(what), std::string(unit), total, done_.exchange(0), now});
  next_draw_ = (now + kDrawPeriod).time_since_epoch().count();  // short phases do not flicker
}

void TerminalObserver::advance(std::uint64_t units) {
  done_.fetch_add(units, std::memory_order_relaxed);
  if (!draws_) return;
  const auto now = Clock::now();
  auto due = next_draw_.load(std::memory_order_relaxed);
  if (now.time_since_epoch().count() < due) return;
  if (!next_draw_.compare_exchange_strong(due, (now + kDrawPeriod).time_since_epoch().count())) return;
  const std::lock_guard lock(mutex_);
  draw();
}

void TerminalObserver::end() {
  const std::lock_guard lock(mutex_);
  if (open_.empty()) return;
  wipe();
  OpenPhase phase = std::move(open_.back());
  open_.pop_back();
  const double seconds = std::chrono::duration<double>(Clock::now() - phase.start).count();
  if (verbose_) {
    if (const std::uint64_t done = done_.load(); done > 0)
      log_->info("{}: {:.2f} s, {} {}", phase.what, seconds, done, phase.unit);
    else
      log_->info("{}: {:.2f} s", phase.what, seconds);
  }
  const auto same = std::find_if(phases_.begin(), phases_.end(), [&](const auto& p) { return p.what == phase.what; });
  if (same == phases_.end())
    phases_.push_back({std::move(phase.what), seconds});
  else
    same->seconds += seconds;
  done_ = phase.done_outside;
}

void TerminalObserver::warn(std::string_view message) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  wipe();
  log_->warn(printable(message));
}

bool TerminalObserver::cancelled() const {
  return interrupted();
}

void TerminalObserver::draw() {
  if (open_.empty()) return;
  const OpenPhase& phase = open_.back();
  const double seconds = std::chrono::duration<double>(Clock::now() - phase.start).count();
  const auto text = progress_text(phase.what, done_.load(), phase.total, phase.unit, seconds);
  fmt::print(stderr, "\r\033[K{}", std::string_view(text).substr(0, terminal_columns() - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void TerminalObserver::wipe() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

std::string progress_text(std::string_view what, std::uint64_t done, std::uint64_t total, std::string_view unit,
                          double seconds) {
  auto text = fmt::format("{}: {}", what, done);
  if (total > 0) text += fmt::format("/{}", total);
  text += fmt::format(" {}", unit);
  if (total > 0) text += fmt::format(" ({} %)", std::min(done, total) * 100 / total);
  if (done == 0 || seconds <= 0) return text;
  const double rate = static_cast<double>(done) / seconds;
  text += fmt::format(", {:.{}f}/s", rate, rate < 10 ? 1 : 0);
  if (total > done) {
    const auto left = static_cast<std::uint64_t>(std::llround(static_cast<double>(total - done) / rate));
    if (left < 3600)
      text += fmt::format(", {}:{:02} left", left / 60, left % 60);
    else
      text += fmt::format(", {}:{:02}:{:02} left", left / 3600, left / 60 % 60, left % 60);
  }
  return text;
}

void print_error(const std::string& tool, std::string_view message, std::string_view hint) {
  make_logger(tool)->error(printable(message));
  if (!hint.empty()) fmt::print(stderr, "hint: {}\n", printable(hint));
}

std::string printable(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      safe += fmt::format("\\x{:02x}", byte);
    else
      safe += c;
  }
  return safe;
}

}  // namespace xmr::tools
