#include "alerts/event_text.h"

#include <initializer_list>

#include "base/text.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::EventType;

namespace {

// The text of an enum's name, "" for an absent one.
template <class E>
std::string Label(Locale locale, std::string_view group, E value) {
  const std::string_view name = schemas::Name(value);
  if (name.empty()) return {};
  return Messages::Instance().Text(locale, MessageKey::Of(std::string(group).append(name)));
}

// What there is of the details.
std::string InBrackets(Locale locale, std::initializer_list<std::string> details) {
  std::string detail;
  for (const std::string& one : details) {
    if (one.empty()) continue;
    if (!detail.empty()) detail += locale == Locale::kZhCn ? "，" : ", ";
    detail += one;
  }
  if (detail.empty()) return {};
  return locale == Locale::kZhCn ? "（" + detail + "）" : " (" + detail + ")";
}

std::string Payee(Locale locale, const TimelineItem& item) {
  const std::string payee = CleanText(item.payee);
  const bool in = item.type == EventType::kTransaction && item.direction == schemas::Direction::kIn;
  return payee.empty()
             ? payee
             : Messages::Instance().Text(locale, in ? MessageKey("event.sender") : MessageKey("event.payee"),
                                         {{"payee", payee}});
}

}  // namespace

std::string EventText(Locale locale, const TimelineItem& item) {
  const Messages& messages = Messages::Instance();
  switch (item.type) {
    case EventType::kLogin: {
      const bool failed = item.outcome == schemas::LoginOutcome::kFailure;
      // A wrong password was a password.
      const bool said = item.failure_reason == schemas::FailureReason::kBadCredentials &&
                        item.method == schemas::LoginMethod::kPassword;
      return messages.Text(locale,
                           failed ? MessageKey("event.login.failure") : MessageKey("event.login.success")) +
             InBrackets(locale, {Label(locale, "event.detail.", item.failure_reason),
                                 said ? std::string() : Label(locale, "event.method.", item.method),
                                 Label(locale, "event.mfa.", item.mfa)});
    }
    case EventType::kTransaction:
      return messages.Text(locale, "event.transaction",
                           {{"kind", Label(locale, "event.kind.", item.kind)},
                            {"status", Label(locale, "event.status.", item.status)}}) +
             InBrackets(locale, {item.direction == schemas::Direction::kIn
                                     ? messages.Text(locale, "event.detail.incoming")
                                     : std::string(),
                                 Label(locale, "event.detail.", item.decline_reason), Payee(locale, item)});
    case EventType::kAccountChange:
      return Label(locale, "event.change.", item.change) + InBrackets(locale, {Payee(locale, item)});
    case EventType::kFeedback:
      return Label(locale, "event.feedback.", item.verdict) +
             InBrackets(locale, {Label(locale, "event.by.", item.by)});
    case EventType::kAccountProfile:
      break;
  }
  return {};
}

std::string NetworkText(Locale locale, const TimelineItem& item) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += locale == Locale::kZhCn ? "，" : ", ";
    text += part;
  };
  if (item.asn != 0) add("AS" + std::to_string(item.asn));
  if (item.network_class != schemas::NetworkClass::kUnknown)
    add(Label(locale, "network.", item.network_class));
  if (item.anonymiser != schemas::Anonymiser::kNone) add(Label(locale, "network.", item.anonymiser));
  return text;
}

schemas::TimelineEntry ToEntry(const TimelineItem& item, bool flagged) {
  schemas::TimelineEntry entry{.at = item.at,
                               .event_id = item.event_id,
                               .what = EventText(Locale::kEn, item),
                               .place = CleanText(item.place),
                               .network = NetworkText(Locale::kEn, item),
                               .device = CleanText(item.device),
                               .flagged = flagged};
  if (item.type == EventType::kTransaction && !item.amount.currency.none()) {
    const size_t space = entry.what.find(' ');
    entry.what.insert(space == std::string::npos ? entry.what.size() : space, " " + FormatMoney(item.amount));
  }
  return entry;
}

}  // namespace tocsin::alerts
