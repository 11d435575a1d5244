// Whether a place that notices and tickets go to can be reached, without sending anything there.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "daemon/delivery/delivery_config.h"

namespace tocsin::daemon {

// Connects, with TLS and login as a mail would, and goes away. An error's `field` is a stable code as
// HttpClient has it, or "login"; its detail is the library's, for an operator, and holds no secret.
[[nodiscard]] Result<Done> ReachRelay(const MailConfig& config, std::chrono::seconds timeout);

// The same without a login: a TLS connection to the host of `url`. `ca`: PEM file; "" : the system's.
[[nodiscard]] Result<Done> ReachHost(const std::string& url, const std::string& ca, bool allow_private,
                                     std::chrono::seconds timeout);

// Asks the ticket system whether it knows us, and what we would make tickets in. An error's `field` is the
// reason of an attempt (docs/tickets.md): kInvalid when it is the configuration that is wrong.
[[nodiscard]] Result<Done> ReachTickets(const TicketsConfig& config, std::chrono::seconds timeout);

}  // namespace tocsin::daemon
