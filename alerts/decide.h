// Claims to findings, findings to a case, the case to what people and platforms are told. Pure: event time
// only, equal arguments give equal decisions.
//
//   claims ─► risk (log-odds, family caps) ─► findings ─► case ─► policy ─► notices, tickets, actions
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "alerts/risk.h"
#include "schemas/alert.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

struct Decision {
  // Of the account after this event, 0…1: defined for every event, also without a claim.
  double risk = 0;
  std::vector<schemas::Finding> findings;  // What is said of them: those that are news.
  std::vector<std::string> found;          // Ids of all that the event is claimed for, news or not.
  std::vector<schemas::Notice> notices;
  std::vector<schemas::Ticket> tickets;
  std::vector<schemas::Action> actions;
  // Notices that cooldown, caps or a missing contact kept from being made.
  int notices_held = 0;
  int notices_unaddressed = 0;  // Those of them that a missing contact kept.

  // Ids of all findings that the event is part of: found, or taken back. Views, each once.
  [[nodiscard]] std::vector<std::string_view> FindingIds() const;
  void Clear();
};

// What one event did, as the detectors see it.
struct Judged {
  const schemas::Event& event;
  std::span<const schemas::Claim> claims;  // All detectors', registry order.
  std::span<const schemas::Retraction> retractions;
  const schemas::AccountProfile& owner;
  // Contacts that were replaced in the last 30 d, newest first: a notice of takeover goes there as well.
  std::span<const schemas::Contact> previous_contacts;
  // Of an account_profile that replaced another: the one before it. Null: of all else.
  const schemas::AccountProfile* owner_before = nullptr;
  // Of detectors without a claim.
  std::span<const Leaning> leanings = {};
};

// Thread safety: immutable after construction.
class Decider {
 public:
  // `techniques` gives a detector's techniques by id (from the catalogue; alerts never see detectors).
  using TechniquesOf = std::span<const schemas::Technique> (*)(std::string_view detector);
  // An empty policy is DefaultPolicy(). REQUIRES: Validate(config) is empty.
  Decider(AlertsConfig config, TechniquesOf techniques, schemas::Versions versions);
  ~Decider();
  Decider(const Decider&) = delete;
  Decider& operator=(const Decider&) = delete;

  // Changes `file` (the event is remembered in its timeline too) and fills `decision`. `detected_at` is
  // copied into the findings and decides nothing. An event without claims on an account without a case costs
  // no more than remembering it.
  void Decide(const Judged& judged, Timestamp detected_at, CaseFile& file, Decision& decision) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace tocsin::alerts
