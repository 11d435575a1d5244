#include "alerts/findings.h"

#include <algorithm>
#include <utility>

#include "alerts/value_text.h"
#include "base/text.h"

namespace tocsin::alerts {

using schemas::Claim;
using schemas::Finding;
using schemas::FindingStatus;

namespace {

constexpr size_t kValueMax = 120;
constexpr size_t kCausesMax = 16;  // Kept in the case; the finding itself names all.

schemas::ReasonText Text(std::string_view code, std::string_view observed, std::string_view usual) {
  return {.code = std::string(code),
          .text = ReasonSentence(Locale::kEn, code, observed, usual),
          .observed = std::string(observed),
          .usual = std::string(usual)};
}

}  // namespace

CaseFinding ToCaseFinding(const Claim& claim, std::string finding_id) {
  CaseFinding finding{.finding_id = std::move(finding_id),
                      .detector = std::string(claim.detector),
                      .family = claim.family,
                      .severity = claim.severity,
                      .confidence = std::clamp(claim.confidence, 0, 100),
                      .weight = claim.weight,
                      .at = claim.occurred_at,
                      .reason = std::string(claim.detector),
                      .size = static_cast<uint32_t>(std::clamp<int64_t>(claim.size, 0, UINT32_MAX))};
  const bool one_payment = claim.run_gap == Millis(0) && (claim.family == schemas::Family::kMoney ||
                                                          claim.family == schemas::Family::kLimit);
  if (one_payment) finding.payment = PaymentKey(claim.transaction_id);
  const size_t skipped =
      claim.cause.size() > kCausesMax ? claim.cause.size() - kCausesMax : 0;  // The newest stay.
  finding.cause.assign(claim.cause.begin() + static_cast<std::ptrdiff_t>(skipped), claim.cause.end());
  if (!claim.reasons.empty()) {
    finding.reason = claim.reasons.front().code;
    finding.observed = CleanText(claim.reasons.front().observed, kValueMax);
    finding.usual = CleanText(claim.reasons.front().usual, kValueMax);
  }
  return finding;
}

Finding FindingMaker::Blank(const Judged& judged, Timestamp detected_at, double risk) const {
  Finding finding;
  finding.account_id = judged.event.account_id;
  finding.tenant = judged.event.tenant;
  finding.detected_at = detected_at;
  finding.risk = risk;
  finding.versions = versions_;
  finding.traceparent = judged.event.traceparent;
  return finding;
}

void FindingMaker::FillClaim(const Claim& claim, Finding& finding) const {
  finding.detector = claim.detector;
  finding.family = claim.family;
  finding.severity = claim.severity;
  finding.confidence = std::clamp(claim.confidence, 0, 100);
  finding.occurred_at = claim.occurred_at;
  finding.cause = claim.cause;
  for (const schemas::Reason& reason : claim.reasons) {
    finding.reasons.push_back(Text(reason.code, reason.observed, reason.usual));
  }
  finding.evidence = claim.evidence;
  if (techniques_ != nullptr) {
    const std::span<const schemas::Technique> known = techniques_(claim.detector);
    finding.techniques.assign(known.begin(), known.end());
  }
  finding.mode = claim.mode;
}

void FindingMaker::AddFinding(const Judged& judged, Timestamp detected_at, const Step& step,
                              const std::vector<schemas::Addend>& addends, Decision& decision) const {
  Finding finding = Blank(judged, detected_at, decision.risk);
  FillClaim(*step.claim, finding);
  finding.finding_id = step.finding_id;
  finding.severity = step.severity;
  finding.case_id = step.one->case_id;
  finding.addends = addends;
  finding.status = step.before || step.again ? FindingStatus::kUpdated : FindingStatus::kNew;
  decision.findings.push_back(std::move(finding));
}

void FindingMaker::AddSuperseded(const Judged& judged, Timestamp detected_at, const Left& left,
                                 const std::vector<schemas::Addend>& addends, Decision& decision) const {
  Finding finding = Blank(judged, detected_at, decision.risk);
  finding.finding_id = left.finding.finding_id;
  finding.detector = left.finding.detector;
  finding.family = left.finding.family;
  finding.severity = left.finding.severity;
  finding.confidence = left.finding.confidence;
  finding.occurred_at = left.finding.at;
  finding.cause = left.finding.cause;
  finding.case_id = left.case_id;
  finding.mode = left.mode;
  if (left.mode == schemas::Mode::kLive) finding.addends = addends;
  finding.reasons.push_back(Text(left.finding.reason, left.finding.observed, left.finding.usual));
  finding.status = FindingStatus::kSuperseded;
  decision.findings.push_back(std::move(finding));
}

void FindingMaker::AddShadow(const Judged& judged, Timestamp detected_at, const Claim& claim,
                             const std::string& finding_id, bool known, Decision& decision) const {
  Finding finding = Blank(judged, detected_at, decision.risk);
  FillClaim(claim, finding);
  finding.finding_id = finding_id;
  finding.status = known ? FindingStatus::kUpdated : FindingStatus::kNew;
  decision.findings.push_back(std::move(finding));
}

}  // namespace tocsin::alerts
