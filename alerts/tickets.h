// What is told to the people who work cases. A ticket is opened when the policy asks for one, escalated at
// once when its priority rises, told at once when the owner spoke, something was restricted, or money leaves
// in a case of the highest priority, and otherwise kept up to date in batches: what a case learns within
// `ticket_batch` of the last operation is put out at once, with the time before which it need not be
// delivered. Each append says all that those before it said, so whoever delivers keeps only the newest of
// those that wait. There are no timers here, and an account that falls silent has nothing left unsaid.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "alerts/alerts_config.h"
#include "alerts/business_calendar.h"
#include "alerts/case_file.h"
#include "alerts/decide.h"
#include "schemas/alert.h"

namespace tocsin::alerts {

enum class News : uint8_t {
  kNone,
  kCanWait,
  kAtOnce,  // The owner spoke, something was restricted, money leaves: who works the case must know now.
};

struct TicketPlan {
  schemas::TicketOperation operation = schemas::TicketOperation::kAppend;
  Timestamp deliver_after = kTimestampMin;  // Of an append; kTimestampMin: at once.
};

// Decides the next operation and moves the case's priority and due times; nullopt: nothing now. `wanted` is
// the highest priority the policy asked for by this event; `news` says whether the case knows more than its
// ticket, and whether that can wait.
[[nodiscard]] std::optional<TicketPlan> PlanTicket(const AlertsConfig& config, const BusinessClock& clock,
                                                   Timestamp at, std::optional<schemas::Priority> wanted,
                                                   News news, Case& one);

// What the ticket was told in a batch that is over by `at` is no news to it any more.
void EndBatches(Timestamp at, CaseFile& file);

// Writes the operation: texts, timeline, evidence. `why` is the message key of a resolution. `leading` is the
// event's leading claim; null when it has none.
void WriteTicket(const AlertsConfig& config, const Judged& judged, const TicketPlan& plan,
                 std::string_view why, const schemas::Claim* leading, const CaseFile& file, Case& one,
                 Decision& decision);

// What a ticket says when `percent` of the time to `clock` ("first_reply", "review") is over; `raised_to`:
// its priority, when that rose for it.
[[nodiscard]] std::string ReminderText(const AlertsConfig& config, std::string_view clock, int percent,
                                       Timestamp due, std::optional<schemas::Priority> raised_to);

// "li…ng@example.com".
[[nodiscard]] std::string MaskedAddress(std::string_view address);

// A notice about the event at `at` that did not arrive.
struct Unreached {
  std::string_view channel;  // As the configuration names it.
  std::string_view address;  // Mail: to whom it went; "" by any other channel.
  bool refused = false;      // For good; otherwise it was given up.
  Timestamp at;
};
// What a ticket says of it. The address is masked in it.
[[nodiscard]] std::string UnreachedText(const AlertsConfig& config, const Unreached& unreached);

}  // namespace tocsin::alerts
