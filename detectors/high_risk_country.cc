#include "detectors/high_risk_country.h"

#include <algorithm>
#include <utility>

#include "detectors/country_list.h"
#include "detectors/novelty.h"

namespace tocsin::detectors {
namespace {

constexpr std::string_view kNoCounterpartyCountry = "no_counterparty_country";
constexpr int kConfidence = 60;

}  // namespace

const std::array<Setting<HighRiskCountry::Config>, 2> HighRiskCountry::Config::kSettings{{
    {.key = "countries",
     .member = &Config::countries,
     .doc = "The countries, as ISO 3166-1 alpha-2 codes separated by commas (\"KP, IR\"); empty: none."},
    {.key = "residents",
     .member = &Config::residents,
     .doc = "Also speak of accounts whose profile is of the listed country itself."},
}};

HighRiskCountry::HighRiskCountry(const Config& config)
    : listed_(CountryCodes(config.countries)), config_(config) {}

bool HighRiskCountry::IsListed(std::string_view country, const schemas::AccountProfile& owner) const {
  if (country.empty() || !std::binary_search(listed_.begin(), listed_.end(), country)) return false;
  return config_.residents || owner.country != country;
}

Verdict HighRiskCountry::Evaluate(const schemas::Event& event, const AccountState& state,
                                  const Context& context) const {
  if (listed_.empty()) return Verdict::NotEvaluable("no_list");
  const schemas::Transaction* const transaction = event.transaction();
  const bool moved =
      transaction != nullptr && (transaction->status == schemas::TransactionStatus::kAuthorized ||
                                 transaction->status == schemas::TransactionStatus::kCompleted);
  if (!moved && !event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);

  const schemas::Place& place = event.facts.place;
  const std::string_view party =
      moved ? std::string_view(transaction->counterparty.country) : std::string_view();
  const schemas::AccountProfile& owner = state.profile().OwnerAt(event.occurred_at);
  const bool used_there = event.IsSuccessfulUse() && place.known() && IsListed(place.country, owner);
  const bool paid_there = IsListed(party, owner);
  context.Note("listed_countries", int64_t{used_there} + int64_t{paid_there}, Needs::kAtLeast, int64_t{1});
  if (!used_there && !paid_there) {
    // Of money the counterparty is the question: where it was sent from does not answer it.
    if (moved) return party.empty() ? Verdict::NotEvaluable(kNoCounterpartyCountry) : Verdict::Clear();
    return place.known() ? Verdict::Clear() : Verdict::NotEvaluable(WhyMissing(place.missing));
  }

  Claim claim;
  claim.severity = kInfo.severity;
  claim.confidence = kConfidence;
  claim.weight = kInfo.weight;
  claim.cause = {event.event_id.str()};
  claim.occurred_at = event.occurred_at;
  if (paid_there) {
    claim.reasons.push_back({.code = "high_risk_counterparty", .observed = std::string(party), .usual = {}});
    claim.evidence.push_back({"counterparty_country", std::string(party)});
  }
  if (used_there) {
    claim.reasons.push_back({.code = "high_risk_country", .observed = PlaceLabel(place), .usual = {}});
    claim.evidence.push_back({"country", place.country});
  }
  if (transaction != nullptr) claim.transaction_id = transaction->transaction_id;
  return Verdict::Alert(std::move(claim));
}

}  // namespace tocsin::detectors
