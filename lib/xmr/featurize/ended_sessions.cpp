#include "xmr/featurize/ended_sessions.hpp"

#include <cstring>
#include <span>
#include <vector>

#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

struct Record {
  std::uint64_t hash;
  EndedSessions::Start start;
};

constexpr std::size_t kBufferRecords = std::size_t{1} << 14;

}  // namespace

bool EndedSessions::contains(std::string_view session) const {
  return hashes_.contains(hash64(session));
}

void EndedSessions::begin(std::string_view session, Start start) {
  if (current_ && hashes_.insert(*current_).second) {
    order_.push_back(*current_);
    if (order_.size() > kRemembered) {
      hashes_.erase(order_.front());
      order_.pop_front();
    }
  }
  const Record record{hash64(session), start};
  current_ = record.hash;
  names_.add(session);
  starts_.append(reinterpret_cast<const char*>(&record), sizeof record);
  if (starts_.size() >= kBufferRecords * sizeof record) flush();
}

void EndedSessions::flush() {
  if (!spool_) spool_.emplace();
  spool_->append(starts_);
  starts_.clear();
}

std::optional<EndedSessions::Repeated> EndedSessions::repeated() {
  std::optional<std::string> name;
  names_.for_each([&](std::string_view session, std::uint64_t count) {
    if (count > 1 && !name) name = session;
  });
  if (!name) return std::nullopt;
  flush();
  const std::uint64_t hash = hash64(*name);
  bool seen = false;
  std::vector<char> buffer(kBufferRecords * sizeof(Record));
  for (std::uint64_t at = 0; at < spool_->size(); at += buffer.size()) {
    if (spool_->size() - at < buffer.size()) buffer.resize(spool_->size() - at);
    spool_->read(at, buffer);
    for (std::size_t i = 0; i < buffer.size(); i += sizeof(Record)) {
      Record record;
      std::memcpy(&record, buffer.data() + i, sizeof record);
      if (record.hash != hash) continue;
      if (seen) return Repeated{*name, record.start};
      seen = true;
    }
  }
  return Repeated{*name, {}};
}

}  // namespace xmr
