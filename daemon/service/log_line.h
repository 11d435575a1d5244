// What the daemon tells its operator: one JSON object a line to standard error, or a readable line on a
// terminal. A code is stable (docs/log-codes.md lists them); texts hold no personal data and no secrets.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::daemon {

enum class LogLevel { kInfo, kWarning, kError };

struct LogField {
  std::string_view name;
  std::string_view value;
};

// Thread safe. The same code is written at most 10 times a second; what was left out is counted in the next
// line of the code.
void LogLine(LogLevel level, std::string_view code, std::string_view text,
             std::initializer_list<LogField> fields = {});
// The same at `now`, by which the seconds are told apart.
void LogLineAt(std::chrono::steady_clock::time_point now, LogLevel level, std::string_view code,
               std::string_view text, std::initializer_list<LogField> fields = {});

// The newest lines that were written, as JSON, at most 500; oldest first.
[[nodiscard]] std::vector<std::string> RecentLogLines();

}  // namespace tocsin::daemon
