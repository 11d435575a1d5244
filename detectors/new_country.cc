#include "detectors/new_country.h"

#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 50;
constexpr int kConfidenceLikelyOwner = 20;
constexpr double kHabitualExitFactor = 0.5;

// The account is used through hidden networks of this kind every day.
bool IsHabitualExit(const schemas::Event& event, const AccountState& state) {
  return event.facts.network.anonymous() && AnonymityNovelty(event, state).novelty == Novelty::kKnown;
}

}  // namespace

const std::array<Setting<NewCountry::Config>, 3> NewCountry::Config::kSettings{{
    {.key = "rare_share",
     .member = &Config::rare_share,
     .min = 0,
     .max = 1,
     .doc = "A country is rare when its share of all successful logins is below this; 0 never."},
    {.key = "rare_weight",
     .member = &Config::rare_weight,
     .min = 0,
     .max = 5,
     .doc = "Log-odds added when the new country is rare among all accounts."},
    {.key = "trust_max",
     .member = &Config::trust_max,
     .min = 0,
     .max = 1,
     .doc =
         "With a device that the account trusts more than this the finding is of low severity: a journey."},
}};

Verdict NewCountry::Evaluate(const schemas::Event& event, const AccountState& state,
                             const Context& context) const {
  const std::vector<KnownPlace>& known = state.places().known;
  const NoveltyResult novelty = CountryNovelty(event, state, context);
  const Tenure* const introduction = TenureAt(known, novelty.index);
  const auto what = [&] { return event.facts.place.country; };
  if (auto verdict = Unremarkable(event, state, context, novelty, introduction, what))
    return std::move(*verdict);

  const double share = context.population.CountryShare(event.facts.place.country);
  const bool rare = share >= 0 && share < config_.rare_share;
  const double trust = DeviceTrust(event, state, context);
  const KnownPlace* const usual = MostTrusted(known, event.occurred_at);

  Claim claim;
  const bool refused = novelty.novelty == Novelty::kRefused;
  const bool exit = IsHabitualExit(event, state);
  const bool likely_owner = !refused && (trust > config_.trust_max || exit);
  claim.severity = likely_owner ? schemas::Severity::kLow : kInfo.severity;
  claim.confidence = likely_owner ? kConfidenceLikelyOwner : kConfidence;
  claim.weight = (kInfo.weight + (rare ? config_.rare_weight : 0)) * TrustDamping(trust) *
                 (exit ? kHabitualExitFactor : 1);
  claim.reasons.push_back({.code = rare ? "new_country_rare" : "new_country",
                           .observed = PlaceLabel(event.facts.place),
                           .usual = usual == nullptr ? "" : usual->label});
  claim.evidence = {
      {"country", event.facts.place.country}, {"known_places", CountKnown(known)}, {"device_trust", trust}};
  if (share >= 0) claim.evidence.push_back({"country_share", share});
  claim.subject = what();
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
