#include "alerts/notice_facts.h"

#include <array>

#include "alerts/reference.h"
#include "base/check.h"
#include "base/money.h"
#include "base/text.h"

namespace tocsin::alerts {

using schemas::Family;

namespace {

constexpr std::array<std::string_view, 7> kNames = {"login_new",      "login_suspicious", "takeover", "money",
                                                    "limit_approach", "reported",         "digest"};

bool StartsWithAny(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (text.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

std::string_view Name(NoticeTemplate form) { return kNames[static_cast<size_t>(form)]; }

std::optional<NoticeTemplate> TemplateFromName(std::string_view name) {
  for (const NoticeTemplate form : kNoticeTemplates) {
    if (Name(form) == name) return form;
  }
  return std::nullopt;
}

NoticeTemplate TemplateOf(std::string_view reason, Family family) {
  if (StartsWithAny(reason, {"new_country", "new_network", "new_device", "new_region"}))
    return NoticeTemplate::kLoginNew;
  // Not yet a takeover in progress; the takeover's own words stay for what is one.
  if (reason.starts_with("cooling_off_transfer")) return NoticeTemplate::kMoney;
  if (StartsWithAny(reason, {"sensitive_burst", "cooling_off"})) return NoticeTemplate::kLoginSuspicious;
  if (reason == "limit_approach") return NoticeTemplate::kLimitApproach;
  switch (family) {
    case Family::kTakeover:
      return NoticeTemplate::kTakeover;
    case Family::kLimit:
    case Family::kMoney:
      return NoticeTemplate::kMoney;
    case Family::kReport:
      return NoticeTemplate::kReported;
    case Family::kLocation:
    case Family::kDevice:
    case Family::kCredential:
    case Family::kRarity:
      break;
  }
  return NoticeTemplate::kLoginSuspicious;
}

NoticeFacts SampleFacts(NoticeTemplate form) {
  const std::optional<Timestamp> when = ParseRfc3339("2026-03-01T12:05:00+08:00");
  const std::optional<TimeZone> zone = TimeZone::Find("Asia/Shanghai");
  CHECK(when.has_value() && zone.has_value());
  const Timestamp at = *when;
  const auto hours = [at](int count) { return at + std::chrono::hours(count); };
  NoticeFacts facts;
  facts.brand = "Example Pay";
  facts.display_name = "Li Wei";
  facts.account = MaskId("acct-29487715");
  facts.reference = MakeReference("sample", at);
  facts.severity = schemas::Severity::kHigh;
  facts.zone = *zone;
  facts.ip = "203.0.113.*";
  facts.what = {.at = at,
                .event_id = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
                .type = schemas::EventType::kLogin,
                .outcome = schemas::LoginOutcome::kSuccess,
                .place = "Bangkok, TH",
                .device = "Chrome on Windows"};
  facts.first_reply = std::chrono::hours(24);
  facts.link_me = "https://security.example.com/r/AQExIDAxMjM0NTY3";
  facts.link_not_me = "https://security.example.com/r/AQExIDAxMjM0NTY4";
  facts.links_until = hours(72);
  facts.support.phone = "+86 400 000 0000";
  facts.support.address = "help.example.com";
  facts.support.hours_en = "every day, 24 hours";
  facts.support.hours_zh = "全天 24 小时";

  const auto payment = [&](schemas::TransactionStatus status, int64_t minor) {
    facts.what.type = schemas::EventType::kTransaction;
    facts.what.kind = schemas::TransactionKind::kTransfer;
    facts.what.direction = schemas::Direction::kOut;
    facts.what.status = status;
    facts.what.amount = {.minor = minor, .currency = *Currency::Find("CNY")};
    facts.what.place = "Kunming, CN";
    facts.payee = MaskId("payee-60219938");
  };
  switch (form) {
    case NoticeTemplate::kLoginNew:
      facts.severity = schemas::Severity::kLow;
      facts.reasons = {{"new_device", "Chrome on Windows", "iPhone 15 (iOS)"},
                       {"new_country", "Bangkok, TH", "Kunming, CN"}};
      break;
    case NoticeTemplate::kLoginSuspicious:
      facts.reasons = {{"impossible_travel", "Bangkok, TH", "Kunming, CN"},
                       {"guessed_in", "12 in 10 min", "< 5 in 180 min"}};
      facts.done = {{schemas::ActionKind::kStepUp, hours(24)}};
      facts.has_ticket = true;
      facts.reply_by = hours(24);
      break;
    case NoticeTemplate::kTakeover:
      payment(schemas::TransactionStatus::kAuthorized, 6'800'000);
      facts.severity = schemas::Severity::kCritical;
      facts.reasons = {{"takeover_chain_money", "3 in 5 h", "< 2 in 72 h"},
                       {"takeover_stage_device", "5 h", ""},
                       {"takeover_stage_contact", "2 h", ""},
                       {"takeover_stage_payee", "12 min", ""}};
      facts.done = {{schemas::ActionKind::kHoldTransaction, hours(48)}};
      facts.has_ticket = true;
      facts.reply_by = hours(24);
      facts.restricted = true;
      facts.review_by = hours(48);
      facts.held = 2;
      break;
    case NoticeTemplate::kMoney:
      payment(schemas::TransactionStatus::kCompleted, 26'800'000);
      facts.severity = schemas::Severity::kMedium;
      facts.reasons = {{"limit_breach", "CNY 268000.00 in 24 h", "limit daily-out: CNY 200000.00"},
                       {"unusual_amount", "CNY 268000.00", "CNY 1200.00"}};
      facts.has_ticket = true;
      facts.reply_by = hours(24);
      break;
    case NoticeTemplate::kLimitApproach:
      payment(schemas::TransactionStatus::kCompleted, 4'000'000);
      facts.severity = schemas::Severity::kInfo;
      facts.reasons = {{"limit_approach", "CNY 168000.00 in 24 h", "limit daily-out: CNY 200000.00"}};
      break;
    case NoticeTemplate::kReported:
      facts.what = {.at = at,
                    .event_id = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
                    .type = schemas::EventType::kFeedback,
                    .verdict = schemas::FeedbackVerdict::kNotMe,
                    .by = schemas::FeedbackBy::kOwner};
      facts.severity = schemas::Severity::kCritical;
      facts.link_me.clear();
      facts.link_not_me.clear();
      facts.ip.clear();
      facts.reasons = {{"user_reported", "", ""}};
      facts.done = {{schemas::ActionKind::kRevokeSessions, hours(24)},
                    {schemas::ActionKind::kFreeze, hours(48)}};
      facts.has_ticket = true;
      facts.reply_by = hours(24);
      facts.restricted = true;
      facts.review_by = hours(48);
      break;
    case NoticeTemplate::kDigest:
      facts.what = {.at = at};
      facts.severity = schemas::Severity::kMedium;
      facts.ip.clear();
      facts.reasons = {
          {"new_device", "Firefox on Linux", "iPhone 15 (iOS)", hours(-20), 1},
          {"new_network", "AS64500 Example Telecom", "AS4134 Chinanet", hours(-19), 1},
          {"limit_breach", "CNY 268000.00 in 24 h", "limit daily-out: CNY 200000.00", hours(-9), 3}};
      facts.held = 2;
      break;
  }
  return facts;
}

}  // namespace tocsin::alerts
