// What the rule books ask of an event, and how it came out. With a profile on, every finding says so of each
// condition for the event that was judged:
//
//   "mas_srf.cooling_off": "met: cooling_off"
//   "psd2_art18.malware": "not evaluated"
//
// Where a rule book names an amount, a time or a number, that is what counts, and not what the configuration
// sets for a detector or a limit (rule_questions.h): a condition can be met where the detector is silent, and
// the other way round.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/detection/profiles.h"
#include "daemon/detection/rule_questions.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::daemon {

struct Condition {
  Profile profile = Profile::kMasSrf;
  std::string_view name;                        // Of the evidence: "mas_srf.cooling_off".
  std::array<std::string_view, 5> detectors{};  // Whose alert meets it; "" unused.
  RuleQuestion* question = nullptr;  // Asked in the place of their alerts. Neither: nobody answers.
};
// Of all profiles.
[[nodiscard]] std::span<const Condition> Conditions();

// How each condition came out, as evidence: Outcome's text, or "not evaluated" (this version has no answer).
// `state` is the account before the event, `result` what its detectors have said, with their claims.
void AddConditions(std::span<const Profile> profiles, const schemas::Event& event,
                   const detectors::AccountState& state, const detectors::Context& context,
                   const detectors::DetectionResult& result, std::vector<schemas::Evidence>& evidence);

}  // namespace tocsin::daemon
