#include "daemon/delivery/ticket_watch.h"

#include <algorithm>
#include <utility>

namespace tocsin::daemon {
namespace {

// Before the newest look that was answered. Who had the partition then may have lost what it was told.
constexpr std::chrono::hours kLookBack{48};
constexpr std::chrono::minutes kAgainAfter{10};  // A partition may have come to this process since.

}  // namespace

TicketWatch::TicketWatch(TicketWatchParts parts) : parts_(std::move(parts)) {
  thread_ = std::thread([this] { Run(); });
}

TicketWatch::~TicketWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void TicketWatch::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    Read();
    lock.lock();
    stopped_.wait_for(lock, parts_.poll, [this] { return stop_; });
  }
}

void TicketWatch::Read() {
  const Timestamp began = parts_.wall_clock();
  // However long nobody answered: what was decided meanwhile is not passed over.
  const Timestamp first = began - parts_.keep;
  const Timestamp since = answered_at_ ? std::max(*answered_at_ - kLookBack, first) : first;
  const TicketResult<TicketList> list = parts_.system->List(since);
  if (!list) {
    const std::string& reason = list.error().reason;
    if (reason == "stopped") return;
    parts_.unread->Add();
    if (!failing_)
      parts_.report("tickets_unread",
                    "what agents decided cannot be read: " + reason + "; it is tried again");
    failing_ = true;
    return;
  }
  failing_ = false;
  if (list->cut && !cut_) {
    parts_.report("tickets_cut",
                  "more tickets changed since " + FormatRfc3339(since).substr(0, 10) +
                      " than are read at once: what agents decided in the others is not known");
  }
  cut_ = list->cut;
  answered_at_ = began;
  const Timestamp now = parts_.wall_clock();
  std::erase_if(passed_on_, [&](const auto& entry) { return now - entry.second >= kAgainAfter; });
  std::set<std::string> undecided;
  for (const KnownTicket& ticket : list->tickets) {
    if (ticket.undecided && !ticket.case_id.empty()) {
      undecided.insert(ticket.ticket);
      if (!undecided_.contains(ticket.ticket)) {
        parts_.report("ticket_undecided", "ticket " + ticket.ticket +
                                              " has the labels of both outcomes: none is taken until one "
                                              "of them is removed");
      }
    }
    if (ticket.outcome == TicketOutcome::kNone || ticket.case_id.empty()) continue;
    const std::string key = ticket.case_id + (ticket.outcome == TicketOutcome::kFraud ? "+" : "-");
    if (passed_on_.emplace(key, now).second)
      parts_.news->Put(TicketLaneId(kTicketChannel, ticket.case_id), ticket.outcome);
  }
  undecided_ = std::move(undecided);
}

}  // namespace tocsin::daemon
