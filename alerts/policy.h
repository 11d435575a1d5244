// What follows from a finding: the policy table asked its three questions.
//
// Thread safety: pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "schemas/alert.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// What a row may look at.
struct PolicyQuestion {
  std::string_view detector;
  schemas::Family family = schemas::Family::kLocation;
  schemas::Severity severity = schemas::Severity::kInfo;  // After it was raised by the risk.
  double risk = 0;
  bool money = false;
  std::string_view tier;
};

struct PolicyAnswer {
  bool notice = false;
  bool secret = false;  // A row for this detector or family says that the owner is not told.
  std::optional<schemas::Priority> ticket;
  std::span<const schemas::ActionKind> actions;  // Of the row; never holds kNone.
};

// Each answer is that of the first row that matches and gives one; no row: nothing is done.
[[nodiscard]] PolicyAnswer Ask(const std::vector<PolicyRow>& policy, const PolicyQuestion& question);

}  // namespace tocsin::alerts
