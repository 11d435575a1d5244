#include "alerts/notice_words.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "alerts/event_text.h"
#include "alerts/localize.h"
#include "alerts/money_out.h"
#include "alerts/owner_text.h"
#include "alerts/sms.h"
#include "alerts/value_text.h"
#include "base/text.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::EventType;

namespace {
constexpr size_t kReasonsMax = 6;

// Another reason of the message says more of the same: that a device is new, beside that it is rare.
bool IsSaid(std::string_view code, const std::vector<NoticeFacts::Reason>& reasons) {
  struct Row {
    std::string_view code;
    std::string_view by;  // What begins so.
  };
  static constexpr Row kRows[] = {
      {"login_rare_device", "new_device"},   {"login_rare_place", "new_country"},
      {"login_rare_place", "new_region"},    {"login_rare_place", "impossible_travel"},
      {"login_rare_network", "new_network"}, {"login_rare_network", "anonymous_"},
      {"login_rare_address", "new_network"}, {"login_rare_address", "anonymous_"},
      {"new_network_class", "anonymous_"},   {"new_network", "anonymous_"}};
  return std::ranges::any_of(kRows, [&](const Row& row) {
    const auto says = [&](const NoticeFacts::Reason& reason) { return reason.code.starts_with(row.by); };
    return row.code == code && std::ranges::any_of(reasons, says);
  });
}

}  // namespace

std::string NoticeWords::Subject() const {
  std::string key = "subject." + std::string(Name(form_));
  const std::string variant = key + std::string(Variant());
  if (messages_.Has(variant)) key = variant;
  return messages_.Text(locale_, MessageKey::Of(key), {{"brand", facts_.brand}});
}

std::string NoticeWords::Greeting() const {
  if (facts_.display_name.empty()) return Say("greeting.unnamed");
  return messages_.Text(locale_, "greeting", {{"name", facts_.display_name}});
}

std::vector<std::string> NoticeWords::What() const {
  std::vector<std::string> lines;
  if (form_ == NoticeTemplate::kDigest) {
    lines.push_back(messages_.Text(locale_, "what.digest", {{"brand", facts_.brand}}));
    if (facts_.left.payments > 1)
      lines.push_back(messages_.Text(
          locale_, "digest.total",
          {{"count", std::to_string(facts_.left.payments)}, {"sums", SumsText(locale_, facts_.left)}}));
    return lines;
  }
  if (form_ == NoticeTemplate::kTakeover)
    lines.push_back(messages_.Text(locale_, "what.takeover", {{"brand", facts_.brand}}));
  lines.push_back(EventSentence());
  return lines;
}

std::vector<std::string> NoticeWords::Reasons() const {
  std::vector<std::string> sentences;
  if (form_ == NoticeTemplate::kReported) return sentences;  // The owner's own words are not news to them.
  if (form_ == NoticeTemplate::kDigest) {
    std::vector<uint64_t> said;  // A payment that several lines are about is told in the first of them.
    for (const NoticeFacts::Reason& reason : facts_.reasons) {
      const bool again = reason.payment && std::ranges::find(said, reason.payment->key) != said.end();
      sentences.push_back(DigestLine(reason, reason.payment && !again));
      if (reason.payment && reason.payment->key != 0) said.push_back(reason.payment->key);
    }
    if (std::string rest = NotListedText(); !rest.empty()) sentences.push_back(std::move(rest));
    return sentences;
  }
  for (const NoticeFacts::Reason& reason : facts_.reasons) {
    if (IsSaid(reason.code, facts_.reasons)) continue;
    std::string sentence =
        ReasonSentence(locale_, reason.code, reason.observed, reason.usual, Reader::kOwner);
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(std::move(sentence));
    if (sentences.size() == kReasonsMax) break;
  }
  return sentences;
}

std::string NoticeWords::NotListedText() const {
  const NotListed& rest = facts_.not_listed;
  std::string kinds;
  const auto add = [&](MessageKey key, uint64_t count, const std::string& sums) {
    if (count == 0) return;
    if (!kinds.empty()) kinds += Say("digest.more.and");
    kinds += messages_.Text(locale_, key, {{"count", std::to_string(count)}, {"sums", sums}});
  };
  add("digest.more.left", rest.money.left.payments, SumsText(locale_, rest.money.left));
  add("digest.more.back", rest.money.back.payments, SumsText(locale_, rest.money.back));
  add("digest.more.others", rest.others, {});
  add("digest.more.takeovers", rest.takeovers, {});
  add("digest.more.uses", rest.uses, {});
  return kinds.empty() ? kinds : messages_.Text(locale_, "digest.more", {{"kinds", kinds}});
}

std::string NoticeWords::DigestLine(const NoticeFacts::Reason& reason, bool payment) const {
  const std::string times =
      reason.times > 1 ? messages_.Text(locale_, "digest.times", {{"count", std::to_string(reason.times)}})
                       : std::string();
  return messages_.Text(
      locale_, "digest.line",
      {{"when", Until(reason.at)},
       {"what", ReasonSentence(locale_, reason.code, reason.observed, reason.usual, Reader::kOwner)},
       {"payment", payment ? PaymentText(*reason.payment) : std::string()},
       {"times", times}});
}

std::string NoticeWords::PaymentText(const PaymentFact& payment) const {
  const auto status = payment.status == schemas::TransactionStatus::kNone
                          ? schemas::TransactionStatus::kAuthorized
                          : payment.status;
  const bool in = payment.direction == schemas::Direction::kIn;
  return messages_.Text(locale_, MessageKey::Of("digest.payment." + std::string(schemas::Name(status))),
                        {{"kind", Kind(payment.kind)},
                         {"amount", FormatMoneyFor(locale_, payment.amount)},
                         {"payee", in ? std::string() : payment.other},
                         {"sender", in ? payment.other : std::string()}});
}

std::string NoticeWords::Kind(schemas::TransactionKind kind) const {
  if (kind == schemas::TransactionKind::kNone) kind = schemas::TransactionKind::kPayment;
  return Say(MessageKey::Of("kind." + std::string(schemas::Name(kind))));
}

std::string NoticeWords::When() const { return FormatDateTime(locale_, facts_.what.at, facts_.zone); }

std::string NoticeWords::Until(Timestamp at) const { return FormatShortDateTime(locale_, at, facts_.zone); }

std::string NoticeWords::Place() const { return LocalizePlace(locale_, CleanText(facts_.what.place)); }

std::string NoticeWords::Device() const { return LocalizeDevice(locale_, OwnerText(facts_.what.device)); }

std::string NoticeWords::Amount() const {
  return facts_.what.type == EventType::kTransaction ? FormatMoneyFor(locale_, facts_.what.amount)
                                                     : std::string();
}

std::string NoticeWords::Where() const {
  const std::string place = Place();
  return place.empty() ? place : messages_.Text(locale_, "where.approximate", {{"place", place}});
}

std::vector<std::pair<std::string, std::string>> NoticeWords::Rows() const {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&](MessageKey key, std::string value) {
    if (!value.empty()) rows.emplace_back(Say(key), std::move(value));
  };
  if (form_ != NoticeTemplate::kDigest) add("label.when", When());
  add("label.where", Where());
  add("label.device", Device());
  add("label.ip", facts_.ip);
  add("label.amount", Amount());
  add("label.payee", facts_.payee);
  add("label.sender", facts_.sender);
  add("label.account", facts_.account);
  add("label.reference", facts_.reference);
  return rows;
}

std::vector<std::string> NoticeWords::Done() const {
  std::vector<std::string> sentences;
  if (facts_.frozen) sentences.push_back(Say("done.frozen"));
  for (const NoticeFacts::Done& done : facts_.done) {
    if (done.action == schemas::ActionKind::kFreeze && facts_.frozen) continue;
    // What is not a sign-in is not stopped by it.
    const bool session = done.action == schemas::ActionKind::kStepUp && facts_.what.type != EventType::kLogin;
    const std::string key = "done." + std::string(schemas::Name(done.action)) +
                            (done.others > 0 ? ".others"
                             : session       ? ".session"
                                             : "");
    sentences.push_back(
        messages_.Text(locale_, MessageKey::Of(key),
                       {{"until", Until(done.until)}, {"count", std::to_string(done.others)}}));
  }
  if (sentences.empty()) sentences.push_back(Say("done.none"));
  return sentences;
}

std::string NoticeWords::Review() const {
  if (!facts_.restricted) return {};
  if (!facts_.review_by) return messages_.Text(locale_, "review.open", {{"reference", facts_.reference}});
  return messages_.Text(locale_, "review",
                        {{"by", Until(*facts_.review_by)}, {"reference", facts_.reference}});
}

bool NoticeWords::has_links() const { return !facts_.link_me.empty() && !facts_.link_not_me.empty(); }

std::string NoticeWords::AnswerIntro() const { return Say("answer.intro"); }

std::string NoticeWords::AnswerNote() const {
  return messages_.Text(locale_, "answer.note", {{"until", Until(facts_.links_until)}});
}

std::string NoticeWords::AnswerWithoutLink() const {
  const MessageKey key = facts_.IsOwnersReport() ? MessageKey("answer.reported")
                         : facts_.IsReport()     ? MessageKey("answer.confirmed")
                                                 : MessageKey("answer.without_link");
  return messages_.Text(locale_, key, {{"reference", facts_.reference}});
}

std::vector<std::string> NoticeWords::Now() const {
  std::vector<std::string> steps;
  // Money that is still on its way may be stopped.
  const bool first = MoneyLeft();
  if (first)
    steps.push_back(Say(has_links() ? MessageKey("now.first") : MessageKey("now.first.without_link")));
  if (form_ == NoticeTemplate::kTakeover || form_ == NoticeTemplate::kReported)
    steps.push_back(Say("now.contacts"));
  const auto of_prompts = [](const NoticeFacts::Reason& reason) {
    return reason.code.starts_with("mfa_fatigue");
  };
  if (std::ranges::any_of(facts_.reasons, of_prompts)) steps.push_back(Say("now.deny"));
  for (const MessageKey key :
       std::initializer_list<MessageKey>{"now.look", "now.password", "now.second_factor"})
    steps.push_back(Say(key));
  if (!first) steps.push_back(Say("now.support"));
  return steps;
}

std::string NoticeWords::Next() const {
  if (facts_.reply_by)
    return messages_.Text(
        locale_, form_ == NoticeTemplate::kReported ? MessageKey("next.reported") : MessageKey("next.ticket"),
        {{"by", Until(*facts_.reply_by)}});
  if (facts_.has_ticket) return messages_.Text(locale_, "next.person", {{"reference", facts_.reference}});
  const std::string hours = std::to_string(std::chrono::ceil<std::chrono::hours>(facts_.first_reply).count());
  const std::string time = messages_.Text(
      locale_, facts_.office_hours ? MessageKey("time.office_hours") : MessageKey("time.hours"),
      {{"count", hours}});
  const bool limit = form_ == NoticeTemplate::kLimitApproach;
  return messages_.Text(locale_, limit ? MessageKey("next.limit") : MessageKey("next.no_ticket"),
                        {{"time", time}});
}

std::string NoticeWords::Held() const {
  if (facts_.held == 0) return {};
  const std::string count = std::to_string(facts_.left.payments);
  const std::string money =
      facts_.left.payments == 0
          ? std::string()
          : messages_.Text(locale_, "digest.more.left",
                           {{"count", count}, {"sums", SumsText(locale_, facts_.left)}});
  return messages_.Text(locale_, "held", {{"count", std::to_string(facts_.held)}, {"money", money}});
}

std::vector<std::string> NoticeWords::Channels() const {
  std::vector<std::string> lines;
  const SupportConfig& support = facts_.support;
  if (!AppPath().empty()) lines.push_back(messages_.Text(locale_, "reach.app", {{"path", AppPath()}}));
  if (!support.phone.empty()) {
    lines.push_back(
        messages_.Text(locale_, "reach.phone", {{"name", SupportName()}, {"phone", support.phone}}));
  }
  if (!support.address.empty())
    lines.push_back(messages_.Text(locale_, "reach.address", {{"address", support.address}}));
  const std::string& hours = locale_ == Locale::kZhCn ? support.hours_zh : support.hours_en;
  if (!hours.empty()) lines.push_back(messages_.Text(locale_, "reach.hours", {{"hours", hours}}));
  return lines;
}

std::string NoticeWords::Short() const {
  const bool chinese = locale_ == Locale::kZhCn;
  const auto fits = [chinese](const std::string& text) {
    const std::optional<size_t> gsm = GsmLength(text);
    return gsm ? *gsm <= kGsmPartMax : chinese && Ucs2Length(text) <= kUcs2TwoPartsMax;
  };
  // Where the place, the warning or the sums find no room, they stand in the whole message alone.
  std::string text;
  for (const bool sums : {true, false}) {
    for (const auto& [place, never] : {std::pair(true, true), {true, false}, {false, true}, {false, false}}) {
      text = ShortWith(place, never, sums);
      if (fits(text)) return text;
    }
  }
  return text;
}

std::string NoticeWords::ShortWith(bool place, bool never, bool sums) const {
  const SupportConfig& support = facts_.support;
  const auto [way, value] = !AppPath().empty()       ? std::pair(MessageKey("short.open"), AppPath())
                            : !support.phone.empty() ? std::pair(MessageKey("short.call"), support.phone)
                                                     : std::pair(MessageKey("short.visit"), support.address);
  std::string what = "short.what." + std::string(alerts::Name(form_));
  if (const std::string variant = what + std::string(Variant()); messages_.Has(variant)) what = variant;
  const bool digest = form_ == NoticeTemplate::kDigest;
  std::string status;
  if (facts_.what.type == EventType::kTransaction &&
      facts_.what.status != schemas::TransactionStatus::kNone) {
    const std::string in = facts_.what.direction == schemas::Direction::kIn ? ".in" : "";
    status = Say(MessageKey::Of("short.status." + std::string(schemas::Name(facts_.what.status)) + in));
  }
  std::string amount = Amount();
  if (digest && facts_.left.payments > 0) {
    const std::string said = sums ? SumsText(locale_, facts_.left) : std::string();
    amount = messages_.Text(locale_, said.empty() ? MessageKey("short.sent.count") : MessageKey("short.sent"),
                            {{"count", std::to_string(facts_.left.payments)}, {"sums", said}});
  }
  return messages_.Text(
      locale_, form_ == NoticeTemplate::kReported ? MessageKey("short.reported") : MessageKey("short"),
      {{"brand", facts_.brand},
       {"what", Say(MessageKey::Of(what))},
       {"when", digest ? std::string() : FormatDayTime(locale_, facts_.what.at, facts_.zone)},
       {"amount", amount},
       {"status", status},
       {"place", place ? Place() : std::string()},
       {"contact", messages_.Text(locale_, way, {{"way", value}})},
       {"reference", facts_.reference},
       {"never", never ? Say("short.never") : std::string()}});
}

std::string NoticeWords::Say(MessageKey key) const { return messages_.Text(locale_, key); }

std::string NoticeWords::Never() const { return messages_.Text(locale_, "never", {{"brand", facts_.brand}}); }

std::string NoticeWords::Footer() const {
  return messages_.Text(locale_, "footer", {{"reference", facts_.reference}});
}

bool NoticeWords::MoneyLeft() const {
  const auto left = [](const NoticeFacts::Reason& reason) {
    return reason.payment && reason.payment->leaves();
  };
  if (facts_.left.payments > 0 || std::ranges::any_of(facts_.reasons, left)) return true;
  return facts_.what.type == EventType::kTransaction && Leaves(facts_.what.direction, facts_.what.status);
}

std::string_view NoticeWords::Variant() const {
  if (form_ == NoticeTemplate::kDigest) return facts_.severity >= schemas::Severity::kHigh ? ".grave" : "";
  switch (facts_.what.type) {
    case EventType::kLogin:
      return facts_.what.outcome == schemas::LoginOutcome::kFailure ? ".failure" : "";
    case EventType::kTransaction:
      return ".payment";
    case EventType::kAccountChange:
      return ".change";
    case EventType::kFeedback:
      return facts_.what.verdict == schemas::FeedbackVerdict::kConfirmedFraud ? ".confirmed" : "";
    case EventType::kAccountProfile:
      break;
  }
  return "";
}

std::string NoticeWords::EventSentence() const {
  const TimelineItem& what = facts_.what;
  const Argument brand{"brand", facts_.brand};
  switch (what.type) {
    case EventType::kLogin: {
      const bool failed = what.outcome == schemas::LoginOutcome::kFailure;
      return messages_.Text(
          locale_, failed ? MessageKey("what.login.failure") : MessageKey("what.login.success"), {brand});
    }
    case EventType::kTransaction: {
      const auto status = what.status == schemas::TransactionStatus::kNone
                              ? schemas::TransactionStatus::kAuthorized
                              : what.status;
      const std::string in = what.direction == schemas::Direction::kIn ? ".in" : "";
      return messages_.Text(locale_,
                            MessageKey::Of("what.transaction." + std::string(schemas::Name(status)) + in),
                            {brand,
                             {"kind", Kind(what.kind)},
                             {"amount", Amount()},
                             {"payee", facts_.payee},
                             {"sender", facts_.sender}});
    }
    case EventType::kAccountChange: {
      // What was only asked for is not in effect.
      const bool asked = what.change == schemas::ChangeKind::kPasswordResetRequested;
      return messages_.Text(locale_,
                            asked ? MessageKey("what.account_change.password_reset_requested")
                                  : MessageKey("what.account_change"),
                            {brand, {"change", EventText(locale_, what)}});
    }
    case EventType::kFeedback:
    case EventType::kAccountProfile:
      break;
  }
  const bool confirmed = what.verdict == schemas::FeedbackVerdict::kConfirmedFraud;
  return messages_.Text(
      locale_, confirmed ? MessageKey("what.report.confirmed") : MessageKey("what.report.not_me"), {brand});
}

const std::string& NoticeWords::AppPath() const {
  const SupportConfig& support = facts_.support;
  return locale_ == Locale::kZhCn && !support.app_path_zh.empty() ? support.app_path_zh : support.app_path;
}

const std::string& NoticeWords::SupportName() const {
  const SupportConfig& support = facts_.support;
  return locale_ == Locale::kZhCn && !support.name_zh.empty() ? support.name_zh : support.name;
}

}  // namespace tocsin::alerts
