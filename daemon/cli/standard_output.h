// Standard output of every command: what could not be written is an error, never a short file that looks
// whole.
#pragma once

#include <string_view>

namespace tocsin::daemon {

// The exit code: kExitUnavailable, said to standard error, when not everything can be written.
[[nodiscard]] int WriteOut(std::string_view text);
// The same of lines that hold what others wrote: without control characters, but for the breaks of lines.
[[nodiscard]] int WriteLines(std::string_view text);
// The same of everything that was printed so far.
[[nodiscard]] int FinishOut();

}  // namespace tocsin::daemon
