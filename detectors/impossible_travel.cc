#include "detectors/impossible_travel.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/geo.h"
#include "detectors/household.h"
#include "detectors/lacking.h"
#include "detectors/novelty.h"
#include "detectors/use.h"

namespace tocsin::detectors {
namespace {

using schemas::Event;

constexpr double kHalfEquatorKm = 20'038;  // No two points are farther apart.
constexpr double kSameDeviceFactor = 0.5;
constexpr int kConfidence = 90;
constexpr int kConfidenceSameDevice = 60;

}  // namespace

const std::array<Setting<ImpossibleTravel::Config>, 3> ImpossibleTravel::Config::kSettings{{
    {.key = "speed_kmh_max",
     .member = &Config::speed_kmh_max,
     .min = 100,
     .max = 5000,
     .unit = "km/h",
     .doc = "Fastest believable travel between two uses."},
    {.key = "distance_km_min",
     .member = &Config::distance_km_min,
     .min = 0,
     .max = 20000,
     .unit = "km",
     .doc = "Uses nearer to each other than this, accuracy radii taken off, are never claimed."},
    {.key = "slack",
     .member = &Config::slack,
     .min = 0,
     .max = 3600,
     .doc = "Added to the time between two uses before the distance that fits into it is worked out."},
}};

Verdict ImpossibleTravel::Evaluate(const Event& event, const AccountState& state,
                                   const Context& context) const {
  if (const std::string_view why = WhyNotComparable(event); !why.empty()) return Verdict::NotEvaluable(why);

  const UseView now = UseOf(event, context);
  const std::vector<Use>& uses = state.places().uses;
  // From the end: nearly all events are the newest.
  auto next = uses.end();
  while (next != uses.begin() && IsEarlier(now, ViewOf(*std::prev(next)))) --next;

  if (uses.empty()) return ClearFor("uses_to_compare", context);
  Verdict verdict = Verdict::Clear();
  if (next != uses.begin()) {
    if (auto claim = Compare(ViewOf(*std::prev(next)), now, event, state, context))
      verdict.Add(std::move(*claim));
  }
  if (next != uses.end()) {
    if (auto claim = Compare(now, ViewOf(*next), event, state, context)) verdict.Add(std::move(*claim));
    // The two that were neighbours no longer are.
    if (next != uses.begin() && next->claimed_with_previous) {
      verdict.Retract({.cause = {std::prev(next)->event_id, next->event_id}});
    }
  }
  return verdict;
}

std::optional<Claim> ImpossibleTravel::Compare(const UseView& earlier, const UseView& later,
                                               const Event& event, const AccountState& state,
                                               const Context& context) const {
  // An address that did not change has not travelled: the database moved it.
  if (earlier.address_hash != 0 && earlier.address_hash == later.address_hash) {
    context.Note("other_address", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return std::nullopt;
  }

  const Millis elapsed = later.at - earlier.at;
  constexpr double kMillisPerHour = 3'600'000;
  const Millis available = elapsed + config_.slack;
  const double reachable_km = config_.speed_kmh_max * static_cast<double>(available.count()) / kMillisPerHour;
  const double needed_km = std::max(reachable_km, config_.distance_km_min);
  if (reachable_km >= kHalfEquatorKm || earlier.point == later.point) {
    if (context.measures != nullptr)
      context.Note("distance_km", DistanceKm(earlier.point, later.point), Needs::kMoreThan, needed_km);
    return std::nullopt;
  }

  const double distance_km = DistanceKm(earlier.point, later.point);
  const double effective_km =
      std::max(0.0, distance_km - double{earlier.radius_km} - double{later.radius_km});
  context.Note("distance_effective_km", effective_km, Needs::kMoreThan, needed_km);
  if (effective_km < config_.distance_km_min || effective_km <= reachable_km) return std::nullopt;

  // Whom the owner has refused was not the owner: they do not come from there when they are back.
  if (StandingOf(earlier.device_key, state) == Standing::kRefused &&
      StandingOf(later.device_key, state) == Standing::kKnown) {
    context.Note("earlier_device_not_refused", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return std::nullopt;
  }

  const bool same_device = earlier.device_key != 0 && earlier.device_key == later.device_key;
  // Both ends must be trusted: which of them is the stranger is what we do not know.
  const double trust = std::min(DeviceTrust(earlier.device_key, later.at, state),
                                DeviceTrust(later.device_key, later.at, state));
  if (!same_device &&
      IsHousehold({earlier.point, earlier.device_key}, {later.point, later.device_key}, later.at, state)) {
    context.Note("outside_household", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return std::nullopt;
  }
  // The label of the event itself is made only now that it is needed.
  const auto label = [&](const UseView& use) {
    return use.label.data() == nullptr ? PlaceLabel(event.facts.place) : std::string(use.label);
  };
  const std::string from = label(earlier);
  const std::string to = label(later);

  Claim claim;
  claim.detector = kInfo.id;
  // Of a device that the account trusts it is more likely the address that travelled (a roaming contract
  // answers from home); of two, somebody of the household.
  const bool trusted = trust >= kHouseholdTrust;
  claim.severity = !trusted      ? kInfo.severity
                   : same_device ? schemas::Severity::kLow
                                 : schemas::Severity::kMedium;
  claim.confidence = same_device ? kConfidenceSameDevice : kConfidence;
  claim.weight = kInfo.weight * (same_device ? kSameDeviceFactor : 1) * TrustDamping(trust);
  claim.cause = {std::string(earlier.event_id), std::string(later.event_id)};
  claim.occurred_at = later.at;
  claim.reasons.push_back({.code = "impossible_travel", .observed = to, .usual = from});
  claim.evidence = {
      {"place_earlier", from},
      {"place_later", to},
      {"distance_km", distance_km},
      {"radius_earlier_km", double{earlier.radius_km}},
      {"radius_later_km", double{later.radius_km}},
      {"distance_effective_km", effective_km},
      {"elapsed_seconds", std::chrono::duration_cast<std::chrono::seconds>(elapsed).count()},
      {"reachable_km", reachable_km},
      {"speed_kmh_max", config_.speed_kmh_max},
      {"same_device", int64_t{same_device ? 1 : 0}},
      {"device_trust", trust},
  };
  // At the same instant no speed is a number.
  if (elapsed.count() > 0)
    claim.evidence.push_back({"travel_speed_kmh", effective_km / Hours(elapsed).count()});
  if (event.transaction() != nullptr) claim.transaction_id = event.transaction()->transaction_id;
  return claim;
}

}  // namespace tocsin::detectors
