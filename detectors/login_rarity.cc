#include "detectors/login_rarity.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"
#include "detectors/rarity.h"

namespace tocsin::detectors {
namespace {

constexpr std::string_view kSmallPopulation = "small_population";
constexpr int kConfidence = 50;
// What the score says of a settled account, new_country, new_device and new_network say as well, in families
// of their own: it counts little beside them. While an account is learning they are silent (docs/adr/0017).
constexpr double kShareSettled = 0.125;
constexpr double kShareLearning = 0.5;
// A factor that makes a stranger e times as likely is a reason; a smaller one is only evidence.
constexpr double kReasonMin = 1;

// What speaks for a stranger so much, each of where and with what, is one (docs/adr/0017).
constexpr double kStrangerMin = kReasonMin;

// Where it came from and what it was made with, each by itself, on an account that has been used: an owner
// who travels has the old telephone, and who buys a new one is at home. Nobody is a stranger to an account
// without a past.
bool IsStrangers(const Rarity& rarity) {
  return rarity.account_uses > 0 && rarity.network && rarity.network->log_ratio >= kStrangerMin &&
         rarity.device && rarity.device->log_ratio >= kStrangerMin;
}

// A network of a country that the account has not settled in is told by its place.
bool IsStrangeCountry(const schemas::Event& event, const AccountState& state) {
  const std::vector<KnownPlace>& known = state.places().known;
  return std::none_of(known.begin(), known.end(), [&](const KnownPlace& place) {
    return IsKnownAt(place.tenure, event.occurred_at) && place.country == event.facts.place.country;
  });
}

schemas::Reason NetworkReason(const schemas::Event& event, const AccountState& state) {
  if (IsStrangeCountry(event, state)) {
    const KnownPlace* const usual = MostTrusted(state.places().known, event.occurred_at);
    return {.code = "login_rare_place",
            .observed = PlaceLabel(event.facts.place),
            .usual = usual == nullptr ? "" : usual->label};
  }
  const KnownNetwork* const usual = MostTrusted(state.networks().known, event.occurred_at);
  return {.code = "login_rare_network",
          .observed = NetworkLabel(event.facts.network),
          .usual = usual == nullptr ? "" : NetworkLabel(*usual)};
}

schemas::Reason DeviceReason(const schemas::Event& event, const AccountState& state) {
  const KnownDevice* const usual = MostTrusted(state.devices().known, event.occurred_at);
  return {.code = "login_rare_device",
          .observed = DeviceLabel(event.facts.device),
          .usual = usual == nullptr ? "" : DeviceLabel(*usual)};
}

// The address itself says nothing to a person: its network does.
schemas::Reason AddressReason(const schemas::Event& event) {
  return {.code = "login_rare_address", .observed = NetworkLabel(event.facts.network), .usual = ""};
}

std::vector<schemas::Reason> ReasonsOf(const schemas::Event& event, const AccountState& state,
                                       const Rarity& rarity) {
  std::vector<std::pair<double, schemas::Reason>> ranked;
  const auto add = [&](const std::optional<RarityFactor>& factor, schemas::Reason reason) {
    if (factor && factor->log_ratio >= kReasonMin) ranked.emplace_back(factor->log_ratio, std::move(reason));
  };
  add(rarity.network, NetworkReason(event, state));
  add(rarity.device, DeviceReason(event, state));
  add(rarity.address, AddressReason(event));
  std::ranges::stable_sort(ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<schemas::Reason> reasons;
  reasons.reserve(ranked.size());
  for (auto& [weight, reason] : ranked) reasons.push_back(std::move(reason));
  return reasons;
}

std::vector<schemas::Evidence> EvidenceOf(const Rarity& rarity, double score) {
  std::vector<schemas::Evidence> evidence = {
      {"score", score}, {"account_uses", rarity.account_uses}, {"device_trust", rarity.device_trust}};
  if (rarity.network) {
    evidence.push_back({"network_factor", rarity.network->log_ratio});
    evidence.push_back({"network_population_share", rarity.network->population_share});
    evidence.push_back({"network_account_share", rarity.network->account_share});
  }
  if (rarity.device) {
    evidence.push_back({"device_factor", rarity.device->log_ratio});
    evidence.push_back({"device_population_share", rarity.device->population_share});
    evidence.push_back({"device_account_share", rarity.device->account_share});
  }
  if (rarity.address) {
    evidence.push_back({"address_factor", rarity.address->log_ratio});
    evidence.push_back({"address_account_share", rarity.address->account_share});
  }
  return evidence;
}

}  // namespace

const std::array<Setting<LoginRarity::Config>, 3> LoginRarity::Config::kSettings{{
    {.key = "alert_at",
     .member = &Config::alert_at,
     .min = 0.5,
     .max = 12,
     .unit = "log-odds",
     .doc = "A login is rare from this score on: e to this power is how many times likelier a stranger is."},
    {.key = "score_max",
     .member = &Config::score_max,
     .min = 0.5,
     .max = 12,
     .unit = "log-odds",
     .doc = "A score counts for no more than this in the risk."},
    {.key = "population_min",
     .member = &Config::population_min,
     .min = 100,
     .max = 1'000'000,
     .doc = "Logins, decayed, that a partition must have seen before rarity says anything."},
}};

Verdict LoginRarity::Evaluate(const schemas::Event& event, const AccountState& state,
                              const Context& context) const {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  if (context.population.LoginsSeen() < config_.population_min)
    return Verdict::NotEvaluable(kSmallPopulation);
  const Rarity rarity = RarityOf(event, state, context.population, MatchDevice(event, state, context),
                                 AddressHash(event, context), DeviceTrust(event, state, context));
  if (!rarity.network && !rarity.device) {
    const schemas::Missing missing = event.facts.place.missing;
    return Verdict::NotEvaluable(missing == schemas::Missing::kNo ? kNotInDatabase : WhyMissing(missing));
  }

  const double score = rarity.score();
  const double counted = std::clamp(score, kScoreMin, config_.score_max);
  const bool settled = PastLearning(event, state, context);
  const bool strangers = !settled && IsStrangers(rarity);
  const double share = settled ? kShareSettled : strangers ? 1 : kShareLearning;
  context.Note("score", score, Needs::kAtLeast, config_.alert_at);
  if (!settled && rarity.account_uses > 0 && rarity.network && rarity.device) {
    context.Note("network_factor", rarity.network->log_ratio, Needs::kAtLeast, kStrangerMin);
    context.Note("device_factor", rarity.device->log_ratio, Needs::kAtLeast, kStrangerMin);
  }
  if (score < config_.alert_at && !strangers) return Verdict::Clear(share * counted);

  Claim claim;
  // What is only rare for a newcomer is not yet strange: it is noted, and learnt all the same.
  claim.severity = settled     ? kInfo.severity
                   : strangers ? schemas::Severity::kMedium
                               : schemas::Severity::kInfo;
  claim.confidence = kConfidence;
  claim.weight = share * counted;
  claim.cause = {event.event_id.str()};
  claim.occurred_at = event.occurred_at;
  claim.reasons = ReasonsOf(event, state, rarity);
  claim.evidence = EvidenceOf(rarity, score);
  return Verdict::Alert(std::move(claim));
}

}  // namespace tocsin::detectors
