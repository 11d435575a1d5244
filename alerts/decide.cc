// The line from claims to what is told. Each step is a file of its own; here they stand in order.
#include "alerts/decide.h"

#include <algorithm>
#include <utility>

#include "alerts/actions.h"
#include "alerts/business_calendar.h"
#include "alerts/cases.h"
#include "alerts/policy.h"
#include "alerts/risk.h"
#include "base/check.h"
#include "base/text.h"

namespace tocsin::alerts {

using schemas::Claim;
using schemas::Finding;
using schemas::FindingStatus;
using schemas::Severity;

namespace {

// One live claim on its way: the case it joined and what became of it.
struct Step {
  const Claim* claim = nullptr;
  Case* one = nullptr;
  std::string finding_id;
  std::optional<CaseFinding> before;
};

CaseFinding& FindingIn(Case& one, std::string_view finding_id) {
  const auto found = std::ranges::find(one.findings, finding_id, &CaseFinding::finding_id);
  CHECK(found != one.findings.end());
  return *found;
}

CaseFinding ToCaseFinding(const Claim& claim, std::string finding_id) {
  CaseFinding finding{.finding_id = std::move(finding_id),
                      .detector = std::string(claim.detector),
                      .family = claim.family,
                      .severity = claim.severity,
                      .confidence = std::clamp(claim.confidence, 0, 100),
                      .weight = claim.weight,
                      .at = claim.occurred_at,
                      .cause = claim.cause};
  if (!claim.reasons.empty()) {
    finding.reason = claim.reasons.front().code;
    finding.observed = CleanText(claim.reasons.front().observed, 120);
    finding.usual = CleanText(claim.reasons.front().usual, 120);
  }
  return finding;
}

std::string Sentence(std::string_view code, std::string_view observed, std::string_view usual) {
  std::string text = std::string(code) + ": " + CleanText(observed, 120);
  if (!usual.empty()) text += " (usually " + CleanText(usual, 120) + ")";
  return text;
}

}  // namespace

void Decision::Clear() {
  risk = 0;
  findings.clear();
  notices.clear();
  tickets.clear();
  actions.clear();
  notices_held = 0;
}

struct Decider::Impl {
  AlertsConfig config;
  TechniquesOf techniques;
  schemas::Versions versions;
  BusinessClock clock;
  double quiet_risk;

  [[nodiscard]] Finding NewFinding(const Judged& judged, Timestamp detected_at, double risk) const {
    Finding finding;
    finding.account_id = judged.event.account_id;
    finding.tenant = judged.event.tenant;
    finding.detected_at = detected_at;
    finding.risk = risk;
    finding.versions = versions;
    finding.traceparent = judged.event.traceparent;
    return finding;
  }

  [[nodiscard]] Finding FromClaim(const Claim& claim, std::string finding_id, Finding finding) const {
    finding.finding_id = std::move(finding_id);
    finding.detector = claim.detector;
    finding.family = claim.family;
    finding.severity = claim.severity;
    finding.confidence = claim.confidence;
    finding.occurred_at = claim.occurred_at;
    finding.cause = claim.cause;
    for (const schemas::Reason& reason : claim.reasons) {
      finding.reasons.push_back({std::string(reason.code),
                                 Sentence(reason.code, reason.observed, reason.usual), reason.observed,
                                 reason.usual});
    }
    finding.evidence = claim.evidence;
    const std::span<const schemas::Technique> known =
        techniques ? techniques(claim.detector) : std::span<const schemas::Technique>{};
    finding.techniques.assign(known.begin(), known.end());
    finding.mode = claim.mode;
    return finding;
  }

  void Retract(const Judged& judged, CaseFile& file, std::vector<Left>& left) const {
    for (const schemas::Retraction& retraction : judged.retractions) {
      const std::string id = schemas::FindingId(retraction.detector, judged.event.account_id,
                                                retraction.cause, retraction.discriminator);
      if (std::optional<Left> gone = Leave(file, id)) left.push_back(*std::move(gone));
    }
  }

  [[nodiscard]] std::vector<Step> JoinAll(const Judged& judged, CaseFile& file) const {
    std::vector<Step> steps;
    for (const Claim& claim : judged.claims) {
      if (claim.mode == schemas::Mode::kShadow) continue;
      Step step{.claim = &claim};
      step.finding_id =
          schemas::FindingId(claim.detector, judged.event.account_id, claim.cause, claim.discriminator);
      step.one = &CaseFor(file, GroupOf(claim), judged.event.account_id, step.finding_id, claim.occurred_at,
                          config.calm);
      step.before = Join(*step.one, ToCaseFinding(claim, step.finding_id), config.calm);
      steps.push_back(std::move(step));
    }
    return steps;
  }

  void Decide(const Judged& judged, Timestamp detected_at, CaseFile& file, Decision& decision) const {
    const Timestamp at = judged.event.occurred_at;
    std::vector<Left> left;
    Retract(judged, file, left);
    const std::vector<Step> steps = JoinAll(judged, file);

    decision.risk = RiskOf(config.risk, file, at);
    const std::vector<schemas::Addend> addends = AddendsOf(config.risk, file, at);
    for (const Left& gone : left) {
      Finding finding = NewFinding(judged, detected_at, decision.risk);
      finding.finding_id = gone.finding.finding_id;
      finding.detector = gone.finding.detector;
      finding.family = gone.finding.family;
      finding.severity = gone.finding.severity;
      finding.confidence = gone.finding.confidence;
      finding.occurred_at = gone.finding.at;
      finding.cause = gone.finding.cause;
      finding.case_id = gone.from->case_id;
      finding.addends = addends;
      finding.status = FindingStatus::kSuperseded;
      finding.reasons.push_back({gone.finding.reason,
                                 Sentence(gone.finding.reason, gone.finding.observed, gone.finding.usual),
                                 gone.finding.observed, gone.finding.usual});
      decision.findings.push_back(std::move(finding));
    }
    for (const Claim& claim : judged.claims) {
      if (claim.mode != schemas::Mode::kShadow) continue;
      std::string id =
          schemas::FindingId(claim.detector, judged.event.account_id, claim.cause, claim.discriminator);
      decision.findings.push_back(
          FromClaim(claim, std::move(id), NewFinding(judged, detected_at, decision.risk)));
    }
    for (const Step& step : steps) {
      CaseFinding& known = FindingIn(*step.one, step.finding_id);
      known.severity = std::max(known.severity, Raised(config.risk, *step.claim, decision.risk));
      step.one->severity = std::max(step.one->severity, known.severity);
      if (step.before && !IsMaterialChange(*step.before, known)) continue;

      Finding finding =
          FromClaim(*step.claim, step.finding_id, NewFinding(judged, detected_at, decision.risk));
      finding.severity = known.severity;
      finding.case_id = step.one->case_id;
      finding.addends = addends;
      finding.status = step.before ? FindingStatus::kUpdated : FindingStatus::kNew;
      decision.findings.push_back(std::move(finding));

      const PolicyAnswer answer = Ask(config.policy, {.detector = step.claim->detector,
                                                      .family = step.claim->family,
                                                      .severity = known.severity,
                                                      .risk = decision.risk,
                                                      .money = !step.claim->transaction_id.empty(),
                                                      .tier = judged.owner.tier});
      for (const schemas::ActionKind kind : answer.actions) {
        AskFor(kind, *step.claim, judged.event, decision.risk, config.support, clock, *step.one,
               decision.actions);
      }
    }
  }
};

Decider::Decider(AlertsConfig config, TechniquesOf techniques, schemas::Versions versions) {
  CHECK(Validate(config).empty());
  Result<BusinessClock> clock = BusinessClock::Make(config.support.calendar);
  if (config.policy.empty()) config.policy = DefaultPolicy();
  const double quiet_risk = Sigmoid(config.risk.bias);
  impl_ = std::make_unique<const Impl>(
      Impl{std::move(config), techniques, std::move(versions), *std::move(clock), quiet_risk});
}

Decider::~Decider() = default;

void Decider::Decide(const Judged& judged, Timestamp detected_at, CaseFile& file, Decision& decision) const {
  decision.Clear();
  file.Remember(judged.event);
  if (judged.claims.empty() && judged.retractions.empty() && file.cases().empty()) {
    decision.risk = impl_->quiet_risk;
    return;
  }
  impl_->Decide(judged, detected_at, file, decision);
}

}  // namespace tocsin::alerts
