#include "detectors/new_network.h"

#include <optional>
#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"
#include "schemas/enum_names.h"

namespace tocsin::detectors {
namespace {
constexpr int kConfidenceClass = 40;
constexpr int kConfidenceNumber = 20;
}  // namespace

const std::array<Setting<NewNetwork::Config>, 1> NewNetwork::Config::kSettings{{
    {.key = "number_weight",
     .member = &Config::number_weight,
     .min = 0,
     .max = 5,
     .doc =
         "Log-odds when the network's class is known to the account and only its autonomous system is new."},
}};

Verdict NewNetwork::Evaluate(const schemas::Event& event, const AccountState& state,
                             const Context& context) const {
  const std::vector<KnownNetwork>& known = state.networks().known;
  const schemas::Network& network = event.facts.network;
  const NoveltyResult by_number = NetworkNovelty(event, state);
  // A known system has a known class.
  if (by_number.novelty == Novelty::kKnown) {
    if (auto verdict = Unremarkable(event, state, context, by_number, TenureAt(known, by_number.index)))
      return std::move(*verdict);
  }
  const NoveltyResult by_class = NetworkClassNovelty(event, state);

  // The class first: it is the stronger sign. Where it is nothing new, or not told, the number is left.
  const auto class_subject = [&] { return ClassSubject(network.network_class); };
  const auto system_subject = [&] { return SystemSubject(network.asn, network.network_class); };
  const Tenure* introduction = TenureAt(known, by_class.index);
  const std::optional<Verdict> class_verdict =
      Unremarkable(event, state, context, by_class, introduction, class_subject);
  const bool new_class = !class_verdict.has_value();
  const NoveltyResult& novelty = new_class ? by_class : by_number;
  if (!new_class) {
    if (by_number.novelty == Novelty::kNotEvaluable && class_verdict->clear()) return Verdict::Clear();
    introduction = TenureAt(known, by_number.index);
    if (auto verdict = Unremarkable(event, state, context, by_number, introduction, system_subject)) {
      for (const schemas::Retraction& gone : class_verdict->retractions()) verdict->Retract(gone);
      return std::move(*verdict);
    }
  }

  const double trust = DeviceTrust(event, state, context);
  const KnownNetwork* const usual = MostTrusted(known, event.occurred_at);
  Claim claim;
  claim.severity = new_class ? kInfo.severity : schemas::Severity::kInfo;
  claim.confidence = new_class ? kConfidenceClass : kConfidenceNumber;
  claim.weight = (new_class ? kInfo.weight : config_.number_weight) * TrustDamping(trust);
  claim.reasons.push_back({.code = new_class ? "new_network_class" : "new_network",
                           .observed = NetworkLabel(network),
                           .usual = usual == nullptr ? "" : NetworkLabel(*usual)});
  claim.evidence = {{"network_class", std::string(schemas::Name(network.network_class))},
                    {"asn", int64_t{network.asn}},
                    {"class_evidence", network.evidence},
                    {"known_networks", CountKnown(known)},
                    {"device_trust", trust}};
  claim.subject = new_class ? class_subject() : system_subject();
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
