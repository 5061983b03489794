#include "xmr/util/error.hpp"

#include <system_error>

#include <fmt/format.h>

namespace xmr {

IoError::IoError(std::string_view path, std::string_view action, int errnum, std::string hint)
    : Error(fmt::format("{}: cannot {}: {}", path, action, std::generic_category().message(errnum)), std::move(hint)),
      errnum_(errnum) {}

FormatError::FormatError(std::string_view path, std::string_view what, std::string hint)
    : Error(fmt::format("{}: {}", path, what), std::move(hint)) {}

DataError::DataError(const std::string& what) : Error(what) {}

DataError::DataError(std::string_view path, std::string_view what, std::string hint)
    : Error(fmt::format("{}: {}", path, what), std::move(hint)) {}

DataError::DataError(std::string_view path, std::uint64_t line, std::string_view what, std::string hint)
    : Error(fmt::format("{}:{}: {}", path, line, what), std::move(hint)) {}

ConfigError::ConfigError(const std::string& what, std::string hint) : Error(what, std::move(hint)) {}

Interrupted::Interrupted() : Error("interrupted") {}

}  // namespace xmr
