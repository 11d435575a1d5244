#include "detectors/partial_success.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "detectors/asked.h"
#include "detectors/guessing.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"
#include "detectors/security_events.h"

namespace tocsin::detectors {
namespace {

using Config = PartialSuccess::Config;

constexpr Millis kRunGap = std::chrono::hours(24);
constexpr int kConfidence = 50;
constexpr int kConfidenceRepeated = 70;

bool IsStrangeFailure(const SecurityEvent& event) {
  return IsFactorFailure(event) && (event.strange_device || event.strange_place);
}

Claim MakeClaim(const schemas::Event& event, const SecurityEvent& added, Run run, const AccountState& state,
                const Config& config) {
  const int attempts = static_cast<int>(run.size());
  const bool repeated = attempts >= config.attempts_medium;
  Claim claim;
  claim.severity = repeated ? schemas::Severity::kMedium : PartialSuccess::kInfo.severity;
  claim.confidence = repeated ? kConfidenceRepeated : kConfidence;
  claim.weight = PartialSuccess::kInfo.weight;
  claim.cause = {run.front()->event_id};
  claim.occurred_at = run.back()->at;
  if (added.strange_device) {
    const KnownDevice* const usual = MostTrusted(state.devices().known, event.occurred_at);
    claim.reasons.push_back({.code = "partial_success_device",
                             .observed = DeviceLabel(event.facts.device),
                             .usual = usual == nullptr ? "" : DeviceLabel(*usual)});
  }
  if (added.strange_place) {
    claim.reasons.push_back(
        {.code = "partial_success_place", .observed = PlaceLabel(event.facts.place), .usual = ""});
  }
  if (attempts > 1) {
    claim.reasons.push_back({.code = "partial_success_repeated",
                             .observed = CountText(attempts, run.back()->at - run.front()->at),
                             .usual = ""});
  }
  claim.evidence = {
      {"attempts", int64_t{attempts}},
      {"run_seconds",
       int64_t{std::chrono::duration_cast<std::chrono::seconds>(run.back()->at - run.front()->at).count()}},
      {"strange_device", int64_t{added.strange_device ? 1 : 0}},
      {"strange_place", int64_t{added.strange_place ? 1 : 0}}};
  return claim;
}

}  // namespace

const std::array<Setting<Config>, 1> Config::kSettings{{
    {.key = "attempts_medium",
     .member = &Config::attempts_medium,
     .min = 1,
     .max = 60,
     .doc = "Attempts that got past the password, a day apart at most, from which the finding is of medium "
            "severity."},
}};

Verdict PartialSuccess::Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const {
  const std::optional<SecurityEvent> added = SecurityEventOf(event, state, context);
  const bool failed = added && IsFactorFailure(*added);
  context.Note("failed_second_factor", int64_t{failed}, Needs::kAtLeast, int64_t{1});
  if (!failed) return Verdict::Clear();
  if (!PastLearning(event, state, context)) return Verdict::NotEvaluable(kLearning);
  if (!event.facts.device.known() && !event.facts.place.known()) return Verdict::NotEvaluable(kNoDevice);
  context.Note("strange_device_or_place", int64_t{IsStrangeFailure(*added)}, Needs::kAtLeast, int64_t{1});
  if (!IsStrangeFailure(*added)) return Verdict::Clear();

  const SecurityEvents after = Select(state.security_log(), &*added, IsStrangeFailure);
  const SecurityEvents before = Select(state.security_log(), nullptr, IsStrangeFailure);
  Verdict verdict = Verdict::Clear();
  for (const Run run : RunsOf(after, kRunGap)) {
    if (std::ranges::find(run, &*added) == run.end()) continue;
    verdict.Add(MakeClaim(event, *added, run, state, config_));
    for (const Run old : RunsOf(before, kRunGap)) {
      if (std::ranges::find(run, old.front()) != run.end() && old.front() != run.front())
        verdict.Retract({.detector = kInfo.id, .cause = {old.front()->event_id}, .discriminator = ""});
    }
  }
  return verdict;
}

}  // namespace tocsin::detectors
