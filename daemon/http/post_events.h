// Sends events to a daemon's POST /v1/events, as a platform's service does.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

struct EventsTarget {
  std::string url = "http://127.0.0.1:8700";  // "http://HOST:PORT"; a path behind it is refused.
  std::string token;                          // Bearer token; "" : none.
};

// `ndjson`: events, one a line. Returns when they are durable. kInvalid: the daemon refuses them, with what
// it says; kUnavailable: it does not answer within ten seconds. Errors never hold the token.
[[nodiscard]] Result<Done> PostEvents(const EventsTarget& target, std::string_view ndjson);

}  // namespace tocsin::daemon
