#include "alerts/message_families.h"

#include <optional>
#include <string>
#include <string_view>

#include "alerts/message_key.h"
#include "alerts/notice_facts.h"
#include "alerts/support_matter.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {
namespace {

// Of `nothing` nothing is said.
template <class E>
void Need(std::string_view prefix, std::optional<E> nothing = std::nullopt) {
  for (const auto& [value, name] : schemas::EnumNames<E>()) {
    if (value != nothing) CheckIsKey(std::string(prefix).append(name));
  }
}

}  // namespace

void CheckFamilies() {
  Need("done.", std::optional(schemas::ActionKind::kNone));
  Need("ticket.action.", std::optional(schemas::ActionKind::kNone));
  Need<schemas::Severity>("severity.");
  Need<schemas::TransactionKind>("kind.");
  Need<schemas::TransactionStatus>("what.transaction.");
  Need<schemas::TransactionStatus>("short.status.");
  for (const auto& [status, name] : schemas::EnumNames<schemas::TransactionStatus>()) {
    CheckIsKey(std::string("what.transaction.").append(name).append(".in"));
    CheckIsKey(std::string("short.status.").append(name).append(".in"));
  }
  Need<schemas::TransactionKind>("event.kind.");
  Need<schemas::TransactionStatus>("event.status.");
  Need<schemas::FailureReason>("event.detail.");
  Need<schemas::DeclineReason>("event.detail.");
  Need<schemas::LoginMethod>("event.method.");
  Need<schemas::Mfa>("event.mfa.");
  Need<schemas::ChangeKind>("event.change.");
  Need<schemas::FeedbackVerdict>("event.feedback.");
  Need<schemas::FeedbackBy>("event.by.");
  Need("network.", std::optional(schemas::NetworkClass::kUnknown));
  Need("network.", std::optional(schemas::Anonymiser::kNone));
  for (const std::string_view matter : kSupportMatters) {
    CheckIsKey("ticket.headline." + std::string(matter));
    CheckIsKey("ticket.decision." + std::string(matter));
  }
  for (const std::string_view clock : {"first_reply", "review"}) {
    for (const std::string_view time : {"half", "soon", "over"})
      CheckIsKey("ticket.reminder." + std::string(clock) + "." + std::string(time));
  }
  for (const NoticeTemplate form : kNoticeTemplates) {
    CheckIsKey("subject." + std::string(Name(form)));
    CheckIsKey("short.what." + std::string(Name(form)));
    // No finding asks for a digest.
    if (form != NoticeTemplate::kDigest) CheckIsKey("ticket.headline." + std::string(Name(form)));
  }
}

}  // namespace tocsin::alerts
