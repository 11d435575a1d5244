#include "daemon/detection/account_detection.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/answered_causes.h"
#include "alerts/answers.h"
#include "alerts/labels.h"
#include "daemon/detection/conditions.h"
#include "daemon/detection/labelled_payment.h"
#include "daemon/detection/verdict_line.h"
#include "daemon/log/heartbeat.h"
#include "daemon/service/log_line.h"
#include "detectors/learning/learn_account.h"
#include "detectors/learning/learning.h"
#include "detectors/limits/account_limits.h"
#include "schemas/dead_letter.h"
#include "schemas/encode.h"

namespace tocsin::daemon {
namespace {

// Of kStages.
enum Stage : size_t { kDecode, kLoad, kEnrich, kDetect, kLearn, kDecide };

bool IsErasure(const schemas::Event& event) {
  const schemas::AccountChange* change = event.change();
  return change != nullptr && change->change == schemas::ChangeKind::kErased;
}

// Index into WorkerMetrics::kAbout.
size_t AboutOf(const schemas::Feedback& said) {
  if (!said.case_id.empty()) return 0;
  if (!said.finding_id.empty()) return 1;
  return said.notice_id.empty() ? 3 : 2;
}

const schemas::Rejection& NotItsTenant() {
  static const schemas::Rejection kRejection{
      schemas::RejectionCode::kConflictingMembers, "tenant",
      "an account of another tenant has this id: ids must differ between tenants"};
  return kRejection;
}

}  // namespace

AccountDetection::AccountDetection(std::shared_ptr<const Rules> rules, std::unique_ptr<Enricher> enricher,
                                   DetectionOptions options, WorkerMetrics& metrics)
    : rules_(std::move(rules)),
      enricher_(std::move(enricher)),
      options_(options),
      metrics_(metrics),
      decoder_(options.decode) {}
AccountDetection::~AccountDetection() = default;

void AccountDetection::Use(std::shared_ptr<const Rules> rules) {
  rules_ = std::move(rules);
  for (daemon::Count& in_shadow : metrics_.in_shadow)
    in_shadow.Set(0);  // Set again by the next event, if it still is.
}

std::unique_ptr<KeyedState> AccountDetection::NewState(std::string_view key) const {
  if (key == PopulationState::kKey) return std::make_unique<PopulationState>();
  return std::make_unique<Account>();
}

Result<Done> AccountDetection::Process(const schemas::Record& record, Timestamp now, States& states,
                                       Outputs& outputs) {
  stages_.Begin();
  schemas::Record said = record;
  if (!options_.has_topics) said.topic = {};
  if (const auto decoded = decoder_.Decode(said, event_); !decoded) {
    Reject(record, decoded.error(), outputs);
    if (options_.observer != nullptr)
      options_.observer->Passed(
          {.why = Unjudged::Why::kRejected, .record = record, .rejection = &decoded.error()});
    return Done{};
  }
  if (IsHeartbeat(record, event_)) return PassHeartbeat(record, now, states);
  metrics_.unknown_members.Set(decoder_.unknown_members());
  metrics_.events[static_cast<size_t>(event_.type)].Add();
  if (event_.clamped) metrics_.clamped.Add();
  StageEnds(kDecode);
  Result<KeyedState*> held = states.Load(event_.account_id.view());
  if (!held) return held.error();
  auto& account = static_cast<Account&>(**held);
  const detectors::Profile& profile = account.detection.profile();
  if (event_.tenant.empty()) event_.tenant = profile.tenant;
  const bool of_another = profile.IsOfAnother(event_);
  if (IsErasure(event_)) {
    if (!of_another) return Erase(record, profile, states);
    Reject(record, NotItsTenant(), outputs);
    return Done{};
  }
  const detectors::RecentEvents& recent = account.detection.recent_events();
  if (recent.Contains(event_.occurred_at, event_.DedupKey())) {
    metrics_.duplicates.Add();
    if (options_.observer != nullptr)
      options_.observer->Passed({.why = Unjudged::Why::kDuplicate, .record = record, .event = &event_});
    return Done{};
  }
  const bool is_late = recent.IsLate(event_.occurred_at, detectors::WhoCaused(event_));
  if (is_late && !TakeLate(record, of_another, account, outputs)) return Done{};
  Result<KeyedState*> counts = states.Load(PopulationState::kKey);
  if (!counts) return counts.error();

  if (const schemas::Rejection* left_out = decoder_.left_out(); left_out != nullptr)
    Reject(record, *left_out, outputs);                     // And judged all the same.
  if (of_another) Reject(record, NotItsTenant(), outputs);  // The same, and no owner hears of it.
  StageEnds(kLoad);
  enricher_->Enrich(event_);
  StageEnds(kEnrich);
  if (!options_.detected_at_is_event) metrics_.uncommitted.Add(event_.occurred_at, record.appended_at);
  Judge(now, account, static_cast<PopulationState&>(**counts), outputs);
  return Done{};
}

// Nothing is remembered of an erasure. One that comes again finds only what came after it, and leaves that
// alone. The clock of who asks may be behind those that events are dated by.
Result<Done> AccountDetection::Erase(const schemas::Record& record, const detectors::Profile& profile,
                                     States& states) {
  if (profile.first_seen <= event_.occurred_at + options_.decode.future_max)
    return states.Erase(event_.account_id.view());
  PassOverErasure(record);
  return Done{};
}

// True: it is judged all the same.
bool AccountDetection::TakeLate(const schemas::Record& record, bool of_another, Account& account,
                                Outputs& outputs) {
  const Timestamp newest = account.detection.recent_events().newest;
  if (event_.feedback() != nullptr) {
    event_.occurred_at = newest;  // What somebody decided days ago is known from now on.
    return true;
  }
  if (event_.profile() != nullptr && !of_another) {
    detectors::LearnLateProfile(event_, account.detection);
    return false;
  }
  metrics_.late.Add();
  const schemas::Rejection late{schemas::RejectionCode::kLate, "occurred_at",
                                "older than the account's retention horizon"};
  Reject(record, late, outputs);
  if (options_.observer != nullptr)
    options_.observer->Passed({.why = Unjudged::Why::kLate,
                               .record = record,
                               .event = &event_,
                               .rejection = &late,
                               .newest = newest});
  return false;
}

// Somebody may have been promised it.
void AccountDetection::PassOverErasure(const schemas::Record& record) {
  metrics_.erasures_passed_over.Add();
  LogLine(LogLevel::kWarning, "erasure_passed_over",
          std::string(record.topic) + ", partition " + std::to_string(record.partition) + ", offset " +
              std::to_string(record.offset) +
              ": an erasure dated before the account was first seen, as one that came again; nothing is "
              "erased. If it was meant: send it again, dated now");
}

// Judged on the account of nobody, and never said. What is shared by a partition's accounts is read, and
// loads.
Result<Done> AccountDetection::PassHeartbeat(const schemas::Record& record, Timestamp now, States& states) {
  StageEnds(kDecode);
  Result<KeyedState*> counts = states.Load(PopulationState::kKey);
  if (!counts) return counts.error();
  StageEnds(kLoad);
  enricher_->Enrich(event_);
  StageEnds(kEnrich);
  const Rules& rules = *rules_;
  Account nobody;
  const detectors::Context context{
      .population = static_cast<PopulationState&>(**counts).population.AsOf(event_.occurred_at),
      .limits = rules.limits,
      .learning = rules.learning,
      .case_open = false,
      .held_until = nobody.cases.HeldUntil(event_.occurred_at),
      .answered_causes = {}};
  rules.DetectorsFor(event_.tenant, nobody.detection.profile().owner.tier)
      .Evaluate(event_, nobody.detection, context, result_);
  StageEnds(kDetect);
  decision_.Clear();
  rules.decider.Decide({.event = event_,
                        .claims = {},
                        .retractions = {},
                        .owner = nobody.detection.profile().owner,
                        .previous_contacts = {},
                        .leanings = {}},
                       now, nobody.cases, decision_);
  StageEnds(kDecide);
  metrics_.heartbeats.Add(record.partition, event_.occurred_at);
  return Done{};
}

void AccountDetection::TakeLabels(alerts::CaseFile& cases, Precision& precision) {
  const schemas::Feedback& said = *event_.feedback();
  metrics_.feedback[static_cast<size_t>(said.by)][static_cast<size_t>(said.verdict)].Add();
  if (said.verdict != schemas::FeedbackVerdict::kNone && !alerts::AnswersAny(cases, said))
    metrics_.feedback_unmatched[static_cast<size_t>(said.by)][AboutOf(said)].Add();
  if (alerts::Contradicts(cases, said, event_.occurred_at)) return;
  const auto changes = alerts::LabelFindings(said, cases);
  alerts::TakeAllowance(said, event_.occurred_at, rules_->allowed_for, cases);
  if (changes.empty()) return;
  const auto catalogue = detectors::Catalogue();
  for (const alerts::LabelChange& change : changes) {
    const auto known = std::ranges::find(catalogue, change.detector, &detectors::DetectorInfo::id);
    if (known == catalogue.end()) continue;
    auto& counts = metrics_.labels[static_cast<size_t>(known - catalogue.begin())];
    if (change.right > 0) counts.right.Add();
    if (change.wrong > 0) counts.wrong.Add();
  }
  for (const std::string_view detector : precision.Take(changes, event_.occurred_at, rules_->precision)) {
    const Precision::Counts& counts = precision.counts().find(detector)->second;
    LogLine(
        LogLevel::kWarning, "detector_in_shadow",
        std::string(detector) + " goes to shadow in a partition: " + std::to_string(counts.right) + " of " +
            std::to_string(counts.labels()) +
            " findings that people have judged were right, below its precision_floor; restored_at brings it "
            "back");
  }
}

void AccountDetection::Hush(const alerts::CaseFile& cases, const Precision& precision) {
  if (precision.any_demoted()) {
    for (size_t i = 0; i < result_.verdicts.size(); ++i) {
      if (!precision.IsDemoted(rules_->precision[i])) continue;
      metrics_.in_shadow[i].Set(1);
      detectors::Verdict& verdict = result_.verdicts[i];
      verdict.ScaleLeaning(0);
      if (!verdict.speaks()) continue;
      for (schemas::Claim& claim : verdict.claims()) claim.mode = schemas::Mode::kShadow;
    }
  }
  for (const uint8_t i : telling_) {
    detectors::Verdict& verdict = result_.verdicts[i];
    if (!verdict.speaks()) continue;
    for (schemas::Claim& claim : verdict.claims()) {
      const alerts::Allowance* const allowed = cases.AllowanceOf(claim, event_.occurred_at);
      if (allowed == nullptr) continue;
      claim.mode = schemas::Mode::kShadow;
      claim.evidence.push_back({"allowed_until", FormatRfc3339(allowed->until)});
      claim.evidence.push_back({"allowed_by_case", allowed->case_id});
    }
  }
}

std::vector<std::string_view> AccountDetection::TakeSubject(const Account& account) {
  auto* const feedback = std::get_if<schemas::Feedback>(&event_.payload);
  if (feedback == nullptr) return {};
  NameSubject(account.detection.money(), account.cases, *feedback);
  if (alerts::Contradicts(account.cases, *feedback, event_.occurred_at)) return {};
  return alerts::AnsweredCauses(account.cases, *feedback);
}

void AccountDetection::GatherTold() {
  claims_.clear();
  retractions_.clear();
  leanings_.clear();
  for (const uint8_t i : telling_) {
    detectors::Verdict& verdict = result_.verdicts[i];
    if (verdict.leaning() != 0) {
      const detectors::DetectorInfo& info = detectors::Catalogue()[i];
      leanings_.push_back({.detector = info.id, .family = info.family, .weight = verdict.leaning()});
    }
    if (!verdict.speaks()) continue;
    for (schemas::Claim& claim : verdict.claims()) claims_.push_back(std::move(claim));
    for (const schemas::Retraction& retraction : verdict.retractions()) retractions_.push_back(retraction);
  }
  for (schemas::Claim& claim : claims_)
    claim.evidence.insert(claim.evidence.end(), conditions_.begin(), conditions_.end());
}

void AccountDetection::Decide(Timestamp now, const std::optional<schemas::AccountProfile>& owner_before,
                              Account& account) {
  static const schemas::AccountProfile kNobody;
  const bool of_another = account.detection.profile().IsOfAnother(event_);
  const Timestamp detected_at = options_.detected_at_is_event ? event_.occurred_at : now;
  decision_.Clear();
  rules_->decider.Decide(
      {.event = event_,
       .claims = claims_,
       .retractions = retractions_,
       .owner = of_another ? kNobody : account.detection.profile().owner,
       .previous_contacts = of_another ? std::vector<schemas::Contact>()
                                       : account.detection.security().PreviousContacts(event_.occurred_at),
       .owner_before = owner_before && !of_another ? &*owner_before : nullptr,
       .leanings = leanings_},
      detected_at, account.cases, decision_);
}

void AccountDetection::Judge(Timestamp now, Account& account, PopulationState& counts, Outputs& outputs) {
  const Rules& rules = *rules_;
  counts.population.MoveTo(event_.occurred_at);
  const detectors::Population& population = counts.population.AsOf(event_.occurred_at);
  const std::vector<std::string_view> answered = TakeSubject(account);
  std::optional<detectors::AccountState> before;
  DetectionObserver* const observer = options_.observer;
  if (observer != nullptr && observer->WantsStateBefore(event_)) before = account.detection;
  measures_.clear();
  const schemas::AccountProfile& owner = account.detection.profile().OwnerAt(event_.occurred_at);
  std::optional<detectors::LimitTable> own_limits;
  // Of a login nothing but rates are asked, and they are everybody's.
  if (event_.login() == nullptr) own_limits = detectors::InOwnCurrencies(rules.limits, owner);
  const detectors::Context context{.population = population,
                                   .limits = own_limits ? *own_limits : rules.limits,
                                   .learning = rules.learning,
                                   .case_open = account.cases.HasToldCase(event_.occurred_at),
                                   .held_until = account.cases.HeldUntil(event_.occurred_at),
                                   .answered_causes = answered,
                                   .measures = before ? &measures_ : nullptr};
  const std::string_view country = event_.facts.place.country;
  const double country_share = observer == nullptr || country.empty() ? -1 : population.CountryShare(country);
  const double population_logins = observer == nullptr ? 0 : population.LoginsSeen();
  rules.DetectorsFor(event_.tenant, owner.tier).Evaluate(event_, account.detection, context, result_);
  Count();
  Hush(account.cases, counts.precision);
  conditions_.clear();
  if (!rules.profiles.empty() && result_.AnyAlert())
    AddConditions(rules.profiles, event_, account.detection, context, result_, conditions_);
  StageEnds(kDetect);
  if (event_.feedback() != nullptr) TakeLabels(account.cases, counts.precision);
  std::optional<schemas::AccountProfile> owner_before;
  const detectors::Profile& known = account.detection.profile();
  if (event_.profile() != nullptr && known.updated_at > kTimestampMin) owner_before = known.owner;
  detectors::Learn(event_, result_, context, account.detection,
                   counts.population.CountsOf(event_.occurred_at));
  StageEnds(kLearn);

  GatherTold();
  Decide(now, owner_before, account);
  PutOut(outputs);
  StageEnds(kDecide);
  if (observer == nullptr) return;
  observer->Saw({.event = event_,
                 .before = before ? &*before : nullptr,
                 .case_was_open = context.case_open,
                 .country_share = country_share,
                 .population_logins = population_logins,
                 .verdicts = result_,
                 .claims = claims_,
                 .retractions = retractions_,
                 .leanings = leanings_,
                 .decision = decision_,
                 .cases = account.cases,
                 .measures = measures_,
                 .precision = counts.precision,
                 .precision_rules = rules.precision});
}

void AccountDetection::Count() {
  const auto catalogue = detectors::Catalogue();
  const detectors::EventMask type = detectors::Mask(event_.type);
  telling_.clear();
  for (size_t i = 0; i < catalogue.size(); ++i) {
    if ((catalogue[i].events & type) == 0) continue;
    auto& counts = metrics_.verdicts[i];
    const detectors::Verdict& verdict = result_.verdicts[i];
    if (verdict.speaks() || verdict.leaning() != 0) telling_.push_back(static_cast<uint8_t>(i));
    switch (verdict.kind()) {
      case detectors::Verdict::Kind::kAlert:
        counts.alert.Add();
        break;
      case detectors::Verdict::Kind::kClear:
        counts.clear.Add();
        break;
      case detectors::Verdict::Kind::kNotEvaluable:
        counts.not_evaluable.Add();
        break;
    }
  }
  if (const int64_t at = ToMillis(event_.occurred_at);
      at > metrics_.last_event_millis.load(std::memory_order_relaxed)) {
    metrics_.last_event_millis.store(at, std::memory_order_relaxed);
  }
}

void AccountDetection::PutOut(Outputs& outputs) {
  for (const schemas::Finding& finding : decision_.findings) {
    outputs.Add(FindingRecord(finding));
    metrics_.findings_by_severity[static_cast<size_t>(finding.severity)].Add();
    if (finding.mode == schemas::Mode::kLive && finding.severity >= schemas::Severity::kHigh)
      outputs.urgent = true;
  }
  for (const schemas::Notice& notice : decision_.notices) {
    outputs.Add(schemas::ToRecord(notice));
    metrics_.notices_by_severity[static_cast<size_t>(notice.severity)].Add();
  }
  for (const schemas::Ticket& ticket : decision_.tickets) {
    outputs.Add(schemas::ToRecord(ticket));
    metrics_.tickets_by_operation[static_cast<size_t>(ticket.operation)][static_cast<size_t>(ticket.priority)]
        .Add();
  }
  for (const schemas::Action& action : decision_.actions) {
    outputs.Add(schemas::ToRecord(action));
    metrics_.actions_by_kind[static_cast<size_t>(action.action)].Add();
  }
  metrics_.findings.Add(decision_.findings.size());
  metrics_.notices.Add(decision_.notices.size());
  metrics_.tickets.Add(decision_.tickets.size());
  metrics_.actions.Add(decision_.actions.size());
  metrics_.notices_held.Add(static_cast<uint64_t>(decision_.notices_held));
  metrics_.notices_unaddressed.Add(static_cast<uint64_t>(decision_.notices_unaddressed));
  if (options_.verdict_lines) outputs.Add(VerdictLine(event_, result_, decision_));
}

schemas::OutRecord AccountDetection::FindingRecord(const schemas::Finding& finding) const {
  if (options_.findings_format == schemas::FindingFormat::kTocsin) return schemas::ToRecord(finding);
  const auto catalogue = detectors::Catalogue();
  const auto known = std::ranges::find(catalogue, finding.detector, &detectors::DetectorInfo::id);
  const alerts::RiskConfig& risk = rules_->risk;
  return schemas::ToOcsfRecord(finding,
                               {.title = known == catalogue.end() ? std::string_view() : known->title,
                                .event = &event_,
                                .medium_at = risk.medium_at,
                                .high_at = risk.high_at,
                                .critical_at = risk.critical_at});
}

void AccountDetection::Reject(const schemas::Record& record, const schemas::Rejection& rejection,
                              Outputs& outputs) {
  metrics_.dead_letters.Add();
  metrics_.dead_letters_by_reason[static_cast<size_t>(rejection.code)].Add();
  outputs.Add(schemas::ToRecord(schemas::ToDeadLetter(record, rejection)));
}

}  // namespace tocsin::daemon
