// What of the configuration decides verdicts, and what of it a running daemon takes over.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::daemon {

struct Config;

// What belongs to `rules` and so to versions.config: it decides verdicts, texts and actions. Secrets and
// transport do not.
[[nodiscard]] bool DecidesVerdicts(std::string_view path);
// Of those, what a reload takes over: all but what the links of notices are made and answered with, which
// must stay one thing.
[[nodiscard]] bool AppliesLive(std::string_view path);

// Over the values, not the text: comments, order and defaults written out change nothing.
[[nodiscard]] std::string RulesHash(const Config& config);

}  // namespace tocsin::daemon
