#include "daemon/config/sections.h"

#include <algorithm>
#include <set>

#include "daemon/config/config.h"
#include "daemon/config/delivery_sections.h"
#include "daemon/config/exchange_rates.h"
#include "daemon/config/key.h"
#include "daemon/config/overrides.h"
#include "daemon/config/record_reader.h"
#include "detectors/detector_set.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using detectors::Limit;

template <class E>
Result<E, Wrong> ReadEnum(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar && !node.text.empty()) {
    if (const auto value = schemas::FromName<E>(node.text)) return *value;
  }
  std::string allowed;
  for (const auto& entry : schemas::EnumNames<E>()) {
    if (!entry.name.empty()) allowed.append(allowed.empty() ? "" : ", ").append(entry.name);
  }
  return Wrong{"must be one of " + allowed};
}

template <class T, class Read>
std::vector<T> ReadEach(RecordReader& record, std::string_view name, const Complain& complain,
                        const Read& read) {
  std::vector<T> all;
  const YamlNode* node = record.Find(name);
  if (node == nullptr) return all;
  for (const YamlNode* item : ReadList(*node, record.path() + "." + std::string(name), complain)) {
    auto value = read(*item);
    if (value) {
      all.push_back(*std::move(value));
    } else {
      complain(*item, record.path() + "." + std::string(name), value.error().text);
    }
  }
  return all;
}

Result<Money, Wrong> ReadMoney(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar) {
    if (Result<Money> money = ParseMoney(node.text); money && money->minor >= 0) return *money;
  }
  return Wrong{"must be a currency and an amount, as CNY 5000.00"};
}

Result<double, Wrong> ReadWeight(const YamlNode& node) {
  Result<double, Wrong> number = ReadNumber(node);
  if (number && *number >= 0 && *number <= 10) return number;
  return Wrong{"must be a number from 0 to 10 (log-odds)"};
}

Result<double, Wrong> ReadShare(const YamlNode& node) {
  Result<double, Wrong> number = ReadNumber(node);
  if (number && *number >= 0 && *number <= 1) return number;
  return Wrong{"must be a number from 0 to 1"};
}

// "24h" rolls; "day" and the like follow the account's calendar.
bool ReadWindow(const YamlNode& node, Limit& limit, std::string& wrong) {
  const std::pair<std::string_view, CalendarUnit> units[] = {{"day", CalendarUnit::kDay},
                                                             {"week", CalendarUnit::kWeek},
                                                             {"month", CalendarUnit::kMonth},
                                                             {"year", CalendarUnit::kYear}};
  for (const auto& [name, unit] : units) {
    if (node.kind == YamlNode::Kind::kScalar && node.text == name) {
      limit.window = Limit::Window::kCalendar;
      limit.unit = unit;
      return true;
    }
  }
  const Result<std::chrono::seconds, Wrong> rolling = ReadDuration(node);
  if (!rolling || rolling->count() < 60 || *rolling > std::chrono::hours(24)) {
    wrong =
        "must be day, week, month, year, or a time from 1m to 24h (longer windows are calendar windows, "
        "which are exact)";
    return false;
  }
  limit.window = Limit::Window::kRolling;
  limit.rolling = *rolling;
  return true;
}

void ReadLimits(const YamlNode& node, const std::string& path, const Complain& complain, Config& config) {
  std::set<std::string> names;
  auto& limits = config.rules.limits.limits;
  limits.clear();
  for (const YamlNode* item : ReadList(node, path, complain)) {
    RecordReader record(*item, path + "[" + std::to_string(limits.size()) + "]", complain);
    Limit limit;
    if (!record.Take("name", ReadText, limit.name) || limit.name.empty())
      record.Wrong("name", "every limit needs a name");
    if (!names.insert(limit.name).second) record.Wrong("name", "is there twice");
    limit.kinds =
        ReadEach<schemas::TransactionKind>(record, "kinds", complain, ReadEnum<schemas::TransactionKind>);
    schemas::Direction direction{};
    if (record.Take("direction", ReadEnum<schemas::Direction>, direction)) limit.direction = direction;
    bool cross_border = false;
    if (record.Take("cross_border", ReadBoolean, cross_border)) limit.cross_border = cross_border;
    record.Take("tenant", ReadText, limit.tenant);
    limit.tiers = ReadEach<std::string>(record, "tiers", complain, ReadText);
    if (const YamlNode* window = record.Find("window")) {
      std::string wrong;
      if (!ReadWindow(*window, limit, wrong)) record.Wrong("window", wrong);
    }
    Money max;
    if (record.Take("max", ReadMoney, max)) limit.max = max;
    Money min;
    if (record.Take("min", ReadMoney, min)) limit.min = min;
    int64_t count = 0;
    if (record.Take("max_count", ReadInteger, count)) {
      limit.max_count = count;
      if (count < 1) record.Wrong("max_count", "must be 1 or more");
    }
    record.Take("warn_at", ReadShare, limit.warn_at);
    double weight = 0;
    if (record.Take("weight", ReadWeight, weight)) limit.weight = weight;
    if (!limit.max && !limit.max_count)
      record.Wrong("max", "a limit needs max (as CNY 5000.00) or max_count");
    if (limit.max_count && limit.window == Limit::Window::kTransaction)
      record.Wrong("max_count", "needs a window");
    record.Close();
    limits.push_back(std::move(limit));
  }
  if (limits.size() > 64) complain(node, path, "more than 64 limits");
}

Result<std::optional<schemas::Priority>, Wrong> ReadTicket(const YamlNode& node) {
  if (node.text == "none") return std::optional<schemas::Priority>();
  const auto priority = ReadEnum<schemas::Priority>(node);
  if (!priority) return Wrong{priority.error().text + ", none"};
  return std::optional<schemas::Priority>(*priority);
}

void ReadPolicy(const YamlNode& node, const std::string& path, const Complain& complain, Config& config) {
  auto& rows = config.rules.alerts.policy;
  rows.clear();
  for (const YamlNode* item : ReadList(node, path, complain)) {
    RecordReader record(*item, path + "[" + std::to_string(rows.size()) + "]", complain);
    alerts::PolicyRow row;
    if (record.Take("detector", ReadText, row.detector)) {
      const auto catalogue = detectors::Catalogue();
      const bool known = std::any_of(catalogue.begin(), catalogue.end(),
                                     [&](const auto& info) { return info.id == row.detector; });
      if (!known) record.Wrong("detector", "there is no such detector (tocsin detectors list)");
    }
    schemas::Family family{};
    if (record.Take("family", ReadEnum<schemas::Family>, family)) row.family = family;
    schemas::Severity severity{};
    if (record.Take("severity_min", ReadEnum<schemas::Severity>, severity)) row.severity_min = severity;
    record.Take("risk_min", ReadShare, row.risk_min);
    row.tiers = ReadEach<std::string>(record, "tiers", complain, ReadText);
    bool notice = false;
    if (record.Take("notice", ReadBoolean, notice)) row.notice = notice;
    std::optional<schemas::Priority> ticket;
    if (record.Take("ticket", ReadTicket, ticket)) {
      row.ticket = ticket;
      row.no_ticket = !ticket.has_value();
    }
    row.actions = ReadEach<schemas::ActionKind>(record, "actions", complain, ReadEnum<schemas::ActionKind>);
    bool money = false;
    if (record.Take("money", ReadBoolean, money)) row.money = money;
    if (!row.notice && !row.ticket && !row.no_ticket && row.actions.empty()) {
      complain(*item, record.path(), "answers nothing: give notice, ticket or actions");
    }
    record.Close();
    rows.push_back(std::move(row));
  }
}

// "09:00-18:00" as minutes of the day.
Result<std::pair<int, int>, Wrong> ReadHours(const YamlNode& node) {
  const std::string& text = node.text;
  const auto two = [&](size_t at) {
    const bool digits =
        text.size() == 11 && text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
    return digits ? (text[at] - '0') * 10 + (text[at + 1] - '0') : -1;
  };
  if (text.size() == 11 && text[2] == ':' && text[5] == '-' && text[8] == ':') {
    const int from = two(0) * 60 + two(3);
    const int to = two(6) * 60 + two(9);
    const bool good = two(0) >= 0 && two(3) >= 0 && two(3) < 60 && two(6) >= 0 && two(9) >= 0 && two(9) < 60;
    if (good && from < to && to <= 24 * 60) return std::pair(from, to);
  }
  if (text == "closed") return std::pair(0, 0);
  return Wrong{"must be hours as 09:00-18:00, or closed"};
}

void ReadCalendar(const YamlNode& node, const std::string& path, const Complain& complain, Config& config) {
  constexpr std::string_view kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday"};
  alerts::BusinessCalendar calendar;
  RecordReader record(node, path, complain);
  record.Take("always_open", ReadBoolean, calendar.always_open);
  if (record.Take("timezone", ReadText, calendar.timezone) && !TimeZone::Find(calendar.timezone)) {
    record.Wrong("timezone", "is not a time zone (as Asia/Shanghai)");
  }
  bool any = false;
  bool told = false;  // When they are there.
  for (size_t day = 0; day < 7; ++day) {
    told = record.Take(kDays[day], ReadHours, calendar.hours[day]) || told;
    any = any || calendar.hours[day].first != calendar.hours[day].second;
  }
  calendar.holidays = ReadEach<std::string>(record, "holidays", complain, ReadDate);
  calendar.working_days = ReadEach<std::string>(record, "working_days", complain, ReadDate);
  told = told || !calendar.holidays.empty() || !calendar.working_days.empty();
  if (calendar.always_open && told)
    complain(node, path,
             "is always open, so that its hours and days count for nothing: write always_open: false");
  if (!calendar.always_open && !any) complain(node, path, "is never open: give hours, or always_open: true");
  record.Close();
  config.rules.alerts.support.calendar = std::move(calendar);
}

std::string PolicyDefaults(const Config& config) {
  std::string out;
  for (const alerts::PolicyRow& row : config.rules.alerts.policy) {
    std::string members;
    const auto add = [&](std::string_view name, std::string_view value) {
      members.append(members.empty() ? "" : ", ").append(name).append(": ").append(value);
    };
    if (!row.detector.empty()) add("detector", row.detector);
    if (row.family) add("family", schemas::Name(*row.family));
    if (row.severity_min) add("severity_min", schemas::Name(*row.severity_min));
    if (row.risk_min > 0) add("risk_min", NumberText(row.risk_min));
    std::string tiers;
    for (const std::string& tier : row.tiers)
      tiers.append(tiers.empty() ? "" : ", ").append(QuotedText(tier));
    if (!row.tiers.empty()) add("tiers", "[" + tiers + "]");
    if (row.notice) add("notice", *row.notice ? "true" : "false");
    if (row.ticket) add("ticket", schemas::Name(*row.ticket));
    if (row.no_ticket) add("ticket", "none");
    if (row.money) add("money", *row.money ? "true" : "false");
    std::string actions;
    for (const auto action : row.actions)
      actions.append(actions.empty() ? "" : ", ").append(schemas::Name(action));
    if (!row.actions.empty()) add("actions", "[" + actions + "]");
    out.append("\n  - {").append(members).append("}");
  }
  return out.empty() ? " []" : out;
}

}  // namespace

const std::vector<Section>& Sections() {
  static const std::vector<Section> sections = [] {
    std::vector<Section> all = {
        {.path = "limits",
         .doc = "Declared limits, exact for every transaction. Example: "
                "{name: daily-out, direction: out, window: 24h, max: CNY 200000.00, warn_at: 0.8}; tenant "
                "and tiers say whom it is for",
         .read = ReadLimits,
         .defaults = [](const Config&) { return std::string(" []"); },
         .schema =
             R"({"type":"array","maxItems":64,"items":{"type":"object","additionalProperties":false,"required":["name"],)"
             R"("properties":{"name":{"type":"string"},"kinds":{"type":"array","items":{"type":"string"}},)"
             R"("direction":{"enum":["out","in"]},"cross_border":{"type":"boolean"},)"
             R"("tenant":{"type":"string"},"tiers":{"type":"array","items":{"type":"string"}},"window":{"type":"string"},"max":{"type":"string"},"min":{"type":"string"},)"
             R"("max_count":{"type":"integer","minimum":1},"warn_at":{"type":"number","minimum":0,"maximum":1},)"
             R"("weight":{"type":"number","minimum":0,"maximum":10}}}})"},
        {.path = "exchange_rates",
         .doc = "Rates for limits in another currency. Example: {from: USD, to: CNY, rate: 7.12, as_of: "
                "2026-03-01}",
         .read = ReadRates,
         .defaults = [](const Config&) { return std::string(" []"); },
         .schema =
             R"({"type":"array","items":{"type":"object","additionalProperties":false,"required":["from","to","rate","as_of"],)"
             R"("properties":{"from":{"type":"string"},"to":{"type":"string"},"rate":{"type":["number","string"]},)"
             R"("as_of":{"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}}})"},
        {.path = "overrides",
         .doc =
             "Other settings of detectors for a tenant, for tiers, or for both; the first row that matches "
             "an account applies. Example: {tenant: eu, tiers: [business], detectors: {new_device: "
             "{mode: shadow}}}",
         .read = ReadOverrides,
         .defaults = [](const Config&) { return std::string(" []"); },
         .schema =
             R"({"type":"array","maxItems":32,"items":{"type":"object","additionalProperties":false,"required":["detectors"],)"
             R"("properties":{"tenant":{"type":"string"},"tiers":{"type":"array","items":{"type":"string"}},)"
             R"("detectors":{"type":"object","additionalProperties":{"type":"object"}}}}})"},
        {.path = "policy",
         .doc = "What follows from a finding: the first row that matches answers each question (notice, "
                "ticket, actions).",
         .read = ReadPolicy,
         .defaults = PolicyDefaults,
         .schema =
             R"({"type":"array","items":{"type":"object","additionalProperties":false,"properties":{)"
             R"("detector":{"type":"string"},"family":{"type":"string"},"severity_min":{"type":"string"},)"
             R"("risk_min":{"type":"number","minimum":0,"maximum":1},"tiers":{"type":"array","items":{"type":"string"}},)"
             R"("notice":{"type":"boolean"},"ticket":{"enum":["P1","P2","P3","P4","none"]},"money":{"type":"boolean"},)"
             R"("actions":{"type":"array","items":{"type":"string"}}}}})"},
        {.path = "support.calendar",
         .doc = "When people work; due times count open hours. Example: {always_open: false, timezone: "
                "Asia/Shanghai, "
                "monday: 09:00-18:00, holidays: [2026-10-01], working_days: [2026-10-10]}",
         .read = ReadCalendar,
         .defaults = [](const Config&) { return std::string(" {always_open: true}"); },
         .schema = R"({"type":"object"})"},
    };
    for (const Section& section : DeliverySections()) all.push_back(section);
    return all;
  }();
  return sections;
}

}  // namespace tocsin::daemon
