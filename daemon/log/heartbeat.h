// The record that the program writes to its own input at intervals (kafka.heartbeat_interval), so that a line
// on which nothing comes is seen to work. It is a login of an account that is nobody's, and passes every
// stage; but what it is judged by is thrown away: no state, no finding, no dead letter, no count of events.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "schemas/event.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// Header, key and account: an event that has one of them only is an event. The key is no partitioner's:
// heartbeats go to every partition.
inline constexpr std::string_view kHeartbeatName = "tocsin-heartbeat";

// The record's value; occurred_at is when it was sent.
[[nodiscard]] std::string HeartbeatEvent(Timestamp sent_at);
// REQUIRES: `event` was decoded from `record`.
[[nodiscard]] bool IsHeartbeat(const schemas::Record& record, const schemas::Event& event);

}  // namespace tocsin::daemon
