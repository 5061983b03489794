#pragma once
// The sessions of a log that have ended, to notice one that comes again: the last 2^18 at once, all others at the end
// of the log.
//
//   EndedSessions ended;
//   if (ended.contains(name)) ...;               // it stands among the last ones
//   ended.begin(name, line);                     // each session, where it begins
//   if (const auto again = ended.repeated()) ... // at the end of the log
//
// The names are compared themselves at the end; temporary files hold what does not fit into 256 MiB. Cost: a hash and
// two look-ups a session. Errors: IoError of the temporary files. Thread rule: one thread at a time per object.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "xmr/io/spool.hpp"
#include "xmr/io/string_counts.hpp"

namespace xmr {

class EndedSessions {
 public:
  struct Start {
    std::uint64_t file = 0, line = 0;
  };
  struct Repeated {
    std::string name;
    Start second;  // the second place at which it begins
  };

  bool contains(std::string_view session) const;
  // A session begins there, and the one before it has ended.
  void begin(std::string_view session, Start start);
  // A session that began twice; ends the use of the object.
  std::optional<Repeated> repeated();

 private:
  static constexpr std::size_t kRemembered = std::size_t{1} << 18, kMemory = std::size_t{256} << 20;

  void flush();

  std::optional<std::uint64_t> current_;  // its hash
  std::unordered_set<std::uint64_t> hashes_;
  std::deque<std::uint64_t> order_;
  StringCounts names_{kMemory};
  std::string starts_;  // not yet in the spool
  std::optional<Spool> spool_;
};

}  // namespace xmr
