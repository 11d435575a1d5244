// A live claim on its way through the decision: the case it joined, whether it is told, and what the policy
// answered.
#pragma once

#include <optional>
#include <string>

#include "alerts/case_file.h"
#include "alerts/policy.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

struct Step {
  const schemas::Claim* claim = nullptr;
  Case* one = nullptr;
  std::string finding_id;
  std::optional<CaseFinding> before;  // As the case knew it; nullopt: new.
  schemas::Severity severity = schemas::Severity::kInfo;
  bool told = false;  // New, or changed enough to be told again.
  PolicyAnswer answer;
  bool restricts = false;  // It led to a new restriction.

  [[nodiscard]] std::string_view reason() const {
    return claim->reasons.empty() ? claim->detector : claim->reasons.front().code;
  }
};

}  // namespace tocsin::alerts
