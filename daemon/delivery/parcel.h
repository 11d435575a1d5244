// What is handed to a channel: one notice for one place, or one operation on a case's ticket, read back from
// the record that the engine committed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schemas/alert.h"

namespace tocsin::daemon {

enum class ParcelKind : uint8_t {
  kNotice,
  kTicket,
  kFeedback,  // What an agent decided, on its way to detection.
};

// What an agent decided that it was.
enum class TicketOutcome : uint8_t { kNone, kFraud, kFalsePositive };

// The two things that are due for a ticket.
enum class TicketClock : uint8_t { kFirstReply, kReview };
inline constexpr std::array<std::string_view, 2> kClockNames = {"first_reply", "review"};

struct Parcel {
  ParcelKind kind = ParcelKind::kNotice;
  std::string id;    // notice_id or ticket_id: the same at every attempt. Receivers tell repetitions by it.
  std::string lane;  // Of the delivery (daemon/delivery/lane.h): the same at every attempt, another one for
                     // each address.
  std::string case_id;
  std::string account_id;
  std::string reference;
  std::string subject;
  std::string locale;  // Of a notice.
  std::string text;    // Of a notice: plain text; of a ticket: Markdown.
  std::string html;    // Of a notice.
  Timestamp occurred_at;
  Timestamp deliver_after = kTimestampMin;  // Not before; kTimestampMin: at once.
  std::string json;                         // The record's value as it stands on its topic.

  schemas::Severity severity = schemas::Severity::kMedium;  // Of a notice.
  std::vector<schemas::Recipient> recipients;               // Of a notice: everybody it is meant for.
  std::string address;                                      // Mail: who of them gets this one.

  schemas::TicketOperation operation = schemas::TicketOperation::kOpen;  // From here on: of a ticket.
  schemas::Priority priority = schemas::Priority::kP3;
  std::string decision;
  bool of_desk = false;  // It only follows from what the desk itself decided.
  schemas::Due due;
  std::string external_id;              // The ticket in the ticket system, once it is known.
  std::optional<TicketClock> reminder;  // It is no news of the case: somebody should look at it.
  int percent = 0;                      // Of a reminder.
  bool counted = false;                 // A reminder that counted as overdue when its time was over.
  bool unreached = false;               // It says that a notice did not reach the owner: no news of the case.
  bool aside = false;  // Refused with more behind it, and sent by hand since: only its words are news.

  // This attempt, from 1, and the one before it.
  int attempt = 1;
  Timestamp attempted_before;  // kTimestampMin: there was none.
};

// Somebody may be losing money meanwhile: a notice of severity high or critical, a ticket of P1 or P2.
[[nodiscard]] bool IsUrgent(const Parcel& parcel);

// Where the priority is in "[T-…] P2: suspicious sign-in"; nullopt: it is no heading of ours, or an agent's
// own by now.
[[nodiscard]] std::optional<size_t> PriorityIn(std::string_view subject);
// Such a heading with this priority in it; others as they are.
[[nodiscard]] std::string WithPriority(std::string subject, schemas::Priority priority);

// kInvalid names the member that is missing or wrong.
[[nodiscard]] Result<Parcel> ReadParcel(ParcelKind kind, std::string_view json);

}  // namespace tocsin::daemon
