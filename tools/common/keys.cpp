#include "common/keys.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr::tools {
namespace {

constexpr char kEscape = '\x1b', kDelete = '\x7f';

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == kDelete;
}

}  // namespace

Key KeyReader::control_key(char byte) {
  switch (byte) {
    case '\t':
      return Key::tab;
    case '\r':
    case '\n':
      return Key::enter;
    case '\b':
    case kDelete:
      return Key::backspace;
    case '\x15':  // Ctrl-U
      return Key::clear;
    case '\x03':  // Ctrl-C
      return Key::interrupt;
    case '\x04':  // Ctrl-D
      return Key::end;
    default:
      return Key::other;
  }
}

KeyPress KeyReader::end_sequence(char last) {
  sequence_ = Sequence::none;
  return {last == 'A' ? Key::up : last == 'B' ? Key::down : Key::other};
}

std::optional<KeyPress> KeyReader::next(char byte) {
  if (is_control(byte)) {  // also ends whatever is not whole
    pending_.clear();
    sequence_ = byte == kEscape ? Sequence::escape : Sequence::none;
    if (byte == kEscape) return std::nullopt;
    return KeyPress{control_key(byte)};
  }
  switch (sequence_) {
    case Sequence::escape:
      sequence_ = byte == '[' ? Sequence::control : byte == 'O' ? Sequence::single : Sequence::none;
      if (sequence_ == Sequence::none) return KeyPress{};
      return std::nullopt;
    case Sequence::single:
      return end_sequence(byte);
    case Sequence::control:  // numbers and separators, then one of @ to ~
      if (byte < '@') return std::nullopt;
      return end_sequence(byte);
    case Sequence::none:
      break;
  }
  pending_ += byte;
  const DecodedPoint decoded = decode_utf8(pending_);
  if (decoded.valid) return KeyPress{Key::character, std::exchange(pending_, {})};
  if (decoded.length < pending_.size()) {  // cut off by the beginning of another character
    pending_.clear();
    return next(byte);
  }
  const auto lead = static_cast<unsigned char>(pending_.front());
  const std::size_t length = lead < 0xC2 || lead > 0xF4 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (pending_.size() < length) return std::nullopt;
  pending_.clear();
  return KeyPress{};
}

RawTerminal::RawTerminal() : terminal_(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) {
  if (terminal_ < 0 || tcgetattr(terminal_, &before_) != 0) {
    const int error = errno;
    if (terminal_ >= 0) close(terminal_);
    throw IoError("<stdin>", "take single keys from the terminal", error);
  }
  termios raw = before_;
  raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(terminal_, TCSADRAIN, &raw);
}

RawTerminal::~RawTerminal() {
  tcsetattr(terminal_, TCSADRAIN, &before_);
  close(terminal_);
}

}  // namespace xmr::tools
