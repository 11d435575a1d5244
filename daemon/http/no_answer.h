// What a person is told when a daemon that was asked did not answer.
#pragma once

#include <chrono>
#include <string>

namespace tocsin::daemon {

// What happened, and what to look at. `reached`: somebody took the connection. `setting` is the key that says
// where the daemon listens.
[[nodiscard]] std::string NoAnswer(bool reached, const std::string& setting, std::chrono::seconds patience);

}  // namespace tocsin::daemon
