#include "detectors/device_tampered.h"

#include <string>
#include <utility>
#include <vector>

#include "detectors/novelty_alert.h"
#include "detectors/oddities.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 60;

std::string_view ReasonOf(Oddity oddity) {
  switch (oddity) {
    case Oddity::kEmulator:
      return "device_emulator";
    case Oddity::kRooted:
      return "device_rooted";
    case Oddity::kTwoSystems:
      return "device_two_systems";
    case Oddity::kOtherSystem:
      return "device_other_system";
    case Oddity::kVersionBack:
    case Oddity::kZoneElsewhere:
      break;
  }
  return "device_version_back";
}

bool IsContradiction(Oddity oddity) {
  return oddity == Oddity::kTwoSystems || oddity == Oddity::kOtherSystem;
}

// What is usual, where the oddity is a change of something.
std::string UsualOf(Oddity oddity, const schemas::Event& event, const AccountState& state) {
  const bool changed = oddity == Oddity::kOtherSystem || oddity == Oddity::kVersionBack;
  const size_t index = changed ? MatchDevice(event, state.devices()).exact : NoveltyResult::kNone;
  return index == NoveltyResult::kNone ? std::string() : DeviceLabel(state.devices().known[index]);
}

}  // namespace

const std::array<Setting<DeviceTampered::Config>, 1> DeviceTampered::Config::kSettings{{
    {.key = "contradiction_weight",
     .member = &Config::contradiction_weight,
     .min = 0,
     .max = 8,
     .doc = "Log-odds of a device that is two systems at once, or whose id was another system before."},
}};

Verdict DeviceTampered::Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const {
  const OdditySet odd = DeviceOddities(event, state);
  const NoveltyResult known{.novelty = event.facts.device.known() ? Novelty::kKnown : Novelty::kNotEvaluable,
                            .why = kNoDevice};
  Verdict verdict = *Unremarkable(event, state, context, known, nullptr);
  if (odd == 0 || !verdict.clear()) return verdict;

  const schemas::Device& device = event.facts.device;
  for (const Oddity oddity : {Oddity::kEmulator, Oddity::kRooted, Oddity::kTwoSystems, Oddity::kOtherSystem,
                              Oddity::kVersionBack}) {
    if (!Has(odd, oddity)) continue;
    const NoveltyResult novelty = OddityNovelty(oddity, event, state);
    const Tenure* const introduction = TenureAt(state.habits().oddities, novelty.index);
    if (Unremarkable(event, state, context, novelty, introduction)) continue;

    Claim claim;
    claim.severity = oddity == Oddity::kRooted ? schemas::Severity::kLow : kInfo.severity;
    claim.confidence = kConfidence;
    claim.weight = IsContradiction(oddity) ? config_.contradiction_weight : kInfo.weight;
    claim.discriminator = CodeOf(oddity);
    claim.reasons.push_back(
        {.code = ReasonOf(oddity), .observed = DeviceLabel(device), .usual = UsualOf(oddity, event, state)});
    claim.evidence = {{"oddity", std::string(CodeOf(oddity))},
                      {"device", DeviceLabel(device)},
                      {"os_major", int64_t{device.os_major}},
                      {"browser_major", int64_t{device.browser_major}}};
    if (oddity == Oddity::kTwoSystems) {
      claim.evidence.push_back({"system", device.os_family});
      claim.evidence.push_back({"browser", device.browser_family});
    }
    const Verdict one = NoveltyAlert(event, novelty, introduction, std::move(claim));
    for (const Claim& made : one.claims()) verdict.Add(made);
    for (const Retraction& gone : one.retractions()) verdict.Retract(gone);
  }
  return verdict;
}

}  // namespace tocsin::detectors
