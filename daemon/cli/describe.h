// The command line told to others: shells that complete it, and the manual. Made from its definition, so that
// neither can know an option that is not there.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace tocsin::daemon {

// "bash", "zsh" or "fish"; "" for another shell.
[[nodiscard]] std::string CompletionFor(std::string_view shell, const CLI::App& root);
// What the program's end says, a line for each code.
[[nodiscard]] std::string ExitCodes();
// tocsin.1, in the man macros.
[[nodiscard]] std::string ManualPage(const CLI::App& root, std::string_view version);

}  // namespace tocsin::daemon
