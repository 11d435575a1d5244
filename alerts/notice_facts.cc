#include "alerts/notice_facts.h"

#include <array>

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

}  // namespace tocsin::alerts
