// Who wants to see more of an event than what it put out: explain, and the comparison of two replays.
#pragma once

#include <cstdint>
#include <span>

#include "alerts/case_file.h"
#include "alerts/decide.h"
#include "daemon/detection/precision.h"
#include "detectors/account_state.h"
#include "detectors/detector_set.h"
#include "schemas/event.h"
#include "schemas/record.h"
#include "schemas/rejection.h"

namespace tocsin::daemon {

// One event as it was judged. All of it is valid during the call.
struct Observed {
  const schemas::Event& event;                 // With the facts of enrichment.
  const detectors::AccountState* before;       // The account before the event; null unless it was asked for.
  bool case_was_open = false;                  // Before the event.
  double country_share = -1;                   // Of the population's logins; negative: unknown.
  double population_logins = 0;                // Decayed.
  const detectors::DetectionResult& verdicts;  // Without their claims and retractions:
  std::span<const schemas::Claim> claims;
  std::span<const schemas::Retraction> retractions;
  std::span<const alerts::Leaning> leanings;
  const alerts::Decision& decision;
  const alerts::CaseFile& cases;                 // After the event.
  std::span<const detectors::Measure> measures;  // Empty unless the account before was asked for.
  const Precision& precision;                    // Of the partition, and by whose rules:
  std::span<const Precision::Rule> precision_rules;
};

// A record that was not judged. All of it is valid during the call.
struct Unjudged {
  enum class Why : uint8_t { kRejected, kLate, kDuplicate };

  Why why = Why::kRejected;
  const schemas::Record& record;
  const schemas::Event* event = nullptr;          // Null: kRejected, there is none.
  const schemas::Rejection* rejection = nullptr;  // Null: kDuplicate.
  Timestamp newest = kTimestampMin;               // kLate: the account's newest event.
};

// Called on the processing thread; decides nothing.
class DetectionObserver {
 public:
  virtual ~DetectionObserver() = default;
  // Whether Observed::before is wanted of this event: it costs a copy of the account.
  [[nodiscard]] virtual bool WantsStateBefore(const schemas::Event& event) = 0;
  virtual void Saw(const Observed& observed) = 0;
  virtual void Passed(const Unjudged& /*unjudged*/) {}
};

}  // namespace tocsin::daemon
