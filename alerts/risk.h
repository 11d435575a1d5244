// Risk of an account, 0…1: evidence added in log-odds, so that independent signs multiply their odds and
// related ones, under one cap per family, do not turn three views of one fact into three proofs.
//
//   risk = sigmoid(bias + Σ over families of min(cap of the family, Σ of its detectors' weights))
//
// A detector counts once: with the largest of its weights, each halved every `half_life` since its finding.
// Findings in shadow mode and of closed cases count nothing. What an event says without being a finding (a
// login that is merely usual, or a little unusual) leans the risk of that event, within its family's cap, and
// is forgotten. (Log-odds with a prior: I. J. Good, Probability
// and the Weighing of Evidence, 1950.)
//
// Thread safety: pure.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "base/time.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// What one event adds to the risk, or takes from it, without a claim.
struct Leaning {
  std::string_view detector;  // A literal.
  schemas::Family family = schemas::Family::kRarity;
  double weight = 0;
};

[[nodiscard]] double Sigmoid(double log_odds);
[[nodiscard]] double CapOf(const RiskConfig& config, schemas::Family family);

// Risk at event time `at` from the open cases of `file`; a finding later than `at` counts in full. Never
// allocates.
[[nodiscard]] double RiskOf(const RiskConfig& config, const CaseFile& file, Timestamp at,
                            std::span<const Leaning> leanings = {});

// What RiskOf adds, each detector with its decayed weight after its family's cap: where the cap bites, the
// family's detectors share it in proportion to their weights. bias + Σ addends is the log-odds of the risk.
// By detector id.
[[nodiscard]] std::vector<schemas::Addend> AddendsOf(const RiskConfig& config, const CaseFile& file,
                                                     Timestamp at, std::span<const Leaning> leanings = {});

// The detector's own severity, raised by the risk: medium_at, high_at, critical_at. Only evidence is raised:
// a claim that is merely informative, a matter for support, the word of a person, weighs nothing or runs in
// shadow keeps its own.
[[nodiscard]] schemas::Severity Raised(const RiskConfig& config, const schemas::Claim& claim, double risk);

}  // namespace tocsin::alerts
