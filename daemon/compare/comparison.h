// Two replays of the same events under two configurations: what the second finds that the first does not,
// what it no longer finds, what it finds otherwise; how much each would tell; and, with labels, how right
// each is.
//
// Pure: equal arguments give equal comparisons.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/compare/outcome.h"
#include "daemon/compare/share.h"
#include "schemas/attack_label.h"

namespace tocsin::daemon {

struct ComparisonOptions {
  schemas::Severity severity = schemas::Severity::kMedium;  // Findings below it tell nobody.
  // A finding up to this long after an attack's last event is about it.
  Millis slack = std::chrono::hours(24);
};

struct FindingChange {
  std::string finding_id;
  const KeptFinding* before = nullptr;  // Null: it appears.
  const KeptFinding* after = nullptr;   // Null: it vanishes.
};

struct DetectorChange {
  int64_t before = 0;  // Findings that stand, of any severity.
  int64_t after = 0;
  int64_t appear = 0;
  int64_t vanish = 0;
  int64_t change = 0;  // Of severity or mode.
};

// How much one configuration tells.
struct Volume {
  int64_t findings = 0;  // Live, not superseded, of `severity` or more.
  int64_t cases = 0;     // With such a finding.
  int64_t notices = 0;
  int64_t tickets = 0;
  int64_t actions = 0;
};

// How right one configuration is. A finding is right when one of its causes is an attack's event, or when it
// happened to the account between the attack's first event and `slack` after its last; a case is right when
// one of its findings is; an attack is found by a finding that is right about it. As tools/score.py counts.
struct Quality {
  Share finding_precision;
  Share case_precision;
  Share recall;
  std::map<std::string, Share> recall_by_kind;
  std::map<std::string, Share> precision_by_detector;
  std::vector<bool> found;  // By label.
};

struct Comparison {
  std::vector<FindingChange> changes;  // By time, then id.
  std::map<std::string, DetectorChange> detectors;
  std::array<Volume, 2> volume;
  double thousand_account_days = 0;
  // With labels only.
  bool labelled = false;
  std::array<Quality, 2> quality;
  int64_t found_by_first_only = 0;
  int64_t found_by_second_only = 0;
};

// `first` and `second` outlive the comparison.
[[nodiscard]] Comparison Compare(const Outcome& first, const Outcome& second,
                                 const std::vector<schemas::AttackLabel>* labels,
                                 const ComparisonOptions& options);

}  // namespace tocsin::daemon
