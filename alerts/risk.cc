#include "alerts/risk.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "alerts/support_matter.h"

namespace tocsin::alerts {
namespace {

constexpr size_t kFamilies = 8;
// Two cases of at most kFindingsMax findings.
constexpr size_t kWeightsMax = 2 * Case::kFindingsMax;

struct Weight {
  const CaseFinding* finding;
  double decayed;
};

// Every detector with its largest weight. Fixed memory: this runs for every event of an account with a case.
struct Weights {
  std::array<Weight, kWeightsMax> list;
  size_t count = 0;
  std::array<double, kFamilies> sums{};
};

double& SumOf(std::array<double, kFamilies>& sums, schemas::Family family) {
  return sums[static_cast<size_t>(family) % kFamilies];
}

void Collect(const RiskConfig& config, const CaseFile& file, Timestamp at, Weights& weights) {
  for (const Case& one : file.cases()) {
    if (one.state != CaseState::kOpen || at >= one.open_until) continue;
    for (const CaseFinding& finding : one.findings) {
      const double decayed = finding.weight * Decay(at - finding.at, config.half_life);
      Weight* const end = weights.list.data() + weights.count;
      Weight* const same = std::find_if(weights.list.data(), end, [&](const Weight& known) {
        return known.finding->detector == finding.detector;
      });
      if (same != end) {
        if (decayed > same->decayed) *same = {&finding, decayed};
      } else if (weights.count < kWeightsMax) {
        *end = {&finding, decayed};
        ++weights.count;
      }
    }
  }
  for (size_t i = 0; i < weights.count; ++i) {
    SumOf(weights.sums, weights.list[i].finding->family) += weights.list[i].decayed;
  }
}

}  // namespace

double Sigmoid(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

double CapOf(const RiskConfig& config, schemas::Family family) {
  switch (family) {
    case schemas::Family::kLocation:
      return config.cap_location;
    case schemas::Family::kDevice:
      return config.cap_device;
    case schemas::Family::kCredential:
      return config.cap_credential;
    case schemas::Family::kTakeover:
      return config.cap_takeover;
    case schemas::Family::kLimit:
      return config.cap_limit;
    case schemas::Family::kMoney:
      return config.cap_money;
    case schemas::Family::kRarity:
      return config.cap_rarity;
    case schemas::Family::kReport:
      return config.cap_report;
  }
  return 0;
}

double RiskOf(const RiskConfig& config, const CaseFile& file, Timestamp at,
              std::span<const Leaning> leanings) {
  Weights weights;
  Collect(config, file, at, weights);
  for (const Leaning& leaning : leanings) SumOf(weights.sums, leaning.family) += leaning.weight;
  double log_odds = config.bias;
  for (size_t i = 0; i < kFamilies; ++i) {
    log_odds += std::min(weights.sums[i], CapOf(config, static_cast<schemas::Family>(i)));
  }
  return Sigmoid(log_odds);
}

std::vector<schemas::Addend> AddendsOf(const RiskConfig& config, const CaseFile& file, Timestamp at,
                                       std::span<const Leaning> leanings) {
  Weights weights;
  Collect(config, file, at, weights);
  for (const Leaning& leaning : leanings) SumOf(weights.sums, leaning.family) += leaning.weight;
  std::vector<schemas::Addend> addends;
  addends.reserve(weights.count + leanings.size());
  const auto share_of = [&](schemas::Family family) {
    const double sum = SumOf(weights.sums, family);
    const double cap = CapOf(config, family);
    return sum > cap ? cap / sum : 1;
  };
  for (size_t i = 0; i < weights.count; ++i) {
    const Weight& weight = weights.list[i];
    addends.push_back({weight.finding->detector, weight.decayed * share_of(weight.finding->family)});
  }
  for (const Leaning& leaning : leanings) {
    const double weight = leaning.weight * share_of(leaning.family);
    const auto same = std::ranges::find(addends, leaning.detector, &schemas::Addend::detector);
    if (same != addends.end()) {
      same->weight += weight;
    } else {
      addends.push_back({std::string(leaning.detector), weight});
    }
  }
  std::ranges::sort(addends, {}, &schemas::Addend::detector);
  return addends;
}

schemas::Severity Raised(const RiskConfig& config, const schemas::Claim& claim, double risk) {
  using schemas::Severity;
  if (claim.severity == Severity::kInfo || claim.weight <= 0 || claim.mode == schemas::Mode::kShadow ||
      IsSupportMatter(claim.detector) || claim.family == schemas::Family::kReport)
    return claim.severity;
  Severity by_risk = Severity::kInfo;
  if (risk >= config.medium_at) by_risk = Severity::kMedium;
  if (risk >= config.high_at) by_risk = Severity::kHigh;
  if (risk >= config.critical_at) by_risk = Severity::kCritical;
  return std::max(claim.severity, by_risk);
}

}  // namespace tocsin::alerts
