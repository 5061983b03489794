#include "xmr-serve/reloader.hpp"

#include <chrono>
#include <csignal>
#include <utility>

namespace xmr::tools {
namespace {

std::atomic<bool> hung_up{false};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

Reloader::Reloader(serve::ServedModels& models, serve::ServedModels::Report report)
    : models_(models), report_(std::move(report)) {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = [](int) { hung_up = true; };
  sigaction(SIGHUP, &action, nullptr);
  thread_ = std::thread([this] { run(); });
}

Reloader::~Reloader() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wakes_.notify_one();
  thread_.join();
}

bool Reloader::take_hangup() {
  if (!hung_up.exchange(false)) return false;
  {
    const std::lock_guard lock(mutex_);
    reloads_all_ = true;
  }
  wakes_.notify_one();
  return true;
}

void Reloader::run() {
  constexpr std::chrono::seconds kPause(1);
  std::unique_lock lock(mutex_);
  while (!ends_) {
    wakes_.wait_for(lock, kPause, [this] { return ends_ || reloads_all_; });
    if (ends_) return;
    const bool all = std::exchange(reloads_all_, false);
    lock.unlock();
    if (all)
      models_.reload_all(report_);
    else
      models_.reload_changed(report_);
    lock.lock();
  }
}

}  // namespace xmr::tools
