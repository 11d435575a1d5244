// What one replay found, kept for comparison: each finding once, as it was left, and how much was told.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "daemon/detection/observer.h"
#include "schemas/finding.h"

namespace tocsin::daemon {

struct KeptFinding {
  std::string detector;
  std::string account;
  std::string case_id;
  schemas::Severity severity = schemas::Severity::kInfo;
  schemas::Mode mode = schemas::Mode::kLive;
  bool superseded = false;
  double risk = 0;
  Timestamp occurred_at;
  std::vector<std::string> cause;
};

struct Outcome {
  std::map<std::string, KeptFinding> findings;  // By finding id.
  std::set<std::string> accounts;
  Timestamp first = kTimestampMax;  // Of all events.
  Timestamp last = kTimestampMin;
  int64_t events = 0;
  int64_t notices = 0;
  int64_t tickets = 0;  // Opened.
  int64_t actions = 0;

  // Thousands of accounts times days: what volumes are divided by. A day at least.
  [[nodiscard]] double thousand_account_days() const;
};

class OutcomeCollector final : public DetectionObserver {
 public:
  [[nodiscard]] bool WantsStateBefore(const schemas::Event&) override { return false; }
  void Saw(const Observed& observed) override;
  [[nodiscard]] const Outcome& outcome() const { return outcome_; }

 private:
  Outcome outcome_;
};

}  // namespace tocsin::daemon
