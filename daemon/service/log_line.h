// What the daemon tells its operator: one JSON object a line to standard error, or a readable line on a
// terminal. A code is stable; texts hold no personal data and no secrets.
#pragma once

#include <string_view>

namespace tocsin::daemon {

enum class LogLevel { kInfo, kWarning, kError };

// Thread safe. The same code is written at most 10 times a second; what was left out is counted in the next
// line of the code.
void LogLine(LogLevel level, std::string_view code, std::string_view text);

}  // namespace tocsin::daemon
