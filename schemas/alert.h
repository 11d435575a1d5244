// What leaves Tocsin for people and platforms: notice, ticket, action, dead letter (contracts.md §3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strong_id.h"
#include "base/time.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::schemas {

struct Recipient {
  ContactChannel channel = ContactChannel::kNone;
  std::string address;
};

struct Notice {
  std::string notice_id;
  std::string case_id;
  AccountId account_id;
  std::string tenant;
  std::string template_name;  // `template` on the wire.
  std::string locale;         // "zh-CN" or "en".
  Severity severity = Severity::kMedium;
  std::vector<Recipient> recipients;
  std::string subject;
  std::string text;
  std::string html;
  std::vector<std::pair<std::string, std::string>> facts;  // What the text was made from, cleaned and masked.
  std::string link_me;                                     // Empty when no answer page is configured.
  std::string link_not_me;
  std::string reference;  // "T-2026-7KQ4-M2QX"
  Timestamp occurred_at;
  Timestamp expires_at;
  Timestamp deliver_after = kTimestampMin;  // kTimestampMin: at once.
  std::string traceparent;
};

enum class TicketOperation : uint8_t { kOpen, kAppend, kEscalate, kResolve };
enum class Priority : uint8_t { kP1 = 1, kP2 = 2, kP3 = 3, kP4 = 4 };

struct TimelineEntry {
  Timestamp at;
  std::string event_id;
  std::string what;      // English, one line: "login succeeded", "transfer CNY 68000.00 completed".
  std::string place;     // "Kunming, CN"; may be empty.
  std::string network;   // "AS4134, residential"; may be empty.
  std::string device;    // "Chrome on Windows"; may be empty.
  bool flagged = false;  // A finding names it as a cause.
};

struct Due {
  std::optional<Timestamp> first_reply;
  std::optional<Timestamp> review;
};

struct Ticket {
  std::string ticket_id;  // Of this operation.
  std::string case_id;
  AccountId account_id;
  std::string tenant;
  TicketOperation operation = TicketOperation::kOpen;
  Priority priority = Priority::kP3;
  std::string reference;
  std::string subject;
  std::string body;  // Markdown.
  std::vector<TimelineEntry> timeline;
  std::vector<std::string> findings;  // finding ids.
  std::string decision;               // What the agent is asked to decide.
  Due due;
  std::vector<Evidence> evidence;
  Timestamp occurred_at;
  Timestamp deliver_after = kTimestampMin;  // Of an append that a later one may replace until then.
  std::string traceparent;
};

enum class ActionKind : uint8_t { kNone, kStepUp, kHoldTransaction, kLimit, kFreeze, kRevokeSessions };

struct Action {
  std::string action_id;
  std::string case_id;
  AccountId account_id;
  std::string tenant;
  ActionKind action = ActionKind::kNone;
  std::string target;  // The transaction or session it is about; "": the account.
  std::string reason;  // Detector id that led to it.
  double risk = 0;
  Timestamp occurred_at;
  Timestamp expires_at;
  std::string traceparent;
};

struct DeadLetter {
  std::string bytes;                                         // The original value; base64 on the wire.
  std::vector<std::pair<std::string, std::string>> headers;  // base64 values on the wire.
  std::string key;
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  std::string reason;  // Stable code, schemas/rejection.h.
  std::string field;
  std::string detail;  // Names the field, never its value.
  Timestamp appended_at;
};

}  // namespace tocsin::schemas
