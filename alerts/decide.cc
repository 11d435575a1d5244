// The line from claims to what is told. Each step is a file of its own; here they stand in order.
#include "alerts/decide.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "alerts/actions.h"
#include "alerts/addressed.h"
#include "alerts/answers.h"
#include "alerts/business_calendar.h"
#include "alerts/case_money.h"
#include "alerts/cases.h"
#include "alerts/digest.h"
#include "alerts/findings.h"
#include "alerts/in_force.h"
#include "alerts/message_key.h"
#include "alerts/notices.h"
#include "alerts/owners_day.h"
#include "alerts/plan_tickets.h"
#include "alerts/policy.h"
#include "alerts/risk.h"
#include "alerts/runs.h"
#include "alerts/step.h"
#include "alerts/tickets.h"
#include "alerts/told.h"
#include "base/check.h"

namespace tocsin::alerts {

using schemas::Claim;
using schemas::TicketOperation;

void Decision::Clear() {
  risk = 0;
  findings.clear();
  found.clear();
  notices.clear();
  tickets.clear();
  actions.clear();
  notices_held = 0;
  notices_unaddressed = 0;
}

std::vector<std::string_view> Decision::FindingIds() const {
  std::vector<std::string_view> ids(found.begin(), found.end());
  for (const schemas::Finding& finding : findings) {
    if (std::ranges::find(found, finding.finding_id) == found.end()) ids.push_back(finding.finding_id);
  }
  return ids;
}

struct Decider::Impl {
  AlertsConfig config;
  FindingMaker maker;
  BusinessClock clock;
  CalmHours hours;
  double quiet_risk;

  // A case that ended with something untold tells it before another takes its place.
  void FlushEnded(const Judged& judged, CaseFile& file, Decision& decision) const {
    const Timestamp at = judged.event.occurred_at;
    const auto waits = [at](const Case& one) {
      return one.append_waits && one.ticket_open && !IsOpen(one, at);
    };
    if (std::ranges::none_of(file.cases(), waits)) return;
    for (Case& one : file.MutableCases()) {
      if (waits(one)) WriteTicket(config, judged, TicketPlan{}, {}, nullptr, file, one, decision);
    }
  }

  [[nodiscard]] std::vector<Left> Retract(const Judged& judged, CaseFile& file) const {
    std::vector<Left> left;
    for (const schemas::Retraction& retraction : judged.retractions) {
      const std::string id = schemas::FindingId(judged.event.account_id, retraction);
      if (std::optional<Left> gone = Leave(file, retraction, id)) left.push_back(*std::move(gone));
    }
    return left;
  }

  [[nodiscard]] std::vector<Step> JoinAll(const Judged& judged, CaseFile& file, Decision& decision) const {
    // All claims of one event join one case, although they may be of different times: a late event is claimed
    // together with what it makes of later ones. Else the second could open a new case in the place of the
    // one that the first has just joined.
    Timestamp at = judged.event.occurred_at;
    for (const Claim& claim : judged.claims) at = std::max(at, claim.occurred_at);

    std::vector<Step> steps;
    for (const Claim& claim : judged.claims) {
      if (claim.mode == schemas::Mode::kShadow) continue;
      Step& step = steps.emplace_back();
      step.claim = &claim;
      step.finding_id = schemas::FindingId(judged.event.account_id, claim);
      decision.found.push_back(step.finding_id);
      step.one = &CaseFor(file, GroupOf(claim), judged.event.account_id, step.finding_id, at, config.calm);
      if (const Told* const told = FindTold(file, step.finding_id)) {
        step.again = true;
        if (told->mode == schemas::Mode::kLive) step.told_as = told->severity;
      }
      // One that was worth a case and is only good to know now, or the other way about.
      for (const Case& other : file.cases()) {
        if (&other == step.one) continue;
        const CaseFinding* const held = FindIn(other, step.finding_id);
        if (held == nullptr) continue;
        step.again = true;
        step.told_as = held->severity;
      }
      step.before =
          Join(file, *step.one, ToCaseFinding(claim, step.finding_id), judged.event.occurred_at, config.calm);
    }
    return steps;
  }

  // Severity, whether it is told, and what the policy says to it.
  void Judge(const Judged& judged, double risk, Step& step) const {
    step.severity = Raised(config.risk, *step.claim, risk);
    // Not there when the case is full and the event's other findings tell more: it is told all the same.
    if (CaseFinding* const known = FindIn(*step.one, step.finding_id)) {
      known->severity = step.severity = std::max(known->severity, step.severity);
      step.told = !step.before || IsMaterialChange(*step.before, *known);
      step.moved = step.before && step.before->cause != known->cause;
      known->in_ticket = !step.told && step.before->in_ticket;
      if (!step.told) known->size = step.before->size;
    } else {
      step.told = true;
    }
    step.one->severity = std::max(step.one->severity, step.severity);
    // Asked also when nothing new is told: the next payment of a takeover is to be held as the first was.
    step.answer = Ask(config.policy, {.detector = step.claim->detector,
                                      .family = step.claim->family,
                                      .severity = step.severity,
                                      .risk = risk,
                                      .money = CanBeHeld(*step.claim, judged.event),
                                      .tier = judged.owner.tier});
    if (CaseFinding* const known = FindIn(*step.one, step.finding_id)) known->secret = step.answer.secret;
    // The notice of a low finding is a receipt, and nobody works its case: the same use in another case is no
    // news to the owner.
    const bool receipt = step.severity <= schemas::Severity::kLow && step.told_as >= step.severity;
    if (receipt) step.answer.notice = false;
  }

  // The gravest first: an action names it as its reason.
  void ActOnAll(const Judged& judged, std::vector<Step>& steps, Decision& decision) const {
    std::vector<Step*> by_gravity;
    by_gravity.reserve(steps.size());
    for (Step& step : steps) by_gravity.push_back(&step);
    std::ranges::stable_sort(by_gravity, [](const Step* a, const Step* b) {
      return std::tuple(a->severity, a->claim->weight) > std::tuple(b->severity, b->claim->weight);
    });
    for (Step* step : by_gravity) Act(judged, *step, decision);
  }

  void Act(const Judged& judged, Step& step, Decision& decision) const {
    for (const schemas::ActionKind kind : step.answer.actions) {
      const bool more = HasInForce(*step.one, kind, judged.event.occurred_at);
      const bool asked = AskFor(kind, *step.claim, judged.event, decision.risk, config.support, clock,
                                *step.one, decision.actions);
      if (!asked || !IsRestriction(kind)) continue;
      step.restricts = std::max(step.restricts, more ? Restricts::kMore : Restricts::kAnew);
    }
  }

  void Withdraw(const Judged& judged, Timestamp detected_at, const std::vector<Left>& left,
                const CaseFile& file, Decision& decision) const {
    if (left.empty()) return;
    const std::vector<schemas::Addend> addends =
        AddendsOf(config.risk, file, judged.event.occurred_at, judged.leanings);
    for (const Left& gone : left) maker.AddSuperseded(judged, detected_at, gone, addends, decision);
  }

  // Claims in shadow: said when they are news, as those of cases are, and remembered, so that they can be
  // taken back. No case will hold them, but for one from before the detector went to shadow.
  void AddShadow(const Judged& judged, Timestamp detected_at, CaseFile& file, Decision& decision) const {
    for (const Claim& claim : judged.claims) {
      if (claim.mode != schemas::Mode::kShadow) continue;
      const CaseFinding finding = ToCaseFinding(claim, schemas::FindingId(judged.event.account_id, claim));
      decision.found.push_back(finding.finding_id);
      const auto is_news = [&finding](const auto& known) {
        return finding.severity > known.severity || finding.reason != known.reason ||
               finding.cause != known.cause;
      };
      const CaseFinding* held = nullptr;
      for (const Case& one : file.cases()) {
        if (const CaseFinding* const found = FindIn(one, finding.finding_id)) held = found;
      }
      const Told* const told = FindTold(file, finding.finding_id);
      const bool known = held != nullptr || told != nullptr;
      if (known && !(held != nullptr ? is_news(*held) : is_news(*told))) continue;
      maker.AddShadow(judged, detected_at, claim, finding.finding_id, known, decision);
      if (held == nullptr) RememberTold(file, finding, {}, schemas::Mode::kShadow);
    }
  }

  void Resolve(const Judged& judged, std::string_view why, CaseFile& file, Case& one,
               Decision& decision) const {
    one.state = CaseState::kResolved;
    one.append_waits = false;
    decision.risk = RiskOf(config.risk, file, judged.event.occurred_at, judged.leanings);
    if (one.ticket_open)
      WriteTicket(config, judged, {.operation = TicketOperation::kResolve}, why, nullptr, file, one,
                  decision);
  }

  // Resolves the open cases that the last finding has left: they were about nothing.
  void ResolveEmptied(const Judged& judged, const std::vector<Left>& left, CaseFile& file,
                      Decision& decision) const {
    for (const Left& gone : left) {
      if (gone.from == nullptr || gone.from->case_id != gone.case_id) continue;
      Case& one = *gone.from;
      const bool empty = one.findings.empty() && one.findings_dropped == 0;
      if (empty && one.state == CaseState::kOpen)
        Resolve(judged, MessageKey("ticket.resolved.superseded").name(), file, one, decision);
    }
  }

  void Decide(const Judged& judged, Timestamp detected_at, CaseFile& file, Decision& decision) const {
    const Timestamp at = judged.event.occurred_at;
    decision.risk = RiskOf(config.risk, file, at, judged.leanings);
    FlushEnded(judged, file, decision);
    EndBatches(at, file);
    TakeEnds(judged.event, file);
    NoteMoney(judged.event, file);
    std::optional<Digest> digest = TakeDigest(config, hours, judged, file);
    Prune(file, at, config);
    file.ReserveCases();

    const Answered answered = TakeAnswer(judged.event, file);
    const std::vector<Left> left = Retract(judged, file);
    std::vector<Step> steps = JoinAll(judged, file, decision);
    const bool waits = std::ranges::any_of(file.cases(), &Case::append_waits) ||
                       std::ranges::any_of(file.replaced(), &Case::append_waits);
    const bool leaves = std::ranges::any_of(left, [](const Left& gone) { return gone.from != nullptr; });
    if (steps.empty() && !leaves && answered.one == nullptr && !waits) {
      // Claims in shadow are told for those who measure, and change nothing; nor does the end of what no case
      // holds.
      Withdraw(judged, detected_at, left, file, decision);
      AddShadow(judged, detected_at, file, decision);
      if (digest) TellDigest(config, hours, judged, *std::move(digest), file, decision);
      return;
    }

    decision.risk = RiskOf(config.risk, file, at, judged.leanings);
    for (Step& step : steps) {
      NoteReport(judged.event, step.claim->family, *step.one);
      if (step.claim->severity > schemas::Severity::kInfo) file.NoteCauses(step.claim->cause);
      Judge(judged, decision.risk, step);
      if (step.answer.ticket || step.severity >= schemas::Severity::kHigh)
        BeginMoney(judged.event, file, *step.one);
    }
    Withdraw(judged, detected_at, left, file, decision);
    AddShadow(judged, detected_at, file, decision);
    const std::vector<schemas::Addend> addends = AddendsOf(config.risk, file, at, judged.leanings);
    for (const Step& step : steps) {
      if (step.told || step.moved) maker.AddFinding(judged, detected_at, step, addends, decision);
    }
    ActOnAll(judged, steps, decision);

    if (answered.one != nullptr && answered.resolves()) {
      Resolve(judged, answered.why, file, *answered.one, decision);
    }
    ResolveEmptied(judged, left, file, decision);
    const std::vector<PlannedTicket> planned =
        PlanTickets(config, clock, judged.event, steps, left, answered, file);
    if (digest) TellDigest(config, hours, judged, *std::move(digest), file, decision);
    Tell(config, hours, judged, steps, file, decision);
    for (const PlannedTicket& plan : planned)
      WriteTicket(config, judged, plan.ticket, {}, plan.leading, file, *plan.one, decision);
  }
};

Decider::Decider(AlertsConfig config, TechniquesOf techniques, schemas::Versions versions) {
  CHECK(Validate(config).empty());
  Result<BusinessClock> clock = BusinessClock::Make(config.support.calendar);
  const CalmHours hours = *ReadCalmHours(config.calm);
  if (config.policy.empty()) config.policy = DefaultPolicy();
  const double quiet_risk = Sigmoid(config.risk.bias);
  impl_ = std::make_unique<const Impl>(Impl{std::move(config), FindingMaker(techniques, std::move(versions)),
                                            *std::move(clock), hours, quiet_risk});
}

Decider::~Decider() = default;

void Decider::Decide(const Judged& judged, Timestamp detected_at, CaseFile& file, Decision& decision) const {
  decision.Clear();
  file.Remember(judged.event);
  NoteAddressed(judged, file);
  if (judged.claims.empty() && judged.retractions.empty() && file.cases().empty() &&
      file.replaced().empty() && file.folded().empty()) {
    decision.risk = judged.leanings.empty()
                        ? impl_->quiet_risk
                        : RiskOf(impl_->config.risk, file, judged.event.occurred_at, judged.leanings);
    return;
  }
  const std::vector<Claim> continued = ContinuedRuns(judged, file);
  if (continued.empty()) return impl_->Decide(judged, detected_at, file, decision);
  impl_->Decide({.event = judged.event,
                 .claims = continued,
                 .retractions = judged.retractions,
                 .owner = judged.owner,
                 .previous_contacts = judged.previous_contacts,
                 .owner_before = judged.owner_before,
                 .leanings = judged.leanings},
                detected_at, file, decision);
}

}  // namespace tocsin::alerts
