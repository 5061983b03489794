#pragma once
// Keys from the bytes of a terminal, and the mode in which the terminal sends each byte at once.
//
//   const RawTerminal raw;                        // until the end of the scope
//   KeyReader keys;
//   if (const auto press = keys.next(byte)) ...   // nothing while a key is not whole
//
// Reads UTF-8, control characters, and the arrow sequences of ECMA-48 terminals.
// Thread rule: one thread at a time per object.

#include <optional>
#include <string>

#include <termios.h>

namespace xmr::tools {

enum class Key { character, tab, enter, backspace, clear, up, down, end, interrupt, other };

struct KeyPress {
  Key key = Key::other;
  std::string text = {};  // of a character, in UTF-8

  bool operator==(const KeyPress&) const = default;
};

class KeyReader {
 public:
  // Bytes that are no UTF-8, and sequences of other keys, are Key::other.
  std::optional<KeyPress> next(char byte);

 private:
  enum class Sequence { none, escape, control, single };
  KeyPress end_sequence(char last);
  static Key control_key(char byte);

  Sequence sequence_ = Sequence::none;
  std::string pending_;  // the beginning of a character
};

// Stdin without echo, lines, signals from keys and flow control; as it was when destroyed, also after a signal has
// replaced stdin (interrupt.hpp). IoError if it is no terminal.
class RawTerminal {
 public:
  RawTerminal();
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  RawTerminal(RawTerminal&&) = delete;
  RawTerminal& operator=(RawTerminal&&) = delete;

 private:
  int terminal_;
  termios before_ = {};
};

}  // namespace xmr::tools
