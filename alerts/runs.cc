#include "alerts/runs.h"

#include <algorithm>
#include <chrono>

#include "alerts/cases.h"

namespace tocsin::alerts {
namespace {

using schemas::Claim;

// The finding of the run that the claim goes on with, if it has another name; null: there is none.
const CaseFinding* BeginningOf(const Claim& claim, const Judged& judged, const CaseFile& file) {
  const AccountId& account = judged.event.account_id;
  const auto named = [&](const CaseFinding& known, const auto& other) {
    return known.detector == other.detector &&
           schemas::FindingId(other.detector, account, known.cause, other.discriminator) == known.finding_id;
  };
  const auto taken_back = [&](const CaseFinding& known) {
    return std::ranges::any_of(judged.retractions, [&](const schemas::Retraction& gone) {
      return gone.detector == known.detector && gone.cause == known.cause;
    });
  };
  const CaseFinding* beginning = nullptr;
  for (const Case& one : file.cases()) {
    if (!IsOpen(one, judged.event.occurred_at)) continue;
    for (const CaseFinding& known : one.findings) {
      if (known.detector != claim.detector) continue;
      if (known.cause == claim.cause) return nullptr;
      const bool near = std::chrono::abs(claim.occurred_at - known.at) <= claim.run_gap;
      if (near && named(known, claim) && !taken_back(known)) beginning = &known;
    }
  }
  return beginning;
}

}  // namespace

std::vector<Claim> ContinuedRuns(const Judged& judged, const CaseFile& file) {
  std::vector<Claim> claims;
  for (size_t i = 0; i < judged.claims.size(); ++i) {
    if (judged.claims[i].run_gap == Millis(0)) continue;
    const CaseFinding* const beginning = BeginningOf(judged.claims[i], judged, file);
    if (beginning == nullptr) continue;
    if (claims.empty()) claims.assign(judged.claims.begin(), judged.claims.end());
    claims[i].cause = beginning->cause;
  }
  return claims;
}

}  // namespace tocsin::alerts
