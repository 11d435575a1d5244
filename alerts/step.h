// A live claim on its way through the decision: the case it joined, whether it is told, and what the policy
// answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "alerts/case_file.h"
#include "alerts/policy.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// What a step led to, of what keeps an owner from the account or their money.
enum class Restricts : uint8_t {
  kNothing,
  kMore,  // Beside others of its kind that are in force: one more payment is held.
  kAnew,
};

struct Step {
  const schemas::Claim* claim = nullptr;
  Case* one = nullptr;
  std::string finding_id;
  std::optional<CaseFinding> before;         // As the case knew it; nullopt: new to it.
  bool again = false;                        // Of a case that is over it was told already,
  std::optional<schemas::Severity> told_as;  // and, live, as grave as this.
  schemas::Severity severity = schemas::Severity::kInfo;
  bool told = false;   // New, or changed enough to be told again.
  bool moved = false;  // An earlier event turned out to be its cause: put right, and nobody is told.
  PolicyAnswer answer;
  Restricts restricts = Restricts::kNothing;

  // Something to say to people: what was found, or what was restricted because it goes on.
  [[nodiscard]] bool tells() const { return told || restricts != Restricts::kNothing; }

  [[nodiscard]] std::string_view reason() const {
    return claim->reasons.empty() ? claim->detector : claim->reasons.front().code;
  }
};

}  // namespace tocsin::alerts
