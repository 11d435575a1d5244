#include "detectors/locale_mismatch.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/time_zone.h"
#include "detectors/asked.h"
#include "detectors/novelty_alert.h"
#include "detectors/oddities.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 30;
constexpr std::string_view kNoTimeZone = "no_time_zone";

// As people write it: an offset ("480", "+08:00") is "UTC+08:00".
std::string ZoneLabel(std::string_view name) {
  const std::optional<TimeZone> zone = TimeZone::Find(name);
  const std::string known = zone ? zone->name() : std::string();
  const bool offset = known.starts_with('+') || known.starts_with('-');
  return offset ? "UTC" + known : CleanText(name);
}

}  // namespace

const std::array<Setting<LocaleMismatch::Config>, 1> LocaleMismatch::Config::kSettings{{
    {.key = "trust_max",
     .member = &Config::trust_max,
     .min = 0,
     .max = 1,
     .doc = "With a device that the account trusts more than this the finding is for the record only."},
}};

Verdict LocaleMismatch::Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  const schemas::Place& place = event.facts.place;
  if (event.timezone.empty()) return Verdict::NotEvaluable(kNoTimeZone);
  if (!place.known()) return Verdict::NotEvaluable(WhyMissing(place.missing));
  const auto off = ZoneOff(event, state);
  if (!off) return Verdict::NotEvaluable(kNoTimeZone);

  const bool odd = *off >= kZoneOffMin;
  context.Note("off_minutes", int64_t{off->count()}, Needs::kAtLeast, int64_t{kZoneOffMin.count()});
  const NoveltyResult novelty =
      odd ? OddityNovelty(Oddity::kZoneElsewhere, event, state) : NoveltyResult{.novelty = Novelty::kKnown};
  const Tenure* const introduction = odd ? TenureAt(state.habits().oddities, novelty.index) : nullptr;
  const auto what = [] { return CodeOf(Oddity::kZoneElsewhere); };
  if (auto verdict = Unremarkable(event, state, context, novelty, introduction, what, kForgottenAfter))
    return std::move(*verdict);

  const double trust = DeviceTrust(event, state, context);
  const std::string zone = ZoneLabel(event.timezone);
  Claim claim;
  claim.severity = trust > config_.trust_max ? schemas::Severity::kInfo : kInfo.severity;
  claim.confidence = kConfidence;
  claim.weight = kInfo.weight * TrustDamping(trust);
  claim.reasons.push_back({.code = "locale_mismatch", .observed = zone, .usual = PlaceLabel(place)});
  claim.evidence = {{"client_time_zone", zone},
                    {"country", place.country},
                    {"off_minutes", int64_t{off->count()}},
                    {"off_minutes_min", int64_t{kZoneOffMin.count()}},
                    {"device_trust", trust}};
  claim.subject = what();
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
