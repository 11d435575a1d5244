#include "detectors/new_device.h"

#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {
constexpr int kConfidence = 40;
constexpr int kConfidenceRefused = 90;
}  // namespace

const std::array<Setting<NewDevice::Config>, 1> NewDevice::Config::kSettings{{
    {.key = "refused_weight",
     .member = &Config::refused_weight,
     .min = 0,
     .max = 8,
     .doc = "Log-odds of a use with a device of which the owner has said \"not me\"."},
}};

Verdict NewDevice::Evaluate(const schemas::Event& event, const AccountState& state,
                            const Context& context) const {
  const std::vector<KnownDevice>& known = state.devices().known;
  const NoveltyResult novelty = DeviceNovelty(event, state, context);
  const Tenure* const introduction = TenureAt(known, novelty.index);
  const auto what = [&] { return DeviceSubject(DeviceKey(event, context)); };
  if (auto verdict = Unremarkable(event, state, context, novelty, introduction, what, kForgottenAfter))
    return std::move(*verdict);

  const bool refused = novelty.novelty == Novelty::kRefused;
  const KnownDevice* const usual = MostTrusted(known, event.occurred_at);
  Claim claim;
  claim.severity = refused ? schemas::Severity::kHigh : kInfo.severity;
  claim.confidence = refused ? kConfidenceRefused : kConfidence;
  claim.weight = refused ? config_.refused_weight : kInfo.weight;
  std::string observed = DeviceLabel(event.facts.device);
  std::string before = usual == nullptr ? "" : DeviceLabel(*usual);
  // "Usually the same" would say nothing.
  const bool alike = !observed.empty() && observed == before;
  if (alike) before.clear();
  claim.reasons.push_back({.code = refused ? "new_device_refused"
                                   : alike ? "new_device_same_model"
                                           : "new_device",
                           .observed = std::move(observed),
                           .usual = std::move(before)});
  claim.evidence = {{"known_devices", CountKnown(known)},
                    {"has_device_id", int64_t{event.facts.device.id.empty() ? 0 : 1}}};
  claim.subject = what();
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
