#include "xmr/serve/served_models.hpp"

#include <chrono>
#include <new>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::serve {

void ThreadGate::wait_until_left() const {
  const std::uint64_t seen = passes_.load(std::memory_order_seq_cst);
  if (seen % 2 == 0) return;
  while (passes_.load(std::memory_order_acquire) == seen)
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

ServedModels::ServedModels(const std::vector<ModelFile>& files, unsigned threads, std::optional<BlockedWords> blocked)
    : blocked_(std::move(blocked)), slots_(files.size()), gates_(threads) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (files[j].name == files[i].name)
        throw ConfigError(fmt::format("-m {}: two models have the name {}", files[i].path, quote(files[i].name)),
                          fmt::format("give another name: -m other={}", shell_word(files[i].path)));
    Slot& slot = slots_[i];
    slot.file = files[i];
    slot.identity = FileIdentity::of(slot.file.path);
    slot.sessions = std::vector<Session>(threads);
    const auto model = ServedModel::open(slot.file.name, slot.file.path, blocked_);
    for (Session& session : slot.sessions)
      session.pointer = std::make_unique<ModelSession>(model).release();
  }
}

void ServedModels::reload(const Report& report, bool all) {
  for (Slot& slot : slots_) {
    std::string fault;
    try {
      if (!reopen(slot, all)) continue;
    } catch (const Error& error) {
      fault = error.what();
    } catch (const std::bad_alloc&) {
      fault = "not enough memory";
    }
    (fault.empty() ? slot.reloads : slot.failures).fetch_add(1, std::memory_order_relaxed);
    report(slot.file, fault);
  }
}

bool ServedModels::reopen(Slot& slot, bool always) {
  const FileIdentity before = slot.identity;
  FileIdentity identity;
  try {
    identity = FileIdentity::of(slot.file.path);
  } catch (const IoError&) {
    slot.identity = {};
    if (!always && before == slot.identity) return false;  // missing for some time already
    throw;
  }
  if (!always && before == identity) return false;
  slot.identity = identity;
  replace(slot, ServedModel::open(slot.file.name, slot.file.path, blocked_));
  return true;
}

void ServedModels::replace(Slot& slot, const std::shared_ptr<const ServedModel>& model) {
  std::vector<std::unique_ptr<ModelSession>> made;
  for (std::size_t thread = 0; thread < slot.sessions.size(); ++thread) {
    made.push_back(std::make_unique<ModelSession>(model));
    made.back()->select({});  // opens the ranker, so that the first request need not
  }
  for (std::size_t thread = 0; thread < slot.sessions.size(); ++thread) {
    const std::unique_ptr<ModelSession> old(
        slot.sessions[thread].pointer.exchange(made[thread].release(), std::memory_order_seq_cst));
    gates_[thread].wait_until_left();
  }
}

}  // namespace xmr::serve
