#include "daemon/config/key_builder.h"

namespace tocsin::daemon {

using std::chrono::seconds;

void AddAlertKeys(KeyBuilder& b) {
  using alerts::AlertsConfig;
  const auto of = [](Config& c) -> AlertsConfig& { return c.rules.alerts; };
  AddTable<alerts::RiskConfig>(b.keys, "risk.", alerts::RiskConfig::kSettings,
                               [of](Config& c) -> alerts::RiskConfig& { return of(c).risk; });
  AddTable<alerts::CalmConfig>(b.keys, "calm.", alerts::CalmConfig::kSettings,
                               [of](Config& c) -> alerts::CalmConfig& { return of(c).calm; });
  const auto support = [&](const char* name, std::string alerts::SupportConfig::*member, const char* doc) {
    b.Add<std::string>(
        std::string("support.") + name,
        [of, member](Config& c) -> std::string& { return of(c).support.*member; }, doc);
  };
  support("name", &alerts::SupportConfig::name, "Who answers, as owners know it.");
  support("name_zh", &alerts::SupportConfig::name_zh, "The same in Chinese.");
  support("phone", &alerts::SupportConfig::phone, "Official telephone number, printed in every notice.");
  support("app_path", &alerts::SupportConfig::app_path,
          "Where to find support in the app: \"Me > Security\".");
  support("app_path_zh", &alerts::SupportConfig::app_path_zh, "The same in Chinese; empty: as app_path.");
  support("address", &alerts::SupportConfig::address,
          "Official address that people type themselves; never a link.");
  support("hours_zh", &alerts::SupportConfig::hours_zh, "When support answers, in Chinese.");
  support("hours_en", &alerts::SupportConfig::hours_en, "When support answers, in English.");
  b.Choice<std::string>(
      "support.ticket_locale", [of](Config& c) -> std::string& { return of(c).support.ticket_locale; },
      {{"default", ""}, {"en", "en"}, {"zh-CN", "zh-CN"}, {"both", "both"}},
      "Language of tickets; default: notices.default_locale; both: one after the other.");
  const auto clock = [&](const char* name, seconds alerts::SupportConfig::*member, const char* doc) {
    b.Add<seconds>(
        std::string("support.") + name, [of, member](Config& c) -> seconds& { return of(c).support.*member; },
        doc, 60, 30 * 86'400);
  };
  clock("first_reply", &alerts::SupportConfig::first_reply, "A person answers a ticket within this time.");
  clock("review", &alerts::SupportConfig::review, "A person reviews a freeze within this time.");

  const auto answers = [of](Config& c) -> alerts::AnswersConfig& { return of(c).answers; };
  b.Url(
      "answers.base_url", [answers](Config& c) -> std::string& { return answers(c).base_url; },
      "Begin of the links of \"was this you?\"; empty: notices have no links.");
  b.Add<std::string>(
      "answers.audience", [answers](Config& c) -> std::string& { return answers(c).audience; },
      "Bound into each link: a link of another system is refused.");
  b.Secret(
      "answers.key", [answers](Config& c) -> std::string& { return answers(c).key; },
      "Key that signs the links, 32 bytes or more.");
  b.Add<std::string>(
      "answers.key_id", [answers](Config& c) -> std::string& { return answers(c).key_id; },
      "Names the key in a link, so that keys can be changed.");
  b.Add<seconds>(
      "answers.ttl", [answers](Config& c) -> seconds& { return answers(c).ttl; }, "How long a link is good.",
      3600, 30 * 86'400);

  const auto notices = [of](Config& c) -> alerts::NoticesConfig& { return of(c).notices; };
  b.Add<std::string>(
      "notices.brand", [notices](Config& c) -> std::string& { return notices(c).brand; },
      "How the platform calls itself to its users.");
  b.Choice<std::string>(
      "notices.default_locale", [notices](Config& c) -> std::string& { return notices(c).default_locale; },
      {{"en", "en"}, {"zh-CN", "zh-CN"}}, "Language for owners whose own is not known.");
  b.Add<std::string>(
      "notices.default_timezone",
      [notices](Config& c) -> std::string& { return notices(c).default_timezone; },
      "Time zone for owners whose own is not known (IANA name).");
  b.Add<bool>(
      "notices.unverified_contacts", [notices](Config& c) -> bool& { return notices(c).unverified_contacts; },
      "Also send to addresses that are not verified.");
}
}  // namespace tocsin::daemon
