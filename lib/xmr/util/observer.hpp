#pragma once
// How long work tells its caller where it stands, and how the caller stops it. The library reports, a tool decides
// what a person sees. Every function that takes long has an `Observer&` parameter; Observer::none() ignores everything.
//
// Thread rule: begin() and end() are called by the thread that entered the library; advance(), warn() and cancelled()
// may be called by any thread at any time.

#include <cstdint>
#include <string_view>

namespace xmr {

class Observer {
 public:
  virtual ~Observer() = default;

  // A phase starts: `what` in the infinitive ("train"), `total` units of it (0: not known), `unit` in the plural.
  virtual void begin(std::string_view /*what*/, std::uint64_t /*total*/, std::string_view /*unit*/) {}
  virtual void advance(std::uint64_t /*units*/) {}
  virtual void end() {}

  // Something the user should know that is no error: a count of skipped rows, a guess that was made.
  virtual void warn(std::string_view /*message*/) {}

  // True once the work should stop; parallel loops then throw Interrupted at the next step.
  virtual bool cancelled() const { return false; }

  static Observer& none();
};

// Begins a phase and ends it at the end of the scope.
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
