#pragma once
// The errors that the library throws. A message is one line, "place: fault, allowed values", ready to be printed behind
// a program's name. hint() may add one line with a remedy.
//
//   IoError      the operating system refused (open, read, write, rename): path and errno
//   FormatError  a file does not have the required format: path and, where known, member or byte
//   DataError    a value in well-formed input is not allowed: path and line, or row
//   ConfigError  an argument or option makes no sense; tools exit with 2 on it, with 1 on the others
//   Interrupted  the observer asked to stop
//
// The library never prints, logs, exits or reads the environment.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace xmr {

class Error : public std::runtime_error {
 public:
  const std::string& hint() const noexcept { return hint_; }

 protected:
  explicit Error(const std::string& message, std::string hint = {})
      : std::runtime_error(message), hint_(std::move(hint)) {}

 private:
  std::string hint_;
};

class IoError : public Error {
 public:
  // "path: cannot <action>: <text of errnum>"
  IoError(std::string_view path, std::string_view action, int errnum, std::string hint = {});
  int errnum() const noexcept { return errnum_; }

 private:
  int errnum_;
};

class FormatError : public Error {
 public:
  // "path: what"; name the member or the byte in `what`.
  FormatError(std::string_view path, std::string_view what, std::string hint = {});
};

class DataError : public Error {
 public:
  explicit DataError(const std::string& what);
  // "path: what"
  DataError(std::string_view path, std::string_view what, std::string hint = {});
  // "path:line: what", lines counted from 1
  DataError(std::string_view path, std::uint64_t line, std::string_view what, std::string hint = {});
};

class ConfigError : public Error {
 public:
  explicit ConfigError(const std::string& what, std::string hint = {});
};

class Interrupted : public Error {
 public:
  Interrupted();
};

}  // namespace xmr
