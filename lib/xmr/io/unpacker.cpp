#include "xmr/io/unpacker.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "xmr/io/decoder.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{1} << 17, kChunkBytes = std::size_t{1} << 18, kMaxChunks = 4;

// Signals are for the threads that know what to do with them.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Unpacker::Unpacker(int from, std::string name, Packing packing, std::string_view first_bytes)
    : from_(from), name_(std::move(name)), packing_(packing), first_bytes_(first_bytes) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw IoError(name_, "create a pipe to unpack", errno);
  stop_read_ = Descriptor(ends[0]);
  stop_write_ = Descriptor(ends[1]);
  const BlockedSignals blocked;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error& error) {
    throw IoError(name_, "start a thread to unpack", error.code().value());
  }
}

Unpacker::~Unpacker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  stop_write_.close();
  thread_.join();
}

std::size_t Unpacker::read(std::span<char> buffer) {
  if (read_ == current_.size()) {
    std::unique_lock lock(mutex_);
    if (current_.capacity() > 0) spare_.push_back(std::move(current_));
    current_ = {};
    read_ = 0;
    changed_.wait(lock, [&] { return !full_.empty() || ended_; });
    if (full_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return 0;
    }
    current_ = std::move(full_.front());
    full_.pop_front();
    lock.unlock();
    changed_.notify_all();
  }
  const std::size_t n = std::min(buffer.size(), current_.size() - read_);
  std::memcpy(buffer.data(), current_.data() + read_, n);
  read_ += n;
  return n;
}

void Unpacker::work() {
  std::exception_ptr failure;
  try {
    unpack();
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = failure;
  ended_ = true;
  changed_.notify_all();
}

void Unpacker::unpack() {
  const std::unique_ptr<Decoder> decoder = make_decoder(packing_);
  std::vector<char> packed(std::max(kPackedBytes, first_bytes_.size()));
  std::ranges::copy(first_bytes_, packed.begin());
  std::span<const char> in(packed.data(), first_bytes_.size());
  std::uint64_t read = first_bytes_.size();  // bytes of the file
  bool is_last = false;
  Chunk chunk = empty_chunk();
  std::size_t filled = 0;
  const auto hand_over = [&] {
    chunk.resize(filled);
    const bool goes_on = filled == 0 || deliver(std::move(chunk));
    chunk = empty_chunk();
    filled = 0;
    return goes_on;
  };
  while (true) {
    std::span<char> out(chunk.data() + filled, chunk.size() - filled);
    const std::size_t room = out.size();
    try {
      decoder->decode(in, out, is_last);
    } catch (const DecodeError& error) {
      chunk.resize(filled);
      if (filled > 0) deliver(std::move(chunk));
      fail(error.what(), read - in.size());
    }
    filled += room - out.size();
    if (out.empty()) {
      if (!hand_over()) return;
      continue;  // the decoder may hold more
    }
    if (is_last) break;
    bool is_ready = false;
    if (!wait_for_input(is_ready, /*wait=*/false)) return;
    if (!is_ready) {
      if (!hand_over()) return;
      while (!is_ready)
        if (!wait_for_input(is_ready, /*wait=*/true)) return;
    }
    const std::size_t got = read_some(from_, packed, name_);
    in = {packed.data(), got};
    read += got;
    is_last = got == 0;
  }
  hand_over();
  if (!decoder->is_complete()) fail("is cut off there", read);
}

bool Unpacker::wait_for_input(bool& is_ready, bool wait) {
  std::array<pollfd, 2> waited{{{from_, POLLIN, 0}, {stop_read_.get(), POLLIN, 0}}};
  // Not for ever: an interrupted program replaces its stdin, which poll() does not notice.
  constexpr int kMilliseconds = 200;
  const int result = ::poll(waited.data(), waited.size(), wait ? kMilliseconds : 0);
  if (result < 0 && errno != EINTR) throw IoError(name_, "wait for", errno);
  is_ready = waited[0].revents != 0;
  return waited[1].revents == 0;
}

bool Unpacker::deliver(Chunk chunk) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stop_ || full_.size() < kMaxChunks; });
  if (stop_) return false;
  full_.push_back(std::move(chunk));
  lock.unlock();
  changed_.notify_all();
  return true;
}

Unpacker::Chunk Unpacker::empty_chunk() {
  Chunk chunk;
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      chunk = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  chunk.resize(kChunkBytes);
  return chunk;
}

void Unpacker::fail(std::string_view what, std::uint64_t byte) const {
  throw FormatError(name_, fmt::format("byte {} of the compressed file ({}): {}", byte, name_of(packing_), what),
                    name_ == "<stdin>" ? ""
                                       : fmt::format("the text before it: {} {} > {}", unpacks(packing_),
                                                     shell_word(name_), shell_word(name_ + ".txt")));
}

}  // namespace xmr
