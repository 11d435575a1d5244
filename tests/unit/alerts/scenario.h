// An account in front of a Decider: events and claims in a line each.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "alerts/decide.h"

namespace tocsin::alerts::testing {

inline const Timestamp kNoon = *ParseRfc3339("2026-03-01T12:00:00Z");

inline schemas::Claim MakeClaim(std::string_view detector, schemas::Family family, schemas::Severity severity,
                                double weight, std::string cause = {}) {
  schemas::Claim claim;
  claim.detector = detector;
  claim.family = family;
  claim.severity = severity;
  claim.weight = weight;
  if (!cause.empty()) claim.cause = {std::move(cause)};
  claim.reasons = {{detector, "Tokyo, JP", "Berlin, DE"}};
  return claim;
}

inline schemas::Claim NewDevice() {
  schemas::Claim claim = MakeClaim("new_device", schemas::Family::kDevice, schemas::Severity::kLow, 1.2);
  claim.reasons = {{"new_device", "Chrome on Windows", "iPhone 15 (iOS)"}};
  return claim;
}
inline schemas::Claim Travel() {
  return MakeClaim("impossible_travel", schemas::Family::kLocation, schemas::Severity::kHigh, 3.5);
}
inline schemas::Claim Breach() {
  return MakeClaim("limit_breach", schemas::Family::kLimit, schemas::Severity::kMedium, 1.5);
}
inline schemas::Claim Approach() {
  return MakeClaim("limit_approach", schemas::Family::kLimit, schemas::Severity::kInfo, 0.3);
}
inline schemas::Claim Reported() {
  schemas::Claim claim =
      MakeClaim("user_reported", schemas::Family::kReport, schemas::Severity::kCritical, 6);
  claim.reasons = {{"user_reported", "", ""}};
  return claim;
}

class Scenario {
 public:
  explicit Scenario(AlertsConfig config = {}) : decider(std::move(config), nullptr, {"1.0", "c", "g"}) {
    owner.contacts = {{schemas::ContactChannel::kEmail, "second@example.com", true, false},
                      {schemas::ContactChannel::kEmail, "li@example.com", true, true},
                      {schemas::ContactChannel::kSms, "+86 138 0000 0000", false, false}};
    owner.display_name = "Li Wei";
    owner.timezone = "Asia/Shanghai";
  }

  schemas::Event Login(Timestamp at) {
    schemas::Event event;
    event.event_id = EventId("e" + std::to_string(++events));
    event.account_id = AccountId("acct-29487715");
    event.occurred_at = at;
    event.ip = IpAddress::Parse("8.8.8.8");
    event.payload = schemas::Login{.outcome = schemas::LoginOutcome::kSuccess};
    event.facts.place = {.missing = schemas::Missing::kNo, .country = "JP", .city = "Tokyo"};
    event.facts.device = {
        .missing = schemas::Missing::kNo, .os_family = "Windows", .browser_family = "Chrome"};
    return event;
  }
  schemas::Event Transfer(Timestamp at,
                          schemas::TransactionStatus status = schemas::TransactionStatus::kAuthorized) {
    schemas::Event event = Login(at);
    event.type = schemas::EventType::kTransaction;
    schemas::Transaction transaction;
    transaction.transaction_id = "tx" + std::to_string(events);
    transaction.kind = schemas::TransactionKind::kTransfer;
    transaction.direction = schemas::Direction::kOut;
    transaction.status = status;
    transaction.amount = {6'800'000, *Currency::Find("CNY")};
    transaction.counterparty.id = "6222020200112233445";
    event.payload = transaction;
    return event;
  }
  schemas::Event Answer(Timestamp at, schemas::FeedbackVerdict verdict, schemas::FeedbackBy by,
                        std::string notice_id, std::string case_id = {}) {
    schemas::Event event = Login(at);
    event.type = schemas::EventType::kFeedback;
    event.ip.reset();
    event.facts = {};
    event.payload = schemas::Feedback{
        .verdict = verdict, .by = by, .case_id = std::move(case_id), .notice_id = std::move(notice_id)};
    return event;
  }

  // Claims without a cause are caused by the event; times and payments are filled in.
  const Decision& Decide(const schemas::Event& event, std::vector<schemas::Claim> claims = {},
                         std::vector<schemas::Retraction> retractions = {}) {
    for (schemas::Claim& claim : claims) {
      if (claim.cause.empty()) claim.cause = {event.event_id.str()};
      if (claim.occurred_at == Timestamp()) claim.occurred_at = event.occurred_at;
      if (event.transaction() != nullptr) claim.transaction_id = event.transaction()->transaction_id;
    }
    decider.Decide({event, claims, retractions, owner, previous}, event.occurred_at, file, decision);
    return decision;
  }
  // What the platform tells of the owner is as they are from now on.
  const Decision& TellProfile(Timestamp at, const schemas::AccountProfile& profile) {
    schemas::Event event = Login(at);
    event.type = schemas::EventType::kAccountProfile;
    event.payload = profile;
    const schemas::AccountProfile before = std::exchange(owner, profile);
    decider.Decide({.event = event,
                    .claims = {},
                    .retractions = {},
                    .owner = owner,
                    .previous_contacts = previous,
                    .owner_before = &before},
                   at, file, decision);
    return decision;
  }

  Decider decider;
  schemas::AccountProfile owner;
  std::vector<schemas::Contact> previous;
  CaseFile file;
  Decision decision;
  int events = 0;
};

}  // namespace tocsin::alerts::testing
