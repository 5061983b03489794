#pragma once
// The models that are served, for all threads, and their replacement while requests run.
//
//   ServedModels models({{"shop", "model.npz"}}, threads);
//   {
//     ServedModels::Visit visit(models, thread);      // the sessions of this thread stay until the end of the visit
//     ModelSession& session = visit.session(0);
//   }
//   models.reload_changed(report);                    // from another thread
//
// Each thread has its own session for each model. A reload opens the new file beside the old one, makes a session for
// each thread, exchanges the pointers, waits until each thread has ended the visit that may use the old session, and
// deletes it. A visit takes no lock: it stores a number, and loads a pointer for each session. Thread rule: one Visit
// at a time for each thread; reload_changed() and reload_all() from one other thread at a time; the rest from any
// thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xmr/serve/model_session.hpp"
#include "xmr/serve/served_model.hpp"

namespace xmr::serve {

struct ModelFile {
  std::string name, path;
};

// The entries and exits of one thread. An odd number: the thread is inside.
class ThreadGate {
 public:
  void enter() { passes_.store(passes_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst); }
  void leave() { passes_.store(passes_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  // Returns after the thread has left, if it is inside. Sleeps meanwhile.
  void wait_until_left() const;

 private:
  alignas(64) std::atomic<std::uint64_t> passes_ = 0;
};

class ServedModels {
 public:
  // Opens all files. `blocked`: words that no completion may hold. Throws as ServedModel; ConfigError if two models
  // have the same name.
  ServedModels(const std::vector<ModelFile>& files, unsigned threads, std::optional<BlockedWords> blocked = {});
  ServedModels(const ServedModels&) = delete;
  ServedModels& operator=(const ServedModels&) = delete;

  class Visit {
   public:
    Visit(ServedModels& models, unsigned thread) : models_(models), thread_(thread) { models.gates_[thread].enter(); }
    ~Visit() { models_.gates_[thread_].leave(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    ModelSession& session(std::size_t model) const {
      return *models_.slots_[model].sessions[thread_].pointer.load(std::memory_order_seq_cst);
    }

   private:
    ServedModels& models_;
    unsigned thread_;
  };

  std::size_t size() const { return slots_.size(); }
  unsigned threads() const { return static_cast<unsigned>(gates_.size()); }
  const std::string& name(std::size_t model) const { return slots_[model].file.name; }
  // The numbers of good and of failed reloads.
  std::uint64_t reloads(std::size_t model) const { return slots_[model].reloads.load(std::memory_order_relaxed); }
  std::uint64_t failures(std::size_t model) const { return slots_[model].failures.load(std::memory_order_relaxed); }

  // Takes what happened to a model; `error` is empty if the new file is served.
  using Report = std::function<void(const ModelFile& file, const std::string& error)>;
  // Reloads the models whose files have changed since they were last opened, well or not.
  void reload_changed(const Report& report) { reload(report, false); }
  void reload_all(const Report& report) { reload(report, true); }

 private:
  // The session of a thread.
  struct Session {
    Session() = default;
    ~Session() { delete pointer.load(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::atomic<ModelSession*> pointer = nullptr;  // owned
  };
  struct Slot {
    ModelFile file;
    FileIdentity identity;          // of the file that was last opened; all 0: it was missing
    std::vector<Session> sessions;  // [thread]
    std::atomic<std::uint64_t> reloads = 0, failures = 0;
  };
  void reload(const Report& report, bool all);
  // Opens the file if it has changed or `always`. Returns false if it has not changed.
  bool reopen(Slot& slot, bool always);
  void replace(Slot& slot, const std::shared_ptr<const ServedModel>& model);

  const std::optional<BlockedWords> blocked_;
  std::vector<Slot> slots_;
  std::vector<ThreadGate> gates_;  // [thread]
};

}  // namespace xmr::serve
