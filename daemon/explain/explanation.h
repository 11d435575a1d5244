// Why an event was found, or was not: every detector's answer with every number it used, what the account was
// known for at that moment, and how the risk adds up. Plain values, made while the event is judged.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/alerts_config.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "daemon/detection/observer.h"
#include "detectors/measure.h"
#include "schemas/finding.h"

namespace tocsin::daemon {

// A name and its value, as a person reads them.
using Fact = std::pair<std::string, std::string>;

struct ExplainedClaim {
  std::string finding_id;
  std::string severity;  // After the risk raised it; the detector's own where nobody was told again.
  bool shadow = false;
  std::string shadow_why;  // A sentence; "" when it is live.
  bool told = false;  // A finding was written for this event; else it was known, and is the same as before.
  double weight = 0;  // As the detector claims it.
  double counts = 0;  // Of that, what the detector has in the risk: decayed, under its family's cap.
  std::string capped_family;  // Not empty: the family is at its cap.
  double cap = 0;
  std::vector<std::string> sentences;
  std::vector<std::string> cause;
  std::vector<schemas::Evidence> evidence;
};

struct ExplainedVerdict {
  std::string detector;
  std::string title;
  std::string answer;  // "alert", "clear", "not_evaluable".
  std::string why;     // Code, of not_evaluable.
  std::string words;   // What the answer means, in a sentence or two.
  double leaning = 0;
  std::vector<ExplainedClaim> claims;
  // What was measured of the event itself, and what a finding takes. Of what else an alert is about (events
  // before a late one) its claims tell.
  std::vector<detectors::Measure> measures;
  std::vector<std::string> takes_back;  // Finding ids: with this event they are no longer true.
  // What the detector found before and still counts in the risk; 0: nothing.
  double standing = 0;
};

// A place, network or device that the account knew.
struct Habit {
  std::string kind;
  std::string label;
  std::string standing;  // "known", "waiting", "refused".
  double trust = 0;      // 0…1.
  double uses = 0;       // Decayed.
  Timestamp first_seen;
  Timestamp last_seen;
};

struct Explanation {
  std::string event_id;
  std::string account_id;
  Timestamp occurred_at;
  TimeZone zone;                           // The account's: of the times that are told.
  std::string what;                        // "login succeeded", "transfer CNY 68000.00 completed".
  std::vector<Fact> facts;                 // Of the event, enriched.
  std::vector<ExplainedVerdict> verdicts;  // Catalogue order; without detectors that look at other events.
  std::vector<std::string> other;          // Those.
  std::vector<Fact> account;               // Before the event.
  std::vector<Habit> habits;
  double risk = 0;
  double bias = 0;
  std::vector<schemas::Addend> addends;
  double medium_at = 0;
  double high_at = 0;
  double critical_at = 0;
  std::vector<std::string> done;  // What followed: findings, notices, tickets, actions.
  // How often it came again, and changed nothing.
  uint64_t repeats = 0;
  // False: older events are no longer in the log, and what the account had learnt from them is not here.
  bool history_complete = true;
};

// REQUIRES: observed.before.
[[nodiscard]] Explanation Explain(const Observed& observed, const alerts::RiskConfig& risk);

// For a terminal.
[[nodiscard]] std::string ExplanationText(const Explanation& explanation);
[[nodiscard]] std::string ExplanationsText(std::span<const Explanation> explanations);
// One object, one line, for each.
[[nodiscard]] std::string ExplanationsJson(std::span<const Explanation> explanations);

}  // namespace tocsin::daemon
