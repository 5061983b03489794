#pragma once
// The thread that opens replaced model files. It looks at the files each second, and opens all of them after SIGHUP.
//
// Thread rule: take_hangup() from the main thread; `report` runs on the thread of the reloader.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "xmr/serve/served_models.hpp"

namespace xmr::tools {

class Reloader {
 public:
  // Installs a handler of SIGHUP.
  Reloader(serve::ServedModels& models, serve::ServedModels::Report report);
  // Waits for the end of a reload.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Returns true once after a SIGHUP, and starts the reload of all models.
  bool take_hangup();

 private:
  void run();

  serve::ServedModels& models_;
  serve::ServedModels::Report report_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool ends_ = false, reloads_all_ = false;
  std::thread thread_;
};

}  // namespace xmr::tools
