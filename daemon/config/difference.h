// What differs between two configurations, and what of a new one a running daemon takes over.
#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace tocsin::daemon {

struct ChangedKey {
  std::string key;
  std::string was;  // As YAML in one line; "" for secrets and what may hold some.
  std::string is;
  bool live = false;  // Taken over without a restart.
};

// In the order of the default file.
[[nodiscard]] std::vector<ChangedKey> Difference(const Config& was, const Config& is);

// `running` with everything of `fresh` that a reload takes over.
[[nodiscard]] Config TakenOver(const Config& running, const Config& fresh);

}  // namespace tocsin::daemon
