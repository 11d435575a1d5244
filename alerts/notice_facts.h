// Everything a notice may say, before it has a language: cleaned, masked, and nothing else. What is not in
// here cannot get into a notice.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "alerts/money_tally.h"
#include "alerts/payment_fact.h"
#include "alerts/timeline.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "schemas/alert.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// What a notice is about; one form of message each.
enum class NoticeTemplate : uint8_t {
  kLoginNew,
  kLoginSuspicious,
  kTakeover,
  kMoney,
  kLimitApproach,
  kReported,
  kDigest
};
inline constexpr NoticeTemplate kNoticeTemplates[] = {
    NoticeTemplate::kLoginNew, NoticeTemplate::kLoginSuspicious, NoticeTemplate::kTakeover,
    NoticeTemplate::kMoney,    NoticeTemplate::kLimitApproach,   NoticeTemplate::kReported,
    NoticeTemplate::kDigest,
};

// "login_new", "login_suspicious", "takeover", "money", "limit_approach", "reported", "digest".
[[nodiscard]] std::string_view Name(NoticeTemplate form);
[[nodiscard]] std::optional<NoticeTemplate> TemplateFromName(std::string_view name);
// By the code of the leading reason; an unknown code by its detector's family.
[[nodiscard]] NoticeTemplate TemplateOf(std::string_view reason, schemas::Family family);

struct NoticeFacts {
  std::string brand;
  std::string display_name;  // Cleaned; "" unknown.
  std::string account;       // Masked.
  std::string reference;
  schemas::Severity severity = schemas::Severity::kMedium;
  TimelineItem what;   // The event; its texts cleaned.
  TimeZone zone;       // The owner's.
  std::string ip;      // Masked; "" none, or not public.
  std::string payee;   // To whom money went. Masked; "" none.
  std::string sender;  // From whom it came, likewise.

  // The notice is about the word of a person that it was somebody else: nobody takes it back by a link.
  [[nodiscard]] bool IsReport() const {
    return IsOwnersReport() || (what.type == schemas::EventType::kFeedback &&
                                what.verdict == schemas::FeedbackVerdict::kConfirmedFraud);
  }
  // … of the owner.
  [[nodiscard]] bool IsOwnersReport() const {
    return what.type == schemas::EventType::kFeedback && what.verdict == schemas::FeedbackVerdict::kNotMe;
  }

  struct Reason {
    std::string code;
    std::string observed;  // Cleaned.
    std::string usual;
    Timestamp at = kTimestampMin;  // In a digest: when, and how often.
    uint32_t times = 1;
    std::optional<PaymentFact> payment = std::nullopt;  // In a digest: that it is about.
  };
  std::vector<Reason> reasons;  // The leading one first.

  struct Done {
    schemas::ActionKind action = schemas::ActionKind::kNone;
    Timestamp until;
    uint32_t others = 0;  // Of payments held: so many besides the one that the notice is about; 0: that one.
  };
  std::vector<Done> done;   // What the event led to, and what restricts the owner besides.
  bool frozen = false;      // The platform says that the account is frozen.
  bool restricted = false;  // Something of this keeps the owner from the account or their money.

  // Never a time that is past when the owner reads it.
  bool has_ticket = false;             // A person looks at it …
  std::optional<Timestamp> reply_by;   // … and replies by then.
  std::optional<Timestamp> review_by;  // What is restricted is reviewed by a person by then.
  std::chrono::seconds first_reply{};  // After a "not me".
  bool office_hours = false;           // … counted in office hours.
  std::string link_me;                 // "" without an answer page.
  std::string link_not_me;
  Timestamp links_until;
  uint32_t held = 0;  // In a digest: what has no place in it.
  Tally left;         // What left, or is on its way, of all that a digest tells; elsewhere of what was held.
  NotListed not_listed;
  SupportConfig support;
};

}  // namespace tocsin::alerts
