// The word of a command line that nobody knows, with the nearest that is known: it is what went wrong,
// whatever else is missing because of it.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tocsin::daemon {

// "tocsin check: --nosuch is no option of it; did you mean --strict?"; "" when every word was known. Call
// when parsing has failed.
[[nodiscard]] std::string WrongWord(const CLI::App& app);

}  // namespace tocsin::daemon
