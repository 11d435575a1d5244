// What delivery counts. One writer for each count, the delivery worker's thread; anyone may read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/metrics/worker_metrics.h"

namespace tocsin::daemon {

// Under this name stands what is on its way by channels that the configuration no longer has.
inline constexpr std::string_view kRemovedChannel = "removed";

struct ChannelCounts {
  Count delivered, retried, refused, given_up, busy;
  Count pending, failed, held;            // Now.
  std::atomic<int64_t> oldest_millis{0};  // When the oldest pending one came; 0: none.
  Distribution delivered_seconds;         // From the record's time on its topic to the receiver's word.
};

struct DeliveryMetrics {
  std::map<std::string, std::unique_ptr<ChannelCounts>> channels;  // Fixed once delivery has begun.
  Count unroutable;  // Notices and tickets that no channel is for.
  Count unreadable;
  std::array<std::array<Count, 3>, 2> reminders;  // By TicketClock, and as kReminderPercents.
  std::array<Count, 2> overdue;    // By TicketClock: the time was over, and nobody had done it.
  std::array<Count, 3> outcomes;   // By TicketOutcome: passed on to detection.
  Count outcomes_unread;           // Times the ticket system was asked, and did not say.
  std::atomic<bool> flood{false};  // The gate is shut.
};

}  // namespace tocsin::daemon
