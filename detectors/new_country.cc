#include "detectors/new_country.h"

#include <utility>
#include <vector>

#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {
constexpr int kConfidence = 50;
}  // namespace

const std::array<Setting<NewCountry::Config>, 2> NewCountry::Config::kSettings{{
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
}};

Verdict NewCountry::Evaluate(const schemas::Event& event, const AccountState& state,
                             const Context& context) const {
  const std::vector<KnownPlace>& known = state.places().known;
  const NoveltyResult novelty = CountryNovelty(event, state);
  const Tenure* const introduction = TenureAt(known, novelty.index);
  if (auto verdict = Unremarkable(event, state, context, novelty, introduction)) return std::move(*verdict);

  const double share = context.population.CountryShare(event.facts.place.country);
  const bool rare = share >= 0 && share < config_.rare_share;
  const double trust = DeviceTrust(event, state);
  const KnownPlace* const usual = MostTrusted(known, event.occurred_at);

  Claim claim;
  claim.severity = kInfo.severity;
  claim.confidence = kConfidence;
  claim.weight = (kInfo.weight + (rare ? config_.rare_weight : 0)) * TrustDamping(trust);
  claim.reasons.push_back({.code = rare ? "new_country_rare" : "new_country",
                           .observed = PlaceLabel(event.facts.place),
                           .usual = usual == nullptr ? "" : usual->label});
  claim.evidence = {
      {"country", event.facts.place.country}, {"known_places", CountKnown(known)}, {"device_trust", trust}};
  if (share >= 0) claim.evidence.push_back({"country_share", share});
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
