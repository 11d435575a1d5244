// What a detector claims (Claim) and what the world is told of it (Finding, contracts.md §3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "base/strong_id.h"
#include "base/time.h"

namespace tocsin::schemas {

// Values are stored: append only.
enum class Severity : uint8_t { kInfo = 0, kLow = 1, kMedium = 2, kHigh = 3, kCritical = 4 };
enum class Family : uint8_t {
  kLocation = 0,
  kDevice = 1,
  kCredential = 2,
  kTakeover = 3,
  kLimit = 4,
  kMoney = 5,
  kRarity = 6,
  kReport = 7
};
enum class Mode : uint8_t { kLive = 0, kShadow = 1 };
enum class FindingStatus : uint8_t { kNew = 0, kUpdated = 1, kSuperseded = 2 };

// A number or text a verdict used. The name carries the unit: "distance_km", "window_seconds", "sum".
using EvidenceValue = std::variant<int64_t, double, std::string>;
struct Evidence {
  std::string_view name;  // A literal.
  EvidenceValue value;
};

// Why, for people: `code` names a sentence in the message catalogues; observed and usual fill it. Both are
// language-neutral
// ("Tokyo, JP", "CNY 68000.00", "10 in 10 min") and may hold text from strangers: texts clean it, records
// keep it.
struct Reason {
  std::string_view code;  // A literal: "impossible_travel".
  std::string observed;
  std::string usual;
};

// One detector's claim about one account, before risk and case.
struct Claim {
  std::string_view detector;  // A literal: DetectorInfo::id.
  Family family = Family::kLocation;
  Severity severity = Severity::kLow;
  Mode mode = Mode::kLive;
  int confidence = 50;  // 0–100.
  double weight = 0;    // Log-odds this claim adds, trust damping included.

  // Identity from cause. `cause` are the event ids shown, oldest first; `discriminator` tells apart claims
  // that one cause may give (a limit's name), "" for most. Together with detector and account they are the
  // finding's identity.
  std::vector<std::string> cause;
  std::string discriminator;
  // What the claim is about, where that is its identity in the place of the causes: something new is one
  // finding, whichever of its uses came first. "" for most.
  std::string subject;
  Timestamp occurred_at;  // Of the newest cause.
  // Of a run of events: what comes within this of it goes on with the run. 0: it is none.
  Millis run_gap{0};
  // Of a run: how many events it has, with those that are no longer known one by one; told again when they
  // have doubled. 0: it is none, or told by its causes.
  int64_t size = 0;
  // Of a chain of steps: the money that left from here to occurred_at was found with it, and teaches nothing.
  // kTimestampMax: it is none; of a run that are its payments, of all others their causes.
  Timestamp suspects_from = kTimestampMax;

  std::vector<Reason> reasons;  // The most telling first; at least one.
  std::vector<Evidence> evidence;
  // The account's event that this claim is about is money that could be held; "" otherwise.
  std::string transaction_id;
};

// The identity of a finding that a late event disproves: only the wrong order of arrival produced it.
struct Retraction {
  std::string_view detector;
  std::vector<std::string> cause;
  std::string discriminator;
  std::string subject;
};

// 32 hex digits: hash of (detector, account, causes, discriminator); with a subject, of that in the place of
// the causes. Never of an offset, a batch or a clock.
[[nodiscard]] std::string FindingId(std::string_view detector, const AccountId& account,
                                    const std::vector<std::string>& cause, std::string_view discriminator,
                                    std::string_view subject = {});
[[nodiscard]] std::string FindingId(const AccountId& account, const Claim& claim);
[[nodiscard]] std::string FindingId(const AccountId& account, const Retraction& retraction);

struct Technique {
  std::string_view framework;  // "attack" or "f3".
  std::string_view id;         // "T1078", "F1006".
};

struct Addend {
  std::string detector;
  double weight = 0;
};

struct ReasonText {
  std::string code;
  std::string text;  // One English sentence.
  std::string observed;
  std::string usual;
};

struct Versions {
  std::string program;
  std::string config;  // Hash of what decides verdicts (detectors, limits, risk, policy), not of transport.
  std::string geoip;   // Hash or build time of the databases.
};

struct Finding {
  std::string finding_id;
  std::string detector;
  Family family = Family::kLocation;
  Severity severity = Severity::kLow;
  int confidence = 50;
  AccountId account_id;
  std::string tenant;
  Timestamp occurred_at;
  Timestamp detected_at;
  std::vector<std::string> cause;
  std::string case_id;  // Empty for shadow findings.
  double risk = 0;      // Of the account after this event.
  std::vector<Addend> addends;
  std::vector<ReasonText> reasons;
  std::vector<Evidence> evidence;
  std::vector<Technique> techniques;
  FindingStatus status = FindingStatus::kNew;
  Mode mode = Mode::kLive;
  Versions versions;
  std::string traceparent;
};

}  // namespace tocsin::schemas
