// CHECK: an error only we can make. Prints the place and stops the process, which restarts from its last
// commit.
#pragma once

namespace tocsin {
// Prints file, line and expression to standard error, then aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression);
}  // namespace tocsin

#define CHECK(expression)                               \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::tocsin::CheckFailed(__FILE__, __LINE__, #expression))
