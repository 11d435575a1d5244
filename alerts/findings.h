// Claims and retractions as the findings the world is told of.
//
// Thread safety: immutable after construction.
#pragma once

#include <string>
#include <vector>

#include "alerts/cases.h"
#include "alerts/decide.h"
#include "alerts/step.h"
#include "base/time.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// A claim as its case keeps it: texts cleaned and bounded.
[[nodiscard]] CaseFinding ToCaseFinding(const schemas::Claim& claim, std::string finding_id);

class FindingMaker {
 public:
  FindingMaker(Decider::TechniquesOf techniques, schemas::Versions versions)
      : techniques_(techniques), versions_(std::move(versions)) {}

  // New, or updated when the case knew it. decision.risk is the risk after the event.
  void AddFinding(const Judged& judged, Timestamp detected_at, const Step& step,
                  const std::vector<schemas::Addend>& addends, Decision& decision) const;
  // A finding that a late event disproved; its evidence is not kept, so it has none.
  void AddSuperseded(const Judged& judged, Timestamp detected_at, const Left& left,
                     const std::vector<schemas::Addend>& addends, Decision& decision) const;
  // A claim in shadow mode: without case, severity as the detector says. `known`: it was said before.
  void AddShadow(const Judged& judged, Timestamp detected_at, const schemas::Claim& claim,
                 const std::string& finding_id, bool known, Decision& decision) const;

 private:
  [[nodiscard]] schemas::Finding Blank(const Judged& judged, Timestamp detected_at, double risk) const;
  void FillClaim(const schemas::Claim& claim, schemas::Finding& finding) const;

  Decider::TechniquesOf techniques_;
  schemas::Versions versions_;
};

}  // namespace tocsin::alerts
