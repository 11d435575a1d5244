#include "detectors/device_tampered.h"

#include <bit>
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

std::string VersionLabel(std::string_view of, int major) {
  return std::string(of) + " " + std::to_string(major);
}

// Of another system: what the device was before.
std::string SystemBefore(const schemas::Event& event, const AccountState& state) {
  const size_t index = MatchDevice(event, state).exact;
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
  const OdditySet odd = DeviceOddities(event, state, context);
  const NoveltyResult known{.novelty = event.facts.device.known() ? Novelty::kKnown : Novelty::kNotEvaluable,
                            .why = kNoDevice};
  Verdict verdict = *Unremarkable(event, state, context, known, nullptr, kForgottenAfter);
  if (verdict.clear()) context.Note("oddities", int64_t{std::popcount(odd)}, Needs::kAtLeast, int64_t{1});
  if (odd == 0 || (!verdict.clear() && verdict.why() != kLearning)) return verdict;

  const schemas::Device& device = event.facts.device;
  for (const Oddity oddity : {Oddity::kEmulator, Oddity::kRooted, Oddity::kTwoSystems, Oddity::kOtherSystem,
                              Oddity::kVersionBack}) {
    if (!Has(odd, oddity)) continue;
    const NoveltyResult novelty = OddityNovelty(oddity, event, state);
    const Tenure* const introduction = TenureAt(state.habits().oddities, novelty.index);
    if (const auto quiet = Unremarkable(event, state, context, novelty, introduction, kForgottenAfter)) {
      if (MakesKnown(*quiet, event, novelty, introduction)) {
        TakeBack(*introduction, CodeOf(oddity), verdict);
        verdict.retractions().back().discriminator = CodeOf(oddity);
      }
      continue;
    }

    Claim claim;
    claim.severity = oddity == Oddity::kRooted ? schemas::Severity::kLow : kInfo.severity;
    claim.confidence = kConfidence;
    claim.weight = IsContradiction(oddity) ? config_.contradiction_weight : kInfo.weight;
    claim.discriminator = CodeOf(oddity);
    claim.subject = CodeOf(oddity);
    schemas::Reason& reason = claim.reasons.emplace_back(
        schemas::Reason{.code = ReasonOf(oddity), .observed = DeviceLabel(device)});
    if (oddity == Oddity::kOtherSystem) reason.usual = SystemBefore(event, state);
    claim.evidence = {{"oddity", std::string(CodeOf(oddity))},
                      {"device", DeviceLabel(device)},
                      {"os_major", int64_t{device.os_major}},
                      {"browser_major", int64_t{device.browser_major}}};
    if (oddity == Oddity::kTwoSystems) {
      claim.evidence.push_back({"system", device.os_family});
      claim.evidence.push_back({"browser", device.browser_family});
    }
    if (const auto step = oddity == Oddity::kVersionBack ? VersionBack(event, state) : std::nullopt) {
      reason.observed = VersionLabel(step->of, step->now);
      reason.usual = VersionLabel(step->of, step->before);
      claim.evidence.push_back({"version_of", std::string(step->of)});
      claim.evidence.push_back({"version_before", int64_t{step->before}});
    }
    const Verdict one = NoveltyAlert(event, novelty, introduction, std::move(claim));
    for (const Claim& made : one.claims()) verdict.Add(made);
    for (const Retraction& gone : one.retractions()) verdict.Retract(gone);
  }
  return verdict;
}

}  // namespace tocsin::detectors
