#include "detectors/anonymous_network.h"

#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 50;

std::string_view CodeOf(AnonymousKind kind) {
  switch (kind) {
    case AnonymousKind::kVpn:
      return "anonymous_vpn";
    case AnonymousKind::kTor:
      return "anonymous_tor";
    case AnonymousKind::kRelay:
      return "anonymous_relay";
    case AnonymousKind::kHosting:
      return "anonymous_hosting";
    case AnonymousKind::kProxy:
    case AnonymousKind::kNone:
      break;
  }
  return "anonymous_proxy";
}

}  // namespace

const std::array<Setting<AnonymousNetwork::Config>, 1> AnonymousNetwork::Config::kSettings{{
    {.key = "tor_weight",
     .member = &Config::tor_weight,
     .min = 0,
     .max = 8,
     .doc = "Log-odds of a use through Tor, where the account is not in the habit of it."},
}};

Verdict AnonymousNetwork::Evaluate(const schemas::Event& event, const AccountState& state,
                                   const Context& context) const {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  const schemas::Network& network = event.facts.network;
  if (!network.anonymous()) {
    if (network.anonymity_missing != schemas::Missing::kNo)
      return Verdict::NotEvaluable(WhyMissing(network.anonymity_missing));
    context.Note("hidden_network", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return Verdict::Clear();
  }
  const std::vector<KnownNetwork>& known = state.networks().known;
  const NoveltyResult novelty = AnonymityNovelty(event, state);
  const Tenure* const introduction = TenureAt(known, novelty.index);
  const AnonymousKind kind = AnonymousKindOf(network.network_class, network.anonymiser);
  const auto what = [&] { return AnonymitySubject(kind); };
  if (auto verdict = Unremarkable(event, state, context, novelty, introduction, what))
    return std::move(*verdict);

  const bool tor = kind == AnonymousKind::kTor;
  const double trust = DeviceTrust(event, state, context);
  const KnownNetwork* const usual = MostTrusted(known, event.occurred_at);

  Claim claim;
  claim.severity = tor ? schemas::Severity::kMedium : kInfo.severity;
  claim.confidence = kConfidence;
  claim.weight = (tor ? config_.tor_weight : kInfo.weight) * TrustDamping(trust);
  claim.reasons.push_back({.code = CodeOf(kind),
                           .observed = NetworkLabel(network),
                           .usual = usual == nullptr ? "" : NetworkLabel(*usual)});
  claim.evidence = {
      {"asn", int64_t{network.asn}}, {"anonymity_evidence", network.evidence}, {"device_trust", trust}};
  claim.subject = what();
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
