#include <optional>
#include <string>
#include <string_view>

#include "alerts/alerts_config.h"
#include "alerts/business_calendar.h"
#include "alerts/owners_day.h"
#include "base/time_zone.h"
#include "base/url_target.h"

namespace tocsin::alerts {
namespace {

constexpr size_t kKeyBytesMin = 32;

bool IsLocale(std::string_view locale) { return locale == "en" || locale == "zh-CN"; }

// "https://host[:port][/path]" without anything that would need escaping behind it; http only on loopback,
// for trying.
bool IsBaseUrl(std::string_view url) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/";
  const std::optional<UrlTarget> target = ParseUrlTarget(url);
  if (!target || target->rest.find_first_not_of(kAllowed) != std::string_view::npos) return false;
  return target->scheme == "https" || (target->scheme == "http" && IsLoopbackHost(target->host));
}

}  // namespace

std::vector<Error> Validate(const AlertsConfig& config) {
  std::vector<Error> errors;
  const auto wrong = [&errors](std::string field, std::string detail) {
    errors.push_back({ErrorCode::kInvalid, std::move(field), std::move(detail)});
  };

  const RiskConfig& risk = config.risk;
  if (risk.medium_at > risk.high_at || risk.high_at > risk.critical_at) {
    wrong("risk.medium_at", "medium_at, high_at and critical_at must not fall");
  }
  if (config.calm.case_idle > config.calm.case_max) wrong("calm.case_idle", "longer than case_max");

  if (const Result<CalmHours> hours = ReadCalmHours(config.calm); !hours)
    wrong("calm." + hours.error().field, hours.error().detail);

  for (size_t i = 0; i < config.policy.size(); ++i) {
    const PolicyRow& row = config.policy[i];
    const std::string field = "policy[" + std::to_string(i) + "]";
    if (row.ticket && row.no_ticket) wrong(field + ".ticket", "a row either opens a ticket or does not");
    if (row.risk_min < 0 || row.risk_min > 1) wrong(field + ".risk_min", "a risk lies between 0 and 1");
    for (const schemas::ActionKind action : row.actions) {
      if (action == schemas::ActionKind::kNone && row.actions.size() > 1)
        wrong(field + ".actions", "none stands alone");
    }
  }

  const SupportConfig& support = config.support;
  if (support.phone.empty() && support.app_path.empty() && support.address.empty()) {
    wrong("support", "at least one of phone, app_path and address: an owner must be able to reach a person");
  }
  if (!support.ticket_locale.empty() && support.ticket_locale != "both" && !IsLocale(support.ticket_locale)) {
    wrong("support.ticket_locale", "en, zh-CN or both");
  }
  if (support.first_reply.count() <= 0) wrong("support.first_reply", "must be above zero");
  if (support.review.count() <= 0) wrong("support.review", "must be above zero");
  if (const auto clock = BusinessClock::Make(support.calendar); !clock) {
    wrong("support.calendar." + clock.error().field, clock.error().detail);
  }

  const AnswersConfig& answers = config.answers;
  if (!answers.base_url.empty()) {
    if (!IsBaseUrl(answers.base_url))
      wrong("answers.base_url", "an address like https://security.example.com; http only on loopback");
    if (answers.key.size() < kKeyBytesMin)
      wrong("answers.key", "at least 32 bytes, as the links are signed with it");
    if (answers.audience.empty() || answers.audience.size() > 64)
      wrong("answers.audience", "1 to 64 characters");
    if (answers.key_id.empty() || answers.key_id.size() > 32) wrong("answers.key_id", "1 to 32 characters");
    if (answers.ttl.count() <= 0) wrong("answers.ttl", "must be above zero");
  }

  if (!IsLocale(config.notices.default_locale)) wrong("notices.default_locale", "en or zh-CN");
  if (!TimeZone::Find(config.notices.default_timezone)) {
    wrong("notices.default_timezone", "not an IANA zone like Asia/Shanghai, nor an offset like +08:00");
  }
  if (config.notices.brand.empty()) wrong("notices.brand", "how the platform calls itself to its users");
  return errors;
}

}  // namespace tocsin::alerts
