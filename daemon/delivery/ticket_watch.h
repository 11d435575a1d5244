// Reads from the ticket system what agents decided, and passes it on. What was passed on before does no harm.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "daemon/delivery/delivery_log.h"
#include "daemon/delivery/ticket_system.h"

namespace tocsin::daemon {

struct TicketWatchParts {
  std::unique_ptr<TicketSystem> system;
  std::chrono::seconds poll{60};
  std::chrono::seconds keep = std::chrono::hours(24 * 30);  // Of a ticket's name: older ones mean nothing.
  std::function<Timestamp()> wall_clock;
  std::function<void(std::string_view code, const std::string& text)> report;
  TicketNews* news = nullptr;
  Count* unread = nullptr;  // Times it did not answer.
};

// A thread of its own. What the parts point to outlives it.
class TicketWatch {
 public:
  explicit TicketWatch(TicketWatchParts parts);
  ~TicketWatch();

 private:
  void Run();
  void Read();

  const TicketWatchParts parts_;
  std::map<std::string, Timestamp> passed_on_;  // By case and outcome.
  std::optional<Timestamp> answered_at_;        // When the newest look that was answered began.
  std::set<std::string> undecided_;             // Tickets with both outcomes, at the newest look.
  bool failing_ = false;
  bool cut_ = false;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace tocsin::daemon
