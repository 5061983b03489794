#include "xmr/io/string_counts.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>

#include "xmr/util/hash.hpp"
#include "xmr/util/merge_sorted.hpp"

namespace xmr {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 16;

// A run is a sequence of records: the count, the length, the string.
constexpr std::size_t kHeadBytes = sizeof(std::uint64_t) + sizeof(std::uint32_t);

// One run, read in pieces.
class Run {
 public:
  Run(const Spool& spool, std::uint64_t begin, std::uint64_t end) : spool_(&spool), position_(begin), end_(end) {}

  // Moves to the next string, for text() and count(). Returns false at the end.
  bool next() {
    start_ += used_;
    used_ = 0;
    if (!provide(kHeadBytes)) return false;
    std::uint32_t length = 0;
    std::memcpy(&count_, buffer_.data() + start_, sizeof count_);
    std::memcpy(&length, buffer_.data() + start_ + sizeof count_, sizeof length);
    provide(kHeadBytes + length);
    used_ = kHeadBytes + length;
    return true;
  }
  std::string_view text() const { return std::string_view(buffer_).substr(start_ + kHeadBytes, used_ - kHeadBytes); }
  std::uint64_t count() const { return count_; }
  friend bool operator<(const Run& a, const Run& b) { return a.text() < b.text(); }

 private:
  // Loads at least `bytes` at start_. Returns false if the run ends before.
  bool provide(std::size_t bytes) {
    if (buffer_.size() - start_ >= bytes) return true;
    buffer_.erase(0, start_);
    start_ = 0;
    const std::size_t have = buffer_.size();
    const std::size_t more = std::min<std::uint64_t>(std::max(bytes, kWindowBytes) - have, end_ - position_);
    buffer_.resize(have + more);
    spool_->read(position_, std::span(buffer_).subspan(have));
    position_ += more;
    return buffer_.size() >= bytes;
  }

  const Spool* spool_;
  std::uint64_t position_, end_;
  std::string buffer_;
  std::size_t start_ = 0, used_ = 0;  // the current record
  std::uint64_t count_ = 0;
};

}  // namespace

std::size_t StringCounts::used() const {
  return bytes_.capacity() + entries_.capacity() * sizeof(Entry) + slots_.size() * sizeof(std::uint32_t);
}

void StringCounts::add(std::string_view text, std::uint64_t count) {
  if (entries_.size() * 2 >= slots_.size()) grow();
  const auto hash = static_cast<std::uint32_t>(hash64(text));
  std::size_t slot = hash & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && this->text(entry) == text) {
      entry.count += count;
      return;
    }
  }
  entries_.push_back({bytes_.size(), count, static_cast<std::uint32_t>(text.size()), hash});
  bytes_ += text;
  slots_[slot] = static_cast<std::uint32_t>(entries_.size());
}

// Vectors double, so the table grows only while it uses at most a third of the allowed memory.
void StringCounts::grow() {
  if (!entries_.empty() && (used() > memory_ / 3 || entries_.size() >= std::numeric_limits<std::uint32_t>::max() / 4)) {
    write_run();
    return;
  }
  slots_.assign(std::max<std::size_t>(1024, 2 * slots_.size()), 0);
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = entries_[i].hash & (slots_.size() - 1);
    while (slots_[slot] != 0)
      slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = i + 1;
  }
}

void StringCounts::sort() {
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) { return text(a) < text(b); });
}

void StringCounts::write_run() {
  if (!spool_) spool_.emplace();
  sort();
  runs_.push_back(spool_->size());
  std::string buffer;
  for (const Entry& entry : entries_) {
    buffer.append(reinterpret_cast<const char*>(&entry.count), sizeof entry.count);
    buffer.append(reinterpret_cast<const char*>(&entry.length), sizeof entry.length);
    buffer += text(entry);
    if (buffer.size() < kWindowBytes) continue;
    spool_->append(buffer);
    buffer.clear();
  }
  spool_->append(buffer);
  bytes_.clear();
  entries_.clear();
  std::ranges::fill(slots_, 0U);
}

void StringCounts::for_each(const std::function<void(std::string_view text, std::uint64_t count)>& use) {
  if (spool_) {
    merge(use);
    return;
  }
  sort();
  for (const Entry& entry : entries_)
    use(text(entry), entry.count);
}

void StringCounts::merge(const std::function<void(std::string_view text, std::uint64_t count)>& use) {
  write_run();
  runs_.push_back(spool_->size());
  std::vector<Run> runs;
  for (std::size_t i = 0; i + 1 < runs_.size(); ++i)
    runs.emplace_back(*spool_, runs_[i], runs_[i + 1]);
  merge_sorted<Run>(runs, [&](std::span<Run* const> same) {
    std::uint64_t count = 0;
    for (const Run* run : same)
      count += run->count();
    use(same.front()->text(), count);
  });
}

}  // namespace xmr
