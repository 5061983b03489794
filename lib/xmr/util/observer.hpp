#pragma once
// Reports progress to the caller and lets the caller stop the work. The library reports; a tool decides what to print.
// Every long function has an `Observer&` parameter. Observer::none() ignores all calls.
//
// Thread rule: begin() and end() run on the thread that called the library. advance(), warn() and cancelled() run on
// any thread.

#include <cstdint>
#include <string_view>

namespace xmr {

class Observer {
 public:
  virtual ~Observer() = default;

  // Starts a phase. `what` is an infinitive ("train"), `total` the number of units (0: unknown), `unit` a plural.
  virtual void begin(std::string_view /*what*/, std::uint64_t /*total*/, std::string_view /*unit*/) {}
  virtual void advance(std::uint64_t /*units*/) {}
  virtual void end() {}

  // Reports a fact that is no error, such as the number of skipped rows.
  virtual void warn(std::string_view /*message*/) {}

  // Returns true if the work should stop. Parallel loops then throw Interrupted at the next step.
  virtual bool cancelled() const { return false; }

  static Observer& none();
};

// Begins a phase, and ends it at the end of the scope.
class Phase {
 public:
  Phase(Observer& observer, std::string_view what, std::uint64_t total, std::string_view unit) : observer_(observer) {
    observer_.begin(what, total, unit);
  }
  ~Phase() { observer_.end(); }
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;

  void advance(std::uint64_t units) { observer_.advance(units); }

 private:
  Observer& observer_;
};

}  // namespace xmr
