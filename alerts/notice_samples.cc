#include "alerts/notice_samples.h"

#include <algorithm>
#include <utility>

#include "alerts/notice_sample_reasons.h"
#include "alerts/reference.h"
#include "base/check.h"
#include "base/money.h"
#include "base/text.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::ActionKind;
using schemas::ChangeKind;
using schemas::EventType;
using schemas::Severity;
using schemas::TransactionKind;
using schemas::TransactionStatus;

namespace {

Timestamp SampleTime() {
  const std::optional<Timestamp> at = ParseRfc3339("2026-03-01T12:05:00+08:00");
  CHECK(at.has_value());
  return *at;
}

Timestamp Later(int hours) { return SampleTime() + std::chrono::hours(hours); }

// A sign-in that nobody looks at yet.
NoticeFacts Begin() {
  const std::optional<TimeZone> zone = TimeZone::Find("Asia/Shanghai");
  CHECK(zone.has_value());
  NoticeFacts facts;
  facts.brand = "Example Pay";
  facts.display_name = "Li Wei";
  facts.account = MaskId("acct-29487715");
  facts.reference = MakeReference("sample", SampleTime());
  facts.severity = Severity::kHigh;
  facts.zone = *zone;
  facts.ip = "203.0.113.*";
  facts.what = {.at = SampleTime(),
                .event_id = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
                .type = EventType::kLogin,
                .outcome = schemas::LoginOutcome::kSuccess,
                .place = "Bangkok, TH",
                .device = "Chrome on Windows"};
  facts.first_reply = std::chrono::hours(24);
  facts.link_me = "https://security.example.com/r/AQExIDAxMjM0NTY3";
  facts.link_not_me = "https://security.example.com/r/AQExIDAxMjM0NTY4";
  facts.links_until = Later(72);
  facts.support.phone = "+86 400 000 0000";
  facts.support.address = "help.example.com";
  facts.support.hours_en = "every day, 24 hours";
  facts.support.hours_zh = "全天 24 小时";
  return facts;
}

void SetPayment(NoticeFacts& facts, TransactionStatus status, int64_t minor,
                TransactionKind kind = TransactionKind::kTransfer) {
  facts.what.type = EventType::kTransaction;
  facts.what.outcome = schemas::LoginOutcome::kNone;
  facts.what.kind = kind;
  facts.what.direction = schemas::Direction::kOut;
  facts.what.status = status;
  facts.what.amount = {.minor = minor, .currency = *Currency::Find("CNY")};
  facts.what.place = "Kunming, CN";
  facts.payee = MaskId("payee-60219938");
  facts.sender.clear();
}

PaymentFact Payment(TransactionStatus status, int64_t minor,
                    schemas::Direction direction = schemas::Direction::kOut) {
  return {.said_at = SampleTime(),
          .kind = TransactionKind::kTransfer,
          .direction = direction,
          .status = status,
          .amount = {.minor = minor, .currency = *Currency::Find("CNY")},
          .other = MaskId("payee-60219938")};
}

Tally Sum(uint64_t payments, int64_t minor) {
  return {.payments = payments, .sums = {{.minor = minor, .currency = *Currency::Find("CNY")}}};
}

void SetNothingHeld(NoticeFacts& facts) {
  facts.held = 0;
  facts.left = {};
  facts.not_listed = {};
}

void SetReceived(NoticeFacts& facts, TransactionStatus status, int64_t minor) {
  SetPayment(facts, status, minor);
  facts.what.direction = schemas::Direction::kIn;
  facts.sender = std::exchange(facts.payee, {});
}

void SetChange(NoticeFacts& facts, ChangeKind change) {
  facts.what.type = EventType::kAccountChange;
  facts.what.outcome = schemas::LoginOutcome::kNone;
  facts.what.change = change;
}

void SetFailed(NoticeFacts& facts) { facts.what.outcome = schemas::LoginOutcome::kFailure; }

void SetTicket(NoticeFacts& facts) {
  facts.has_ticket = true;
  facts.reply_by = Later(24);
}

void SetRestricted(NoticeFacts& facts, std::vector<NoticeFacts::Done> done) {
  facts.done = std::move(done);
  facts.restricted = true;
  facts.review_by = Later(48);
}

void SetWithoutLinks(NoticeFacts& facts) { facts.link_me = facts.link_not_me = {}; }
void SetWithoutApp(NoticeFacts& facts) { facts.support.app_path = facts.support.app_path_zh = {}; }

NoticeFacts FormFacts(NoticeTemplate form) {
  NoticeFacts facts = Begin();
  switch (form) {
    case NoticeTemplate::kLoginNew:
      facts.severity = Severity::kLow;
      facts.reasons = {{"new_device", "Chrome on Windows", "iPhone 15 (iOS)"},
                       {"new_country", "Bangkok, TH", "Kunming, CN"}};
      break;
    case NoticeTemplate::kLoginSuspicious:
      facts.reasons = {{"impossible_travel", "Bangkok, TH", "Kunming, CN"},
                       {"guessed_in", "12 in 10 min", "< 5 in 180 min"}};
      facts.done = {{ActionKind::kStepUp, Later(24)}};
      SetTicket(facts);
      break;
    case NoticeTemplate::kTakeover:
      SetPayment(facts, TransactionStatus::kAuthorized, 6'800'000);
      facts.severity = Severity::kCritical;
      facts.reasons = {{"takeover_chain_money", "3 in 5 h", "< 2 in 72 h"},
                       {"takeover_stage_device", "5 h", ""},
                       {"takeover_stage_contact", "2 h", ""},
                       {"takeover_stage_payee", "12 min", ""}};
      SetRestricted(facts, {{ActionKind::kHoldTransaction, Later(48)}});
      SetTicket(facts);
      facts.held = 2;
      facts.left = Sum(2, 560'000);
      break;
    case NoticeTemplate::kMoney:
      SetPayment(facts, TransactionStatus::kCompleted, 26'800'000);
      facts.severity = Severity::kMedium;
      facts.reasons = {{"limit_breach", "CNY 268000.00 in 24 h", "limit daily-out: CNY 200000.00"},
                       {"unusual_amount", "CNY 268000.00", "CNY 1200.00"}};
      SetTicket(facts);
      break;
    case NoticeTemplate::kLimitApproach:
      SetPayment(facts, TransactionStatus::kCompleted, 4'000'000);
      facts.severity = Severity::kInfo;
      facts.reasons = {{"limit_approach", "CNY 168000.00 in 24 h", "limit daily-out: CNY 200000.00"}};
      break;
    case NoticeTemplate::kReported:
      facts.what = {.at = SampleTime(),
                    .event_id = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
                    .type = EventType::kFeedback,
                    .verdict = schemas::FeedbackVerdict::kNotMe,
                    .by = schemas::FeedbackBy::kOwner};
      facts.severity = Severity::kCritical;
      SetWithoutLinks(facts);
      facts.ip.clear();
      facts.reasons = {{"user_reported", "", ""}};
      SetRestricted(facts, {{ActionKind::kRevokeSessions, Later(24)}, {ActionKind::kFreeze, Later(48)}});
      SetTicket(facts);
      break;
    case NoticeTemplate::kDigest:
      facts.what = {.at = SampleTime()};
      facts.severity = Severity::kMedium;
      facts.ip.clear();
      facts.reasons = {
          {"new_device", "Firefox on Linux", "iPhone 15 (iOS)", Later(-20), 1},
          {"new_network", "AS64500 Example Telecom", "AS4134 Chinanet", Later(-19), 1},
          {"limit_breach", "CNY 268000.00 in 24 h", "limit daily-out: CNY 200000.00", Later(-9), 3}};
      facts.held = 2;
      facts.not_listed = {.others = 1, .uses = 1};
      break;
  }
  return facts;
}

// A digest of payments alone: what left, what is on its way, and what did not.
void SetPayments(NoticeFacts& facts) {
  facts.reasons = {
      {"takeover_chain_money", "6 in 19 min", "", Later(-20), 1,
       Payment(TransactionStatus::kCompleted, 6'800'000)},
      {"takeover_chain_money", "7 in 24 min", "", Later(-19), 1,
       Payment(TransactionStatus::kAuthorized, 4'200'000)},
      {"limit_probing", "3 in 24 h", "", Later(-18), 1, Payment(TransactionStatus::kDeclined, 5'200'000)},
      {"repeated_failure", "3 in 60 min", "", Later(-17), 1, Payment(TransactionStatus::kFailed, 90'000)},
      {"unusual_amount", "CNY 300.00", "CNY 20.00", Later(-16), 1,
       Payment(TransactionStatus::kReversed, 30'000)},
      {"high_risk_counterparty", "TH", "", Later(-15), 1,
       Payment(TransactionStatus::kCompleted, 6'800'000, schemas::Direction::kIn)}};
  SetNothingHeld(facts);
  facts.left = Sum(2, 11'000'000);
}

// … more of them than have room, in more currencies than a short text has.
void SetManyPayments(NoticeFacts& facts) {
  SetPayments(facts);
  facts.severity = Severity::kHigh;
  facts.held = 94;
  facts.left = Sum(42, 25'600'000);
  facts.not_listed = {{Sum(40, 14'600'000), {}, Sum(2, 90'000)}, 12, 4, 33};
  for (const char* const code : {"EUR", "GBP", "HKD", "JPY", "USD"}) {
    for (Tally* sum : {&facts.left, &facts.not_listed.money.left})
      sum->Add({.minor = 120'000, .currency = *Currency::Find(code)}, 1);
  }
}

// What changes the words of a form.
struct Situation {
  NoticeTemplate form;
  std::string_view name;
  void (*change)(NoticeFacts& facts);
};
constexpr Situation kSituations[] = {
    {NoticeTemplate::kLoginNew, "payment",
     [](NoticeFacts& facts) {
       SetPayment(facts, TransactionStatus::kCompleted, 26'800);
       facts.what.place = "Harbin, CN";
       facts.reasons = {{"new_region", "Harbin, CN", "Kunming, CN"}};
     }},
    {NoticeTemplate::kLoginNew, "change",
     [](NoticeFacts& facts) {
       SetChange(facts, ChangeKind::kDeviceTrusted);
       facts.reasons = {{"new_device", "Chrome on Windows", "iPhone 15 (iOS)"}};
     }},
    {NoticeTemplate::kLoginSuspicious, "refused",
     [](NoticeFacts& facts) {
       facts.display_name.clear();
       facts.reasons = {{"new_device_refused", "Chrome on Windows", "iPhone 15 (iOS)"}};
     }},
    {NoticeTemplate::kLoginSuspicious, "failure",
     [](NoticeFacts& facts) {
       SetFailed(facts);
       facts.severity = Severity::kMedium;
       facts.reasons = {{"password_guessing_distributed", "40 in 60 min", "< 10 in 60 min"}};
       facts.done.clear();
       SetWithoutApp(facts);  // Support has a telephone first of all.
     }},
    {NoticeTemplate::kLoginSuspicious, "prompts",
     [](NoticeFacts& facts) {
       facts.severity = Severity::kCritical;
       facts.reasons = {{"mfa_fatigue_approved", "5 in 10 min", "< 5 in 10 min"}};
       SetRestricted(facts, {{ActionKind::kFreeze, Later(48)}});
     }},
    {NoticeTemplate::kLoginSuspicious, "payment",
     [](NoticeFacts& facts) {
       SetPayment(facts, TransactionStatus::kCompleted, 26'800);
       facts.reasons = {{"session_moved_place", "Bangkok, TH", "Kunming, CN"}};
     }},
    {NoticeTemplate::kLoginSuspicious, "change",
     [](NoticeFacts& facts) {
       SetChange(facts, ChangeKind::kMfaDisabled);
       facts.reasons = {{"second_factor_removed_device", "", ""}};
       facts.reply_by.reset();  // The time for it is over.
       SetWithoutApp(facts);
       facts.support.phone.clear();
     }},
    {NoticeTemplate::kTakeover, "without_links", SetWithoutLinks},
    {NoticeTemplate::kTakeover, "change",
     [](NoticeFacts& facts) {
       facts.payee.clear();
       facts.what = Begin().what;
       SetChange(facts, ChangeKind::kEmailChanged);
       facts.reasons.front() = {"takeover_chain", "3 in 5 h", "< 3 in 72 h"};
       SetRestricted(facts, {{ActionKind::kRevokeSessions, Later(24)}, {ActionKind::kLimit, Later(48)}});
       facts.held = 1;
       facts.left = {};
     }},
    // The platform has frozen it, and nothing says until when.
    {NoticeTemplate::kTakeover, "frozen",
     [](NoticeFacts& facts) {
       facts.payee.clear();
       facts.what = Begin().what;
       facts.reasons.front() = {"takeover_chain", "3 in 5 h", "< 3 in 72 h"};
       facts.done = {{ActionKind::kStepUp, Later(24)}};
       facts.frozen = true;
       facts.review_by.reset();
       SetNothingHeld(facts);
     }},
    {NoticeTemplate::kMoney, "held",
     [](NoticeFacts& facts) {
       SetPayment(facts, TransactionStatus::kAuthorized, 26'800'000, TransactionKind::kWithdrawal);
       facts.severity = Severity::kHigh;
       SetRestricted(
           facts, {{ActionKind::kHoldTransaction, Later(48)}, {ActionKind::kHoldTransaction, Later(36), 3}});
     }},
    {NoticeTemplate::kMoney, "declined",
     [](NoticeFacts& facts) {
       SetPayment(facts, TransactionStatus::kDeclined, 26'800'000, TransactionKind::kPayment);
       facts.reasons = {{"limit_probing_steps", "CNY 268000.00", ""}};
     }},
    {NoticeTemplate::kMoney, "failed",
     [](NoticeFacts& facts) {
       SetPayment(facts, TransactionStatus::kFailed, 26'800'000, TransactionKind::kTopUp);
       facts.payee.clear();
       facts.reasons = {{"card_testing_cards", "3 in 60 min", ""}};
     }},
    {NoticeTemplate::kMoney, "reversed",
     [](NoticeFacts& facts) { SetPayment(facts, TransactionStatus::kReversed, 26'800'000); }},
    {NoticeTemplate::kMoney, "received",
     [](NoticeFacts& facts) {
       SetReceived(facts, TransactionStatus::kCompleted, 26'800'000);
       facts.reasons = {{"high_risk_counterparty", "TH", ""}};
     }},
    {NoticeTemplate::kLimitApproach, "office_hours", [](NoticeFacts& facts) { facts.office_hours = true; }},
    {NoticeTemplate::kReported, "confirmed",
     [](NoticeFacts& facts) {
       facts.what.verdict = schemas::FeedbackVerdict::kConfirmedFraud;
       facts.what.by = schemas::FeedbackBy::kAnalyst;
       facts.reasons = {{"confirmed_fraud", "", ""}};
     }},
    // What could not be told when it happened.
    {NoticeTemplate::kDigest, "grave",
     [](NoticeFacts& facts) {
       facts.severity = Severity::kCritical;
       facts.reasons = {{"user_reported", "", "", Later(-20), 1},
                        {"confirmed_fraud", "", "", Later(-10), 1},
                        {"unusual_amount", "CNY 68000.00", "CNY 1200.00", Later(-9), 1,
                         Payment(TransactionStatus::kCompleted, 6'800'000)}};
       facts.held = 3;
       facts.left = Sum(2, 6'850'000);
       facts.not_listed = {{Sum(1, 50'000), {}, Sum(1, 20'000)}, 0, 1, 0};
       SetRestricted(facts, {{ActionKind::kFreeze, Later(48)}});
       SetTicket(facts);
     }},
    {NoticeTemplate::kDigest, "payments", SetPayments},
    {NoticeTemplate::kDigest, "many", SetManyPayments},
    {NoticeTemplate::kReported, "late", [](NoticeFacts& facts) { facts.reply_by.reset(); }},
};

ChangeKind ChangeOf(std::string_view reason) {
  if (reason.ends_with("_payee")) return ChangeKind::kPayeeAdded;
  if (reason.ends_with("_limit")) return ChangeKind::kLimitChanged;
  if (reason.ends_with("_contact")) return ChangeKind::kEmailChanged;
  return ChangeKind::kMfaMethodRemoved;
}

void SetEvent(NoticeFacts& facts, const SampleReason& reason) {
  facts.what = Begin().what;
  facts.payee.clear();
  const Result<Money> amount = ParseMoney(reason.observed);
  const int64_t minor = amount ? amount->minor : 6'800'000;
  switch (reason.event) {
    case SampleEvent::kLogin:
      break;
    case SampleEvent::kFailedLogin:
      SetFailed(facts);
      break;
    case SampleEvent::kPayment:
      SetPayment(facts, TransactionStatus::kCompleted, minor);
      break;
    case SampleEvent::kStuck:
      SetPayment(
          facts, TransactionStatus::kAuthorized, minor,
          reason.code == "stuck_withdrawal" ? TransactionKind::kWithdrawal : TransactionKind::kTransfer);
      break;
    case SampleEvent::kDeclined:
      SetPayment(facts, TransactionStatus::kDeclined, minor);
      break;
    case SampleEvent::kReceived:
      SetReceived(facts, TransactionStatus::kCompleted, 6'800'000);
      break;
    case SampleEvent::kChange:
      SetChange(facts, ChangeOf(reason.code));
      break;
  }
  const std::string_view observed = reason.observed;
  if (observed.size() > 4 && observed.substr(observed.size() - 4, 2) == ", ") facts.what.place = observed;
  if (observed.ends_with(")") || observed.find(" on ") != std::string_view::npos)
    facts.what.device = observed;
}

// The message that the reason leads.
NoticeSample OfReason(const SampleReason& reason) {
  NoticeTemplate form = TemplateOf(reason.code, reason.family);
  // The message about a report says it without a reason; the digest of whoever could not be told has it.
  if (form == NoticeTemplate::kReported) form = NoticeTemplate::kDigest;
  // What is grave is not called new.
  if (reason.code == "new_device_refused") form = NoticeTemplate::kLoginSuspicious;
  NoticeFacts facts = FormFacts(form);
  if (form != NoticeTemplate::kDigest) SetEvent(facts, reason);
  facts.reasons = {{.code = std::string(reason.code),
                    .observed = std::string(reason.observed),
                    .usual = std::string(reason.usual),
                    .at = SampleTime()}};
  facts.done.clear();
  facts.restricted = false;
  facts.review_by.reset();
  SetNothingHeld(facts);
  return {"reason." + std::string(reason.code), form, std::move(facts)};
}

std::vector<NoticeSample> MakeSamples() {
  std::vector<NoticeSample> samples;
  for (const NoticeTemplate form : kNoticeTemplates)
    samples.push_back({std::string(Name(form)), form, FormFacts(form)});
  for (const Situation& situation : kSituations) {
    NoticeFacts facts = FormFacts(situation.form);
    situation.change(facts);
    samples.push_back({std::string(Name(situation.form)) + "." + std::string(situation.name), situation.form,
                       std::move(facts)});
  }
  for (const SampleReason& reason : SampleReasons()) samples.push_back(OfReason(reason));
  for (const auto& [change, name] : schemas::EnumNames<ChangeKind>()) {
    NoticeFacts facts = FormFacts(NoticeTemplate::kLoginSuspicious);
    SetChange(facts, change);
    facts.reasons = {{"unusual_hour", "03:00", ""}};
    samples.push_back({"change." + std::string(name), NoticeTemplate::kLoginSuspicious, std::move(facts)});
  }
  for (const auto& [kind, name] : schemas::EnumNames<TransactionKind>()) {
    NoticeFacts facts = FormFacts(NoticeTemplate::kMoney);
    SetPayment(facts, TransactionStatus::kCompleted, 6'800'000, kind);
    facts.reasons = {{"unusual_amount", "CNY 68000.00", "CNY 1200.00"}};
    samples.push_back({"kind." + std::string(name), NoticeTemplate::kMoney, std::move(facts)});
  }
  for (const auto& [status, name] : schemas::EnumNames<TransactionStatus>()) {
    if (status == TransactionStatus::kCompleted) continue;  // That is money.received.
    NoticeFacts facts = FormFacts(NoticeTemplate::kMoney);
    SetReceived(facts, status, 6'800'000);
    facts.reasons = {{"high_risk_counterparty", "TH", ""}};
    samples.push_back({"received." + std::string(name), NoticeTemplate::kMoney, std::move(facts)});
  }
  return samples;
}

}  // namespace

const std::vector<NoticeSample>& NoticeSamples() {
  static const auto& samples = *new std::vector<NoticeSample>(MakeSamples());
  return samples;
}

const NoticeSample* FindSample(std::string_view name) {
  const auto found = std::ranges::find(NoticeSamples(), name, &NoticeSample::name);
  return found == NoticeSamples().end() ? nullptr : &*found;
}

NoticeFacts SampleFacts(NoticeTemplate form) { return FindSample(Name(form))->facts; }

}  // namespace tocsin::alerts
