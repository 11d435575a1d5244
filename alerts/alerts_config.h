// What decides what is told to whom: risk, policy, calm, texts, due times. All of it is configuration.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/setting.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "schemas/alert.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

struct RiskConfig {
  double bias = -6.9;  // Log-odds of an account in trouble before any evidence: one in a thousand.
  // A family's weights together never add more than this.
  double cap_location = 4.0;
  double cap_device = 2.0;
  double cap_credential = 4.5;
  double cap_takeover = 5.0;
  double cap_limit = 2.0;
  double cap_money = 3.0;
  double cap_rarity = 4.0;
  double cap_report = 8.0;
  double medium_at = 0.1;  // Risk from which a finding is at least medium …
  double high_at = 0.4;
  double critical_at = 0.8;
  std::chrono::seconds half_life = std::chrono::hours(24);  // Of a finding's weight in its case.
  static const std::array<Setting<RiskConfig>, 13> kSettings;
};

struct CalmConfig {
  std::chrono::seconds per_reason = std::chrono::hours(24);
  int hour_max = 3;
  int day_max = 10;
  std::string quiet_hours;          // "22:00-08:00" by the owner's clock; "" : none.
  std::string digest_at = "08:00";  // The time of the owner's day for what had no message of its own.
  std::chrono::seconds ticket_batch =
      std::chrono::minutes(10);  // Updates of one ticket are at least this far apart.
  std::chrono::seconds case_idle = std::chrono::hours(72);
  std::chrono::seconds case_max = std::chrono::hours(14 * 24);
  std::chrono::seconds allowed_for = std::chrono::hours(7 * 24);
  static const std::array<Setting<CalmConfig>, 9> kSettings;
};

// One row of the policy table: each question is answered by the first row that matches and answers it.
struct PolicyRow {
  // Match: empty or absent matches all.
  std::string detector;
  std::optional<schemas::Family> family;
  std::optional<schemas::Severity> severity_min;
  double risk_min = 0;
  std::optional<bool> money;  // The finding is about a payment that can still be held, or is not.
  std::vector<std::string> tiers;
  // Answer: absent leaves the question to the next row.
  std::optional<bool> notice;
  std::optional<schemas::Priority> ticket;  // With `no_ticket`: none.
  bool no_ticket = false;
  // All of them are asked for; {kNone} asks for none. hold_transaction is skipped for findings without a
  // payment to hold.
  std::vector<schemas::ActionKind> actions;
};

// Hours in which people work, with holidays and make-up working days.
struct BusinessCalendar {
  std::string timezone = "UTC";
  // Per weekday (0 Sunday – 6 Saturday): opening and closing minute of the day; equal: closed.
  std::array<std::pair<int, int>, 7> hours{};
  std::vector<std::string> holidays;      // "2026-10-01"
  std::vector<std::string> working_days;  // Make-up working days (调休).
  bool always_open = true;                // 24 × 7: the rest is ignored.
};

struct SupportConfig {
  std::string name = "Support";  // Who answers.
  std::string name_zh = "客服中心";
  std::string phone;  // Official channels, printed as text; at least one of phone, app_path, address.
  std::string app_path = "App > Me > Security";
  std::string app_path_zh = "App > 我的 > 安全中心";  // "" is app_path.
  std::string address;                                // Typed, never linked: "help.example.com"
  std::string hours_zh;                               // "周一至周日 00:00–24:00"
  std::string hours_en;
  // Language of tickets: "en", "zh-CN", "both" (one after the other); "" is NoticesConfig::default_locale.
  std::string ticket_locale;
  std::chrono::seconds first_reply = std::chrono::hours(24);  // Counted in the calendar's open hours.
  std::chrono::seconds review = std::chrono::hours(48);
  BusinessCalendar calendar;
};

struct AnswersConfig {
  std::string base_url;  // "https://security.example.com"; "" makes notices without links.
  std::string audience = "tocsin";
  std::string key;  // The secret's bytes (read from a file by daemon/config); never printed.
  std::string key_id = "1";
  std::chrono::seconds ttl = std::chrono::hours(72);
};

struct NoticesConfig {
  std::string brand = "Example Pay";  // How the platform calls itself to its users.
  std::string default_locale = "en";  // For accounts without one: "en" or "zh-CN".
  std::string default_timezone = "UTC";
  bool unverified_contacts = false;  // Send to addresses that are not verified.
};

struct AlertsConfig {
  RiskConfig risk;
  CalmConfig calm;
  std::vector<PolicyRow> policy;  // DefaultPolicy() unless configured.
  SupportConfig support;
  AnswersConfig answers;
  NoticesConfig notices;
};

[[nodiscard]] std::vector<PolicyRow> DefaultPolicy();

// What the rows of kSettings cannot say: zones, locales, dates, hours and the answer page's address and key.
// Every error at once; `field` is the path below `alerts` ("support.calendar.holidays[3]"). A Decider is only
// made of a valid configuration.
[[nodiscard]] std::vector<Error> Validate(const AlertsConfig& config);

}  // namespace tocsin::alerts
